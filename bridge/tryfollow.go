package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/control"
	"isthmus/mapping"
)

// A trial is a Follow that the gateway's own actor sends to see whether a server elsewhere
// takes it and answers. It is in the database, because the answer may come to another
// process; there is one at a time.
type trial struct {
	Token string // of the Follow
	Actor string // whom it asks
	State string // "", accepted or rejected
	Until int64
}

const metaTrial = "trial"

// How long a trial waits for its answer, and how often it looks.
const (
	trialFor   = time.Minute
	trialPause = 200 * time.Millisecond
)

var errTrial = errors.New("another test is running: try again in a minute")

func (b *Bridge) trial(ctx context.Context) (t trial, err error) {
	s, err := b.db.Meta(ctx, metaTrial)
	if err != nil || s == "" {
		return t, err
	}
	return t, json.Unmarshal([]byte(s), &t)
}

func (b *Bridge) saveTrial(ctx context.Context, t trial) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return b.db.SetMeta(ctx, metaTrial, string(text))
}

// trialAnswered notes the answer to a trial, when doc is one.
func (b *Bridge) trialAnswered(ctx context.Context, token, actor string, doc vocab.Doc) (bool, error) {
	t, err := b.trial(ctx)
	if err != nil || t.Token != token || t.Actor != actor {
		return false, err
	}
	t.State = "accepted"
	if doc.Is("Reject") {
		t.State = "rejected"
	}
	return true, b.saveTrial(ctx, t)
}

// TryFollow goes the whole way: who is that, a Follow, its answer, and an Undo.
func (b desk) TryFollow(ctx context.Context, account string, tell func(control.Hop)) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	handle := strings.TrimPrefix(strings.TrimSpace(account), "@")
	if _, host, ok := cutHandle(handle); !ok || b.ourHost(strings.ToLower(host)) {
		return fmt.Errorf("%w: name an account of another server, such as @you@social.example", control.ErrAddress)
	}
	step := func(where string, do func() (seen, body string, err error)) bool {
		began := b.now()
		seen, body, err := do()
		h := control.Hop{At: began.UTC(), Took: b.now().Sub(began).Seconds(), Where: where, Seen: seen, State: "ok", Body: body}
		if err != nil {
			h.State, h.Seen = "failed", strings.TrimPrefix(err.Error(), "activitypub: ")
		}
		tell(h)
		return err == nil
	}
	key, err := b.instanceKey(ctx)
	if err != nil {
		return err
	}
	t := trial{Token: b.token(), Until: b.now().Add(4 * time.Minute).UnixMilli()}
	var inbox string
	if !step("WebFinger of "+handle, func() (string, string, error) {
		actor, subject, err := b.finger(ctx, handle)
		t.Actor = actor
		return "@" + subject + " is " + actor, "", err
	}) {
		return nil
	}
	if !step("their profile", func() (string, string, error) {
		doc, err := b.client.Get(ctx, t.Actor, key)
		if err != nil {
			return "", "", err
		}
		if inbox = doc.Str("inbox"); inbox == "" || doc.ID() != t.Actor {
			return "", "", errors.New("it names no inbox, or is somebody else")
		}
		seen := fmt.Sprintf("%s %q, inbox %s", strings.Join(doc.Types(), " "), doc.Str("name"), inbox)
		if doc.Bool("manuallyApprovesFollowers") {
			seen += "; they approve followers by hand"
		}
		return seen, "", nil
	}) {
		return nil
	}
	return b.tryInbox(ctx, t, inbox, key, step)
}

// tryInbox is the half of a trial that somebody there notices.
func (b desk) tryInbox(ctx context.Context, t trial, inbox string, key *activitypub.Key, step func(string, func() (string, string, error)) bool) error {
	if other, err := b.trial(ctx); err != nil || other.Until > b.nowMS() {
		return errors.Join(err, errTrial)
	}
	if err := b.saveTrial(ctx, t); err != nil {
		return err
	}
	defer b.db.DropMeta(context.WithoutCancel(ctx), metaTrial)
	me := b.addr.Actor(InstanceToken)
	follow := vocab.Activity{ID: b.addr.Activity(t.Token), Type: "Follow", Actor: me, To: []string{t.Actor}, Object: t.Actor}
	if !step("Follow, sent by "+me, func() (string, string, error) {
		body := follow.JSON()
		return "delivered to " + inbox, string(body), b.client.Post(ctx, inbox, body, key)
	}) {
		return nil
	}
	step("their answer", func() (string, string, error) { return b.awaitTrial(ctx) })
	step("Undo", func() (string, string, error) {
		doc, err := vocab.Read(follow.JSON(), vocab.DefaultLimits)
		if err != nil {
			return "", "", err
		}
		body := mapping.Undo(doc, b.addr.Activity(b.token())).JSON()
		return "delivered: nothing is left there", string(body), b.client.Post(ctx, inbox, body, key)
	})
	return nil
}

var errNoAnswer = fmt.Errorf("none came within %v: they approve by hand, or their server cannot reach this one (look for its host in the log; see “gateway doctor”)", trialFor)

func (b desk) awaitTrial(ctx context.Context) (seen, body string, err error) {
	for end := time.Now().Add(trialFor); time.Now().Before(end); {
		t, err := b.trial(ctx)
		switch {
		case err != nil:
			return "", "", err
		case t.State == "accepted":
			return "Accept: its signature was good", "", nil
		case t.State != "":
			return "", "", errors.New("they answered Reject: the way is open in both directions, but they do not want this follow")
		}
		select {
		case <-ctx.Done():
			return "", "", ctx.Err()
		case <-time.After(trialPause):
		}
	}
	return "", "", errNoAnswer
}
