package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
)

// discussed takes a notification of a comments or attachments node; it reports
// whether the node is one of these.
func (b *Bridge) discussed(ctx context.Context, service string, ev stanza.Event) bool {
	var err error
	switch {
	case strings.HasPrefix(ev.Node, commentsPrefix):
		err = b.commented(ctx, service, ev)
	case strings.HasPrefix(ev.Node, stanza.NSAttachments+"/"):
		err = b.attachedEvent(ctx, service, ev)
	default:
		return false
	}
	if err != nil {
		b.logger(ctx).Warn("comment not taken yet, will look again", "node", ev.Node, "err", err)
		if t, terr := b.db.ThreadByNode(ctx, service, ev.Node); terr == nil {
			b.soon(ctx, threadJob(t.ID, b.nowMS()+5000))
		}
	}
	return true
}

// commented reads announced comments as a stranger, as posts are, but who wrote
// them is what the announcement says: Prosody 0.12 tells it nowhere else.
func (b *Bridge) commented(ctx context.Context, service string, ev stanza.Event) error {
	t, err := b.db.ThreadByNode(ctx, service, ev.Node)
	if err != nil {
		return ignoreNotFound(err)
	}
	if ev.Purged || ev.Deleted {
		b.soon(ctx, db.Job{Kind: kindThreadGone, Key: threadJob(t.ID, 0).Key, Due: b.nowMS() + b.cfg.RetractHold.Milliseconds()})
	}
	for _, item := range ev.Retracted {
		b.soon(ctx, threadItemJob(kindUncomment, t.ID, item, b.nowMS()+b.cfg.RetractHold.Milliseconds()))
	}
	publisher, announced := map[string]string{}, map[string]string{}
	var ids []string
	for _, it := range ev.Items {
		if bareOf(it.Publisher) != "" && mustJID(it.Publisher).Domain == b.cfg.Component {
			continue // our own word
		}
		publisher[it.ID] = it.Publisher
		if it.Payload != nil {
			announced[it.ID] = payloadHash(it.Payload)
		} else {
			b.rumoured(&t, it.ID, it.Publisher)
		}
		ids = append(ids, it.ID)
	}
	if len(ev.Items) == 0 {
		return nil
	}
	oldest, err := b.db.OldestInThread(ctx, t.ID, trimProbe) // ours push out others, too
	if err != nil || len(ids)+len(oldest) == 0 {
		return err
	}
	asked := ids
	for _, p := range oldest {
		if !slices.Contains(asked, p.Item) {
			asked = append(asked, p.Item)
		}
	}
	items, found, err := b.strangerReads(ctx, t.Service, t.Node, asked)
	if err != nil || !found {
		return err
	}
	for _, p := range oldest { // see noteTrimmed
		gone := !slices.ContainsFunc(items, func(it stanza.Item) bool { return it.ID == p.Item })
		if _, err := b.db.JobByKey(ctx, kindUncomment, threadItemKey(t.ID, p.Item)); gone && errors.Is(err, db.ErrNotFound) {
			if err := b.db.SetOnNode(ctx, p.ID, false); err != nil {
				return err
			}
		}
	}
	for _, it := range items {
		by, ok := publisher[it.ID]
		if !ok || it.Payload == nil {
			continue
		}
		if it.Publisher == "" && by != "" {
			switch announced[it.ID] {
			case payloadHash(it.Payload):
				it.Publisher = by
			case "":
				b.soon(ctx, threadItemJob(kindHeard, t.ID, it.ID, b.nowMS()))
				continue
			default:
				continue // changed since: whoever did that is announced, too
			}
		}
		if err := b.comment(ctx, &t, it, true); err != nil {
			return err
		}
	}
	return nil
}
