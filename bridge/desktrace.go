package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"isthmus/component/stanza"
	"isthmus/control"
	"isthmus/db"
	"isthmus/mapping"
)

// mostTraced bounds what a trace lists of one kind.
const mostTraced = 50

// Trace follows what is meant by an address, of ours or not, or by the id of an item.
func (b desk) Trace(ctx context.Context, what string) (control.Trace, error) {
	what = strings.TrimSpace(what)
	post, err := b.postMeant(ctx, what)
	if err == nil {
		return b.tracePost(ctx, post)
	}
	if !errors.Is(err, db.ErrNotFound) {
		return control.Trace{}, err
	}
	note, err := b.db.NoteByObject(ctx, what)
	if errors.Is(err, db.ErrNotFound) {
		note, err = b.noteMeant(ctx, what)
	}
	if err == nil {
		return b.traceNote(ctx, note)
	}
	if !errors.Is(err, db.ErrNotFound) {
		return control.Trace{}, err
	}
	return b.traceActivity(ctx, what)
}

// postMeant finds a post of ours by its page, its id, an activity about it, an xmpp:
// address, or the id of its item.
func (b desk) postMeant(ctx context.Context, what string) (db.Post, error) {
	if kind, token, ours := b.addr.TokenOf(what); ours {
		switch kind {
		case mapping.KindPost, mapping.KindPostPage:
			return b.db.PostByToken(ctx, token)
		case mapping.KindActivity:
			a, err := b.db.ActivityByToken(ctx, token)
			if err != nil {
				return db.Post{}, err
			}
			return b.db.PostByID(ctx, a.PostID)
		}
		return db.Post{}, db.ErrNotFound
	}
	if uri, err := stanza.ParseURI(what); err == nil && uri.Item() != "" {
		service := uri.JID.Bare().Fold().String()
		if blog, err := b.db.BlogByNode(ctx, service, uri.Node()); err == nil {
			return b.db.PostByItem(ctx, blog.ID, uri.Item())
		}
		return b.db.PostAt(ctx, service, uri.Node(), uri.Item())
	}
	return b.db.NewestPost(ctx, what)
}

// noteMeant finds a comment from elsewhere by where it stands in XMPP.
func (b desk) noteMeant(ctx context.Context, what string) (db.Note, error) {
	if uri, err := stanza.ParseURI(what); err == nil && uri.Item() != "" {
		return b.db.NoteAt(ctx, uri.JID.Bare().Fold().String(), uri.Node(), uri.Item())
	}
	return b.db.NoteByItem(ctx, what)
}

func (b desk) tracePost(ctx context.Context, post db.Post) (control.Trace, error) {
	blog, err := b.db.BlogByID(ctx, post.BlogID)
	if err != nil {
		return control.Trace{}, err
	}
	service, node := blog.JID, blog.Node
	t := control.Trace{What: "a post of " + b.addr.Acct(blog.Handle)}
	if post.Service != "" {
		service, node, t.What = post.Service, post.Node, "a comment by "+b.addr.Acct(blog.Handle)
	}
	t.Hops = append(t.Hops, b.onNode(ctx, service, node, post.Item))
	taken := control.Hop{At: msTime(post.Seen), Where: "gateway", State: "ok", Seen: "taken, and public as " + b.addr.Post(post.Token), Body: redacted(post.Object)}
	switch {
	case post.Home:
		taken.Seen, taken.State = "it stays home: not the words of its owner, or from before they turned federation on", "failed"
	case post.Deleted != 0:
		taken.Seen = "deleted " + stamp(post.Deleted)
	case blog.Gate != db.GateOpen || blog.State != db.On:
		taken.Seen, taken.State = fmt.Sprintf("kept back: the blog is %s. %s", Condition(blog), Reason(blog, b.cfg)), "waits"
	}
	t.Hops = append(t.Hops, taken)
	activities, err := b.db.ActivitiesOf(ctx, post.ID)
	if err != nil {
		return t, err
	}
	for _, a := range activities {
		t.Hops = append(t.Hops, control.Hop{At: msTime(a.Created), Where: "gateway", State: "ok", Seen: a.Type + " " + b.addr.Activity(a.Token), Body: redacted(a.Body)})
		hops, err := b.traceDeliveries(ctx, &blog, a)
		if err != nil {
			return t, err
		}
		t.Hops = append(t.Hops, hops...)
	}
	notes, err := b.db.NotesOnPost(ctx, post.ID, mostTraced)
	for _, n := range notes {
		t.Hops = append(t.Hops, b.noteHop(ctx, n))
	}
	return t, err
}

// onNode looks at an item as a stranger, which is what the gateway may publish.
func (b desk) onNode(ctx context.Context, service, node, item string) control.Hop {
	h := control.Hop{Where: "XMPP, " + service + " " + node, State: "ok"}
	items, found, err := b.strangerReads(ctx, service, node, []string{item})
	switch {
	case err != nil:
		h.State, h.Seen = "failed", "the server does not answer: "+err.Error()
	case !found:
		h.State, h.Seen = "failed", "strangers may not read the node"
	case len(items) == 0 || items[0].Payload == nil:
		h.State, h.Seen = "failed", "item "+item+" is not there (any more)"
	default:
		h.Seen, h.Body = "strangers can read item "+item, items[0].Payload.XML()
	}
	return h
}

