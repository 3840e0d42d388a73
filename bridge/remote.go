package bridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"isthmus/activitypub"
	"isthmus/db"
	"isthmus/queue"
)

// fetchRemote reads an actor from its own address and remembers it. An inbox on
// another host than the actor is refused: it would aim our deliveries at a
// third party (activitypub.md X19).
func (b *Bridge) fetchRemote(ctx context.Context, actor string) (db.Remote, error) {
	key, err := b.instanceKey(ctx)
	if err != nil {
		return db.Remote{}, err
	}
	doc, err := b.client.Get(ctx, actor, key)
	if err != nil {
		return db.Remote{}, err
	}
	r := db.Remote{
		Actor: doc.ID(), Name: clip(doc.Str("name"), 200), Inbox: doc.Str("inbox"), Fetched: b.nowMS(),
	}
	if t := doc.Types(); len(t) > 0 {
		r.Type = t[0]
	}
	if ends, ok := doc.One("endpoints"); ok {
		r.SharedInbox = ends.Str("sharedInbox")
	}
	// A name that people could not type, or would read as something else, is none.
	if user := doc.Str("preferredUsername"); user != "" && len(user) <= 200 && !strings.ContainsFunc(user, notInHandle) {
		r.Handle = strings.ToLower(user) + "@" + hostOf(r.Actor)
	}
	if r.Actor != actor || r.Inbox == "" || hostOf(r.Inbox) != hostOf(actor) {
		return db.Remote{}, fmt.Errorf("%w: actor %s has no usable inbox", errIgnored, actor)
	}
	return r, b.db.PutRemote(ctx, r)
}

// moveInbox renews where everything for an actor goes.
func (b *Bridge) moveInbox(ctx context.Context, actor string, r db.Remote) error {
	inbox := inboxFor(r)
	return b.db.MoveFollower(ctx, actor, r.Inbox, inbox, hostOf(inbox), r.Handle)
}

func notInHandle(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("_.-", r)
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// Kinds of jobs about an inbox, which is their key.
const (
	kindInboxGone    = "inbox-gone"
	kindInboxMissing = "inbox-missing" // a second look
)

const dayMS = 24 * 60 * 60 * 1000

// inboxGone hears of an inbox that answered 404 or 410. One answer removes
// nobody: a job asks the followers behind it.
func (b *Bridge) inboxGone(inbox string) {
	b.soon(context.Background(), db.Job{Kind: kindInboxGone, Key: inbox, Due: b.nowMS() + 60_000})
}

// confirmGone removes the followers of an inbox whose actors say that they are
// gone. One that is merely not found may be a proxy set up wrongly: it gets a
// day, and counts when it is still not found then.
func (b *Bridge) confirmGone(ctx context.Context, j queue.Job) error {
	followers, err := b.db.FollowersAt(ctx, j.Key, 20)
	if err != nil {
		return err
	}
	missing := false
	for _, f := range followers {
		remote, err := b.fetchRemote(ctx, f.Actor)
		var status *activitypub.StatusError
		switch {
		case err == nil && inboxFor(remote) != f.Inbox: // it moved
			err = b.moveInbox(ctx, f.Actor, remote)
		case errors.As(err, &status) && status.Code == http.StatusGone,
			activitypub.Gone(err) && j.Kind == kindInboxMissing:
			_, err = b.db.RemoveActor(ctx, f.Actor)
			b.logger(ctx).Info("follower is gone", "actor", f.Actor)
		case activitypub.Gone(err):
			missing, err = true, nil
		default:
			err = nil // there, or in trouble: the next delivery tells
		}
		if err != nil {
			return err
		}
	}
	if missing {
		b.soon(ctx, db.Job{Kind: kindInboxMissing, Key: j.Key, Due: b.nowMS() + dayMS})
	}
	return nil
}
