package bridge

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// Where the server lets us (XEP-0356), people's blocks and the blocking list of
// their account (XEP-0191) are kept alike: by virtual addresses.

// tellBlocklist puts a block into its owner's list, or takes it out: as it stands
// now. A whole server has no address there.
func (b *Bridge) tellBlocklist(ctx context.Context, j queue.Job) error {
	id, subject, err := cutSeverKey(j.Key)
	if err != nil {
		return err
	}
	blog, err := b.db.BlogByID(ctx, id)
	if err != nil || blog.Kind != "person" || blog.State == db.Gone {
		return ignoreNotFound(err)
	}
	user := mustJID(blog.JID)
	r, err := b.db.Remote(ctx, subject)
	at := b.authorOf(r).JID
	if err != nil || at.IsZero() || !b.xmpp.MayAct(user.Domain, stanza.NSBlocking) {
		return ignoreNotFound(err)
	}
	what := "block"
	if _, err := b.db.Block(ctx, id, subject); errors.Is(err, db.ErrNotFound) {
		what = "unblock"
	} else if err != nil {
		return err
	}
	item := stanza.New(stanza.NSBlocking, "item", "jid", at.String())
	_, err = b.xmpp.As(ctx, user, stanza.IQ("set", stanza.JID{}, stanza.JID{}, stanza.New(stanza.NSBlocking, what).Add(item)))
	return b.blocklistError(ctx, err)
}

// blocklistError passes on what another try may mend.
func (b *Bridge) blocklistError(ctx context.Context, err error) error {
	var refused *stanza.Error
	if errors.Is(err, component.ErrNotPrivileged) || errors.As(err, &refused) && !refused.Temporary() {
		b.logger(ctx).Info("no way to the blocking list", "why", err)
		return nil
	}
	return err
}

// maxListed is how many new blocks one look at somebody's list brings.
const maxListed = 100

// readBlocklist makes blocks of the virtual addresses in somebody's list that are
// none yet.
func (b *Bridge) readBlocklist(ctx context.Context, j queue.Job) error {
	blog, err := b.jobBlog(ctx, j)
	if err != nil || blog.Kind != "person" || blog.State == db.Gone {
		return ignoreNotFound(err)
	}
	user := mustJID(blog.JID)
	res, err := b.xmpp.As(ctx, user, stanza.IQ("get", stanza.JID{}, stanza.JID{}, stanza.New(stanza.NSBlocking, "blocklist")))
	if err != nil {
		return b.blocklistError(ctx, err)
	}
	fresh := 0
	for _, item := range res.First(stanza.NSBlocking, "blocklist").All(stanza.NSBlocking, "item") {
		jid, err := stanza.ParseJID(item.Get("jid"))
		name, host, ok := b.addr.ParseRemoteJID(jid)
		if err != nil || !ok || fresh >= maxListed {
			continue
		}
		subject, _, err := b.subject(ctx, name+"@"+host)
		if err != nil {
			continue // nobody is there
		}
		done, err := b.block(ctx, &blog, subject)
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil {
			return fmt.Errorf("block %s: %w", subject, err)
		}
		if done.fresh {
			fresh++
		}
	}
	b.logger(ctx).Info("blocking list read", "jid", blog.JID, "new", fresh)
	return nil
}

// lookAtBlocklist reads somebody's list once they come online, where we may.
func (b *Bridge) lookAtBlocklist(ctx context.Context, user stanza.JID) {
	if !b.xmpp.MayAct(user.Domain, stanza.NSBlocking) {
		return
	}
	if blog, err := b.ownActor(ctx, user); err == nil {
		b.soon(ctx, db.Job{Kind: kindBlocks, Key: strconv.FormatInt(blog.ID, 10), Due: b.nowMS()})
	}
}
