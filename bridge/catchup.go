package bridge

import (
	"context"
	"errors"
	"sync"
	"time"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// How much of a node one catch-up reads: a page, and in all.
const (
	pageSize = 50
	maxItems = 500
)

// walk reads a node as a stranger from its end backwards and shows each item to
// visit, which says whether everything before it has been compared since it came.
// It ends there, or at maxItems; where the server pages, all goes on to the beginning:
// there an edited item keeps its place (ejabberd; xmpp-servers §3). It returns the ids
// it saw and whether that is the whole node.
func (b *Bridge) walk(ctx context.Context, blog *db.Blog, all bool, visit func(stanza.Item) (settled bool, err error)) (seen map[string]bool, whole bool, err error) {
	seen = make(map[string]bool)
	look := func(items []stanza.Item) (end bool, err error) {
		for _, it := range items {
			seen[it.ID] = true
			settled, err := visit(it)
			if err != nil {
				return false, err
			}
			end = end || settled
		}
		return end, nil
	}
	size := pageSize
	v, err := b.look(ctx, blog, stanza.ItemsRequest(blog.Node, nil, size, nil))
	for errors.Is(err, component.ErrTooLarge) && size > 1 { // long posts: fewer of them
		size /= 2
		v, err = b.look(ctx, blog, stanza.ItemsRequest(blog.Node, nil, size, nil))
	}
	if err != nil {
		return seen, false, err
	}
	read, most := len(v.Items), size
	end, err := look(v.Items)
	// Where the server does not page, ask for more of the end; an answer that grows
	// too large for a stanza ends that.
	for err == nil && !end && v.RSM == nil && read == most && read < maxItems {
		more, lerr := b.look(ctx, blog, stanza.ItemsRequest(blog.Node, nil, 2*most, nil))
		if errors.Is(lerr, component.ErrTooLarge) {
			b.logger(ctx).Info("older posts are too much for one answer of the server: left out", "jid", blog.JID, "node", blog.Node, "read", read)
			return seen, false, nil
		}
		if lerr != nil {
			return seen, false, lerr
		}
		v, most = more, 2*most
		read = len(v.Items)
		end, err = look(v.Items)
	}
	if err != nil || v.RSM == nil {
		return seen, read < most, err
	}
	// Where the server pages (ejabberd; Prosody ignores RSM, xmpp-servers §3), go back.
	for total := v.RSM.Count; (all || !end) && read < total && read < maxItems && v.RSM != nil && v.RSM.First != ""; {
		page := &stanza.RSM{Max: size, Before: v.RSM.First, HasBefore: true}
		if v, err = b.look(ctx, blog, stanza.ItemsRequest(blog.Node, nil, 0, page)); err != nil {
			return seen, false, err
		}
		if len(v.Items) == 0 {
			break
		}
		read += len(v.Items)
		if end, err = look(v.Items); err != nil {
			return seen, false, err
		}
		if v.RSM != nil {
			total = v.RSM.Count
		}
	}
	return seen, v.RSM != nil && v.RSM.Count >= 0 && len(seen) >= v.RSM.Count, nil
}

// catchUp compares the node with what was published: unknown ids are Creates,
// changed ones Updates, and absence is nothing at all. It reads back to what came
// before the last comparison that was finished (blog.SyncedAt): one that is killed, or
// an outage in between, hides nothing, however much came since.
func (b *Bridge) catchUp(ctx context.Context, blog *db.Blog) error {
	missed := false
	since := b.xmpp.Status().Since // edits may have been missed while the stream was down
	first := b.compared.before(blog.ID, since)
	seen, whole, err := b.walk(ctx, blog, first, func(it stanza.Item) (settled bool, err error) {
		if it.Payload == nil {
			return false, nil
		}
		news, err := b.take(ctx, blog, it)
		missed = missed || news
		if news && !first {
			b.foundLate(ctx, blog, it.ID)
		}
		if news || err != nil {
			return false, err
		}
		post, err := b.db.PostByItem(ctx, blog.ID, it.ID)
		return err == nil && post.Heard < blog.SyncedAt, ignoreNotFound(err)
	})
	if err == nil {
		b.compared.now(blog.ID, since)
	}
	if err != nil || !missed || !whole {
		return err
	}
	// What is not there any more was trimmed while nobody told us: it must not
	// hide from noteTrimmed what the next post pushes out.
	old, err := b.db.OldestOnNode(ctx, blog.ID, maxItems)
	if err != nil {
		return err
	}
	return b.noteTrimmed(ctx, blog, old, func(item string) bool { return seen[item] })
}

// foundLate notes a post that no event told of.
func (b *Bridge) foundLate(ctx context.Context, blog *db.Blog, item string) {
	post, err := b.db.PostByItem(ctx, blog.ID, item)
	if err == nil && b.now().Sub(msTime(post.Published)) > lateAfter {
		b.punctual.count(&b.punctual.late, blog.ID)
	}
}

// comparisons remembers during which stream a blog was last compared, as far back as
// its server shows it.
type comparisons struct {
	mu   sync.Mutex
	done map[int64]time.Time // blog → when that stream came up
}

// before reports whether a blog was not compared since a stream came up.
func (c *comparisons) before(blog int64, up time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done[blog].Before(up)
}

func (c *comparisons) now(blog int64, up time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(map[int64]time.Time)
	}
	c.done[blog] = up
}

// noticeHeld marks a blog that goes on after a pause: until what was written
// meanwhile is marked as staying home, nothing of it is published.
const noticeHeld = "held"

// release ends that. What was public before and changed is left to catchUp. A
// node that nobody may read now stays held: it may be opened with all that in it.
func (b *Bridge) release(ctx context.Context, blog *db.Blog) error {
	if held, err := b.db.HasNotice(ctx, blog.ID, noticeHeld); err != nil || !held {
		return err
	}
	_, _, err := b.walk(ctx, blog, true, func(it stanza.Item) (bool, error) { return false, b.holdItem(ctx, blog, it) })
	if err != nil && !(errors.Is(err, errHidden) && blog.Gate == db.GateMissing) {
		return err
	}
	// Settings and profile may have changed while nothing was sent: one Update, by
	// who ends it first.
	return b.changeActor(ctx, blog.ID, func(tx *db.Tx, _ *db.Blog) (bool, error) {
		if held, err := tx.HasNotice(ctx, blog.ID, noticeHeld); err != nil || !held {
			return false, err
		}
		return true, tx.ClearNotice(ctx, blog.ID, noticeHeld)
	})
}

func (b *Bridge) holdItem(ctx context.Context, blog *db.Blog, it stanza.Item) error {
	if _, err := stanza.ParseEntry(it.Payload); err != nil {
		return nil
	}
	defer b.lock(blog.ID)()
	if held, err := b.db.HasNotice(ctx, blog.ID, noticeHeld); err != nil || !held {
		return err // another one was faster, and this may be published by now
	}
	if _, err := b.db.PostByItem(ctx, blog.ID, it.ID); !errors.Is(err, db.ErrNotFound) {
		return err
	}
	token, create, err := b.postTokens(ctx, blog, place{}, it.ID)
	if err != nil {
		return err
	}
	_, err = b.db.SavePost(ctx, db.Post{
		Token: token, CreateTok: create, BlogID: blog.ID, Item: it.ID, Hash: payloadHash(it.Payload),
		Home: true, OnNode: true, Seen: b.nowMS(),
	})
	return err
}