func (b desk) traceDeliveries(ctx context.Context, blog *db.Blog, a db.Activity) (hops []control.Hop, err error) {
	list, err := b.db.DeliveriesOf(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		followers, err := b.db.FollowerCount(ctx, blog.ID, followerAccepted)
		return []control.Hop{{Where: "other servers", State: "ok", Seen: fmt.Sprintf("nothing of it waits: every inbox took it, refused it, or there was none (%d followers now)", followers)}}, err
	}
	for _, d := range list {
		waiting, err := b.db.RetriesOf(ctx, d.ID, mostTraced)
		if err != nil {
			return nil, err
		}
		if len(waiting) == 0 {
			hops = append(hops, control.Hop{At: msTime(d.Created), Where: "other servers", State: "waits", Seen: "on its way to the followers"})
		}
		for _, r := range waiting {
			seen := fmt.Sprintf("%s: tried %d times", r.Target.Inbox, r.Tries)
			switch {
			case r.Due == db.WaitHost:
				seen += ", waits until the server is tried again"
			case r.Due == db.WaitLane:
				seen += ", waits for an earlier one to the same inbox"
			default:
				seen += ", next " + msTime(r.Due).Format(time.DateTime)
			}
			if h, err := b.db.Host(ctx, r.Target.Host); err == nil && h.LastError != "" {
				seen += "; last answer: " + h.LastError
			}
			hops = append(hops, control.Hop{At: msTime(d.Created), Where: r.Target.Host, State: "waits", Seen: seen})
		}
	}
	return hops, nil
}

func (b desk) traceNote(ctx context.Context, note db.Note) (control.Trace, error) {
	t := control.Trace{What: "a post by " + b.nameOf(ctx, note.Actor)}
	h := control.Hop{At: msTime(note.Seen), Where: hostOf(note.Actor), State: "ok", Seen: note.Visibility + " " + note.Type + " " + note.Object}
	if isPublic(note.Visibility) {
		h.Body = redacted(note.Doc)
	}
	if note.ReplyTo != "" {
		h.Seen += ", in reply to " + note.ReplyTo
	}
	if note.Deleted != 0 {
		h.Seen += ", deleted " + stamp(note.Deleted)
	}
	t.Hops = append(t.Hops, h, b.noteHop(ctx, note))
	if note.Service != "" && note.Deleted == 0 {
		t.Hops = append(t.Hops, b.onNode(ctx, note.Service, note.Node, note.Item))
	}
	return t, nil
}

// noteHop says where somebody's post stands in XMPP, or why it does not.
func (b desk) noteHop(ctx context.Context, n db.Note) control.Hop {
	h := control.Hop{At: msTime(n.Seen), Where: "comment by " + b.nameOf(ctx, n.Actor), State: "ok"}
	switch {
	case n.Message != "":
		h.Seen = "it went to the blogger as a message: " + n.Object
	case n.Service == "":
		h.Seen = "kept for readers; it belongs into no comments node: " + n.Object
	case n.Shown == n.Hash && n.Hash != "":
		h.Seen = fmt.Sprintf("it stands as item %s in %s of %s", n.Item, n.Node, n.Service)
	case n.Deleted != 0, n.Shown == shownRemoved:
		h.Seen = "it was taken away again: " + n.Object
	default:
		h.State, h.Seen = "waits", fmt.Sprintf("it is to be placed as item %s in %s of %s", n.Item, n.Node, n.Service)
		if j, err := b.db.JobByKey(ctx, kindPlace, strconv.FormatInt(n.ID, 10)); err == nil {
			h.Seen += fmt.Sprintf(" (tried %d times, next %s) %s", j.Tries, msTime(j.Due).Format(time.DateTime), j.Note)
		}
	}
	return h
}

// traceActivity is about what came in and is no post.
func (b desk) traceActivity(ctx context.Context, id string) (control.Trace, error) {
	if id == "" {
		return control.Trace{}, control.ErrNotFound
	}
	list, err := b.db.InboundBy(ctx, id, mostTraced)
	if err != nil || len(list) == 0 {
		return control.Trace{}, errors.Join(err, fmt.Errorf("%w: nothing is known of %s. What is handled is remembered for a while; look for it in the log", control.ErrNotFound, clip(id, 300)))
	}
	t := control.Trace{What: "an activity of " + b.nameOf(ctx, strings.TrimSuffix(list[0].Actor, forwardedLine))}
	for _, in := range list {
		h := control.Hop{At: msTime(in.Received), Where: hostOf(in.Activity), State: "ok", Seen: in.Type + ", received and handled"}
		if in.Body != "" {
			h.State, h.Seen = "waits", fmt.Sprintf("%s, received; tried %d times", in.Type, in.Tries)
		}
		t.Hops = append(t.Hops, h)
	}
	return t, nil
}

// redacted is JSON for people, without signatures.
func redacted(text string) string {
	var v map[string]any
	if json.Unmarshal([]byte(text), &v) != nil {
		return ""
	}
	for _, secret := range []string{"proof", "signature"} {
		if _, ok := v[secret]; ok {
			v[secret] = "(left out)"
		}
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(out)
}
