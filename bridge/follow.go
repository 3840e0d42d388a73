package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// Follower states as stored.
const (
	followerPending  = "pending"
	followerAccepted = "accepted"
	followerRemoved  = "removed"
)

// followed stores a follower and answers with the whole Follow embedded
// (activitypub.md I20). A repeated Follow is answered again: the first answer
// may have been lost.
func (b *Bridge) followed(ctx context.Context, actor string, doc vocab.Doc, body string) error {
	blog, err := b.blogByActorURL(ctx, first(doc.IDs("object")))
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("%w: no such blog", errIgnored)
	}
	if err != nil {
		return err
	}
	key := actor + " " + doc.ID()
	if undone, err := b.db.Forestalled(ctx, key, b.nowMS()); err != nil {
		return err
	} else if undone { // the next one counts: Misskey gives it the same id
		if err := b.db.Unforestall(ctx, key); err != nil {
			return err
		}
		return fmt.Errorf("%w: undone before it came", errIgnored)
	}
	remote, err := b.lookAt(ctx, actor)
	if err != nil {
		return fmt.Errorf("follower: %w", err)
	}
	f := db.Follower{
		BlogID: blog.ID, Actor: actor, Handle: remote.Handle, Own: remote.Inbox, Inbox: inboxFor(remote),
		State: followerAccepted, Follow: doc.ID(), Body: body, Created: b.nowMS(),
	}
	f.Host = hostOf(f.Inbox)
	var old db.Follower
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		// Reading the actor took a while: the owner may have left or decided since.
		if blog, err = tx.BlogByID(ctx, blog.ID); err != nil {
			return err
		}
		if blog.State == db.Gone {
			return fmt.Errorf("%w: %w", errIgnored, errLeft)
		}
		if old, err = tx.Follower(ctx, blog.ID, actor); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		kept, err := b.keptAway(ctx, tx, blog.ID, actor)
		if err != nil {
			return err
		}
		if kept || blog.State == db.Reader { // not wanted, or there is nothing to follow
			f.State = followerRemoved
			return b.answer(ctx, tx, &blog, f, "Reject")
		}
		level, err := b.verdict(ctx, tx, actor)
		if err != nil {
			return err
		}
		if (blog.Approve || level == db.RuleSilence) && old.State != followerAccepted {
			f.State = followerPending
		}
		saved, err := tx.PutFollower(ctx, f)
		if err != nil || saved.State != followerAccepted {
			return err
		}
		if fresh, nerr := tx.Notice(ctx, blog.ID, "followed by "+actor, b.nowMS()); nerr != nil {
			return nerr
		} else if old.State != followerAccepted && fresh { // once for each: who comes and goes is no news
			err = b.addNews(ctx, tx, db.News{BlogID: blog.ID, Kind: kindFollow, Actor: actor, Name: displayName(remote), Created: b.nowMS()})
		}
		return errors.Join(err, b.answer(ctx, tx, &blog, saved, "Accept"))
	})
	if err != nil {
		return err
	}
	if f.State == followerPending && old.State != followerPending {
		// Once for each of them: who is refused and asks again and again is no
		// reason to write to the owner again and again.
		if err := b.notify(ctx, &blog, "asks "+f.Actor, func(ctx context.Context) string { return b.textFollowRequest(ctx, f) }); err != nil {
			return err
		}
	}
	b.mail.Kick()
	b.jobs.Kick()
	return nil
}

// answer queues Accept or Reject ahead of everything else, to the follower's
// own inbox, with the Follow as it came: peers match by its id, Threads and
// others need it whole (activitypub.md O22).
func (b *Bridge) answer(ctx context.Context, tx *db.Tx, blog *db.Blog, f db.Follower, typ string) error {
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: typ, Created: b.nowMS()}
	row.Body = string(vocab.Activity{
		ID: b.addr.Activity(row.Token), Type: typ, Actor: b.addr.Actor(blog.Token),
		To: []string{f.Actor}, Object: json.RawMessage(embeddable(f.Body)),
	}.JSON())
	return b.enqueue(ctx, tx, blog, row, "", db.ToNobody, db.Target{Host: hostOf(f.Own), Inbox: f.Own})
}

// embeddable returns a received activity without its own @context and proofs:
// inside ours they would claim what we do not sign.
func embeddable(body string) string {
	var m map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &m) != nil {
		return body
	}
	for _, k := range []string{"@context", "signature", "proof"} {
		delete(m, k)
	}
	out, _ := json.Marshal(m)
	return string(out)
}

// unfollowed removes a follower: by Undo, or by Block, which ends the follow
// and is told to nobody (I30).
func (b *Bridge) unfollowed(ctx context.Context, actor, object string) error {
	blog, err := b.blogByActorURL(ctx, object)
	if err != nil {
		return ignoreNotFound(err)
	}
	return ignoreNotFound(b.db.SetFollowerState(ctx, blog.ID, actor, followerRemoved))
}

func (b *Bridge) blogByActorURL(ctx context.Context, u string) (db.Blog, error) {
	kind, token, ok := b.addr.TokenOf(u)
	if !ok || kind != mapping.KindActor {
		return db.Blog{}, db.ErrNotFound
	}
	blog, err := b.db.BlogByToken(ctx, token)
	if err == nil && blog.State == db.Gone {
		return db.Blog{}, db.ErrNotFound
	}
	return blog, err
}

// inboxFor picks the shared inbox where there is one on the actor's own host.
func inboxFor(r db.Remote) string {
	if r.SharedInbox != "" && hostOf(r.SharedInbox) == hostOf(r.Actor) {
		return r.SharedInbox
	}
	return r.Inbox
}

func hostOf(u string) string {
	p, err := url.Parse(u)
	if err != nil {
		return ""
	}
	return strings.ToLower(p.Host)
}
