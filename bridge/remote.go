package bridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// fetchRemote reads an actor from its own address and remembers it; of an account
// that readers know, its profile too.
func (b *Bridge) fetchRemote(ctx context.Context, actor string) (db.Remote, error) {
	doc, r, err := b.fetchActor(ctx, actor)
	if err != nil {
		return r, err
	}
	b.renewAccount(ctx, doc, r)
	return r, nil
}

// lookAt is fetchRemote for who has just sent something: its server is not asked again
// for what it has shown when its key was read.
func (b *Bridge) lookAt(ctx context.Context, actor string) (db.Remote, error) {
	doc, shown := b.verifier.TakeActor(actor)
	if !shown {
		return b.fetchRemote(ctx, actor)
	}
	if err := b.refuseBarred(ctx, actor); err != nil {
		return db.Remote{}, err
	}
	r, err := b.readActor(ctx, actor, doc)
	if err != nil {
		return r, err
	}
	b.renewAccount(ctx, doc, r)
	return r, nil
}

// renewAccount stores the profile of an account that readers know.
func (b *Bridge) renewAccount(ctx context.Context, doc vocab.Doc, r db.Remote) {
	if _, err := b.db.Account(ctx, r.Actor); err != nil {
		return
	}
	if _, err := b.storeAccount(ctx, doc, r); err != nil {
		b.logger(ctx).Info("profile not renewed", "actor", r.Actor, "why", err)
	}
}

func (b *Bridge) refuseBarred(ctx context.Context, actor string) error {
	barred, err := b.barred(ctx, actor)
	if err == nil && barred {
		err = fmt.Errorf("%w: %w", errIgnored, activitypub.ErrRefused)
	}
	return err
}

// fetchActor reads an actor's document and remembers what it says of how to reach
// it. An inbox on another host than the actor is refused: it would aim our
// deliveries at a third party (activitypub.md X19).
func (b *Bridge) fetchActor(ctx context.Context, actor string) (vocab.Doc, db.Remote, error) {
	if err := b.refuseBarred(ctx, actor); err != nil {
		return nil, db.Remote{}, err
	}
	key, err := b.instanceKey(ctx)
	if err != nil {
		return nil, db.Remote{}, err
	}
	doc, err := b.client.Get(ctx, actor, key)
	if err != nil {
		return nil, db.Remote{}, err
	}
	r, err := b.readActor(ctx, actor, doc)
	if err != nil {
		return nil, db.Remote{}, err
	}
	return doc, r, nil
}

// readActor remembers what a document that was found at the actor's address says.
func (b *Bridge) readActor(ctx context.Context, actor string, doc vocab.Doc) (db.Remote, error) {
	r := db.Remote{
		Actor: doc.ID(), Name: clip(doc.Str("name"), 200), Inbox: doc.Str("inbox"), Fetched: b.nowMS(),
	}
	if t := doc.Types(); len(t) > 0 {
		r.Type = t[0]
	}
	if ends, ok := doc.One("endpoints"); ok {
		r.SharedInbox = ends.Str("sharedInbox")
	}
	r.Handle = b.handleOf(ctx, doc)
	if r.Actor != actor || r.Inbox == "" || hostOf(r.Inbox) != hostOf(actor) {
		return db.Remote{}, fmt.Errorf("%w: actor %s has no usable inbox", errIgnored, actor)
	}
	if err := b.db.SetOptOut(ctx, actor, mapping.RefusesBridges(vocab.ReadProfile(doc)), b.nowMS()); err != nil {
		return db.Remote{}, err
	}
	if err := b.renewKeys(ctx, doc); err != nil {
		return db.Remote{}, err
	}
	return r, b.db.PutRemote(ctx, r)
}

// handleOf is how people call an actor, user@host, verified both ways: what
// WebFinger says of the name on the actor's own host must lead back to the actor,
// and names the domain where it is at home (activitypub.md D2, D12). A host is
// believed about its own names without. One that people could not type, or would
// read as something else, is none.
func (b *Bridge) handleOf(ctx context.Context, doc vocab.Doc) string {
	user := doc.Str("preferredUsername")
	if user == "" || len(user) > 200 || strings.ContainsFunc(user, notInHandle) {
		return ""
	}
	handle := strings.ToLower(user) + "@" + hostOf(doc.ID())
	if old, err := b.db.Remote(ctx, doc.ID()); err == nil && old.Handle != "" && strings.HasPrefix(old.Handle, strings.ToLower(user)+"@") {
		return old.Handle // verified before; another domain would be another address
	}
	switch actor, subject, err := b.finger(ctx, handle); {
	case err != nil:
		return handle
	case actor != doc.ID() || strings.ContainsFunc(strings.ReplaceAll(subject, "@", ""), notInHandle):
		return "" // the name is somebody else's there, such as a group's beside a person's
	default:
		return strings.ToLower(subject)
	}
}

// freshFor is how long a remote actor is believed to be as it was last read.
const freshFor = 24 * time.Hour

// remote is what is known of an actor, read again when that is old. An actor that
// cannot be read now is as it was.
func (b *Bridge) remote(ctx context.Context, actor string) (db.Remote, error) {
	old, err := b.db.Remote(ctx, actor)
	known := err == nil && old.Inbox != "" && !old.Gone
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return db.Remote{}, err
	}
	if known && b.nowMS()-old.Fetched < freshFor.Milliseconds() {
		return old, nil
	}
	r, err := b.lookAt(ctx, actor)
	if err != nil && known && !activitypub.Gone(err) {
		return old, nil
	}
	return r, err
}

// author is a remote actor as XMPP knows it: its address is the zero JID when
// its name cannot be one.
func (b *Bridge) authorOf(r db.Remote) mapping.Author {
	a := mapping.Author{Handle: r.Handle, Name: r.Name}
	if user, host, ok := strings.Cut(r.Handle, "@"); ok {
		a.JID = b.addr.RemoteJID(user, host)
	}
	return a
}

// moveInbox renews where everything for an actor goes.
func (b *Bridge) moveInbox(ctx context.Context, actor string, r db.Remote) error {
	inbox := inboxFor(r)
	return b.db.MoveFollower(ctx, actor, r.Inbox, inbox, hostOf(inbox), r.Handle)
}

// cutHandle takes user@host apart.
func cutHandle(handle string) (user, host string, ok bool) {
	return strings.Cut(strings.TrimPrefix(handle, "@"), "@")
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
	b.soon(context.Background(), db.Job{Kind: kindInboxGone, Anywhere: true, Key: inbox, Due: b.nowMS() + 60_000})
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
		b.soon(ctx, db.Job{Kind: kindInboxMissing, Anywhere: true, Key: j.Key, Due: b.nowMS() + dayMS})
	}
	return nil
}
