package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
)

// Message requests: who is a stranger to somebody gets one message through, and the
// others when they said that they want to read them (design §4 flow 7).

// settingRequests is what is done with messages of strangers.
const (
	settingRequests = "requests"
	requestsAsk     = "ask" // as when nothing was chosen
	requestsOpen    = "open"
	requestsClosed  = "closed"
)

// kindRequest is the news that a stranger wrote.
const kindRequest = "request"

// What becomes of a private post at somebody's door.
type door int

const (
	doorOpen door = iota // it comes in
	doorAsk              // it comes in, and they are asked
	doorWait             // it waits for their answer
	doorShut
)

// maxHeld bounds what of one stranger waits for an answer.
const maxHeld = 50

// door decides about a private post of an actor to one of ours. Whom they follow
// or wrote to may write, and their followers may answer what they wrote.
func (b *Bridge) door(ctx context.Context, blog *db.Blog, c concern, actor string) (door, error) {
	state, err := b.db.Acquaintance(ctx, blog.ID, actor)
	if err != nil || state == db.Welcome {
		return doorOpen, err
	}
	if state == db.Declined {
		return doorShut, nil
	}
	silenced, err := b.silenced(ctx, actor)
	if err != nil {
		return doorShut, err
	}
	if known, err := b.knows(ctx, blog, c, actor, silenced); err != nil || known {
		return doorOpen, err
	}
	switch policy := b.setting(ctx, ownerJID(blog), settingRequests); {
	case policy == requestsOpen && !silenced:
		return doorOpen, nil
	case policy == requestsClosed:
		return doorShut, nil
	case state == db.Stranger:
		return doorAsk, nil
	}
	waiting, err := b.db.Held(ctx, blog.ID, actor, maxHeld)
	if len(waiting) >= maxHeld {
		return doorShut, err
	}
	return doorWait, err
}

// knows reports whether somebody is no stranger. Whom the admin silenced is one to
// everybody who does not follow them.
func (b *Bridge) knows(ctx context.Context, blog *db.Blog, c concern, actor string, silenced bool) (bool, error) {
	if _, err := b.db.Following(ctx, blog.ID, actor); err == nil {
		return true, nil
	} else if !errors.Is(err, db.ErrNotFound) {
		return false, err
	}
	if silenced || c.post.ID == 0 || c.post.BlogID != blog.ID {
		return false, nil
	}
	f, err := b.db.Follower(ctx, blog.ID, actor)
	return err == nil && f.State == followerAccepted, ignoreNotFound(err)
}

// askAbout stores what waits for an answer, and the questions.
func (b *Bridge) askAbout(ctx context.Context, tx *db.Tx, note db.Note, l listeners) error {
	for _, blog := range l.held {
		if err := tx.Hold(ctx, note.ID, blog, note.Actor); err != nil {
			return err
		}
	}
	for _, n := range l.asked {
		if err := tx.SetAcquaintance(ctx, n.BlogID, note.Actor, db.Asking, b.nowMS()); err != nil {
			return err
		}
		who, err := tx.Remote(ctx, note.Actor)
		if err != nil {
			return err
		}
		n.Kind, n.Name = kindRequest, nameFor(who)
		if err := b.addNews(ctx, tx, n); err != nil {
			return err
		}
	}
	return nil
}

// nameFor is what one types for an account.
func nameFor(r db.Remote) string {
	if r.Handle != "" {
		return "@" + r.Handle
	}
	return r.Actor
}

// requestStanza asks whether somebody wants to read a stranger.
func (b *Bridge) requestStanza(ctx context.Context, to stanza.JID, n db.News) *stanza.Element {
	ans := answer{
		Text: b.say(ctx, "direct.request", "who", n.Name),
		Next: []string{"accept " + n.Name, "decline " + n.Name, "block " + n.Name},
	}
	return b.answerStanza(ctx, to, ans).Set("id", fmt.Sprintf("news-%d", n.ID))
}

// welcome lets an actor write to a blog's owner, and delivers what waited.
func (b *Bridge) welcome(ctx context.Context, blog db.Blog, actor string) error {
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.SetAcquaintance(ctx, blog.ID, actor, db.Welcome, b.nowMS()); err != nil {
			return err
		}
		who, err := tx.Remote(ctx, actor)
		if err != nil {
			return err
		}
		waiting, err := tx.Held(ctx, blog.ID, actor, maxHeld)
		if err != nil {
			return err
		}
		for _, id := range waiting {
			note, err := tx.NoteByID(ctx, id)
			if err != nil || note.Deleted != 0 {
				continue
			}
			if err := b.addLetter(ctx, tx, note.ID, db.News{
				BlogID: blog.ID, Kind: kindLetter + ":" + kindDirect, Actor: actor, Name: b.authorOf(who).JID.String(), URL: note.Object, Created: b.nowMS(),
			}); err != nil {
				return err
			}
		}
		return tx.ReleaseHeld(ctx, blog.ID, actor)
	})
	b.jobs.Kick()
	return err
}

// cmdRequests shows and sets what is done with messages of strangers.
func (b *Bridge) cmdRequests(ctx context.Context, a asking) (answer, error) {
	policy := strings.ToLower(a.word(0))
	if policy == "" {
		policy = b.setting(ctx, a.From, settingRequests)
	} else if !slices.Contains([]string{requestsAsk, requestsOpen, requestsClosed}, policy) {
		return answer{Text: b.say(ctx, "direct.requests.unknown")}, nil
	} else if err := b.db.SetSetting(ctx, a.From.String(), settingRequests, policy); err != nil {
		return answer{}, err
	}
	switch policy {
	case requestsOpen:
		return answer{Text: b.say(ctx, "direct.requests.open")}, nil
	case requestsClosed:
		return answer{Text: b.say(ctx, "direct.requests.closed")}, nil
	}
	return answer{Text: b.say(ctx, "direct.requests.ask")}, nil
}

// cmdAccept lets somebody write.
func (b *Bridge) cmdAccept(ctx context.Context, a asking) (answer, error) {
	blog, acc, ans, err := b.strangerNamed(ctx, a)
	if err != nil || ans.Text != "" {
		return ans, err
	}
	if err := b.welcome(ctx, blog, acc.Actor); err != nil {
		return answer{}, err
	}
	return answer{Text: b.say(ctx, "direct.accepted", "who", nameFor(acc))}, nil
}

// cmdDecline shuts the door; they do not notice.
func (b *Bridge) cmdDecline(ctx context.Context, a asking) (answer, error) {
	blog, acc, ans, err := b.strangerNamed(ctx, a)
	if err != nil || ans.Text != "" {
		return ans, err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.SetAcquaintance(ctx, blog.ID, acc.Actor, db.Declined, b.nowMS()); err != nil {
			return err
		}
		return tx.ReleaseHeld(ctx, blog.ID, acc.Actor)
	})
	return answer{Text: b.say(ctx, "direct.declined", "who", nameFor(acc))}, err
}

// strangerNamed finds whom a command about messages names; with nobody the answer
// says why.
func (b *Bridge) strangerNamed(ctx context.Context, a asking) (blog db.Blog, who db.Remote, ans answer, err error) {
	word := strings.TrimPrefix(strings.ToLower(a.word(0)), "@")
	blog, err = b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	if errors.Is(err, db.ErrNotFound) || err == nil && blog.State == db.Gone || word == "" {
		return blog, who, answer{Text: b.say(ctx, "direct.nobody", "who", clip(word, 100))}, nil
	}
	if err != nil {
		return blog, who, ans, err
	}
	who, err = b.db.RemoteByHandle(ctx, word)
	if errors.Is(err, db.ErrNotFound) {
		who, err = b.db.Remote(ctx, a.word(0)) // one without a handle
	}
	if errors.Is(err, db.ErrNotFound) {
		return blog, who, answer{Text: b.say(ctx, "direct.nobody", "who", clip(word, 100))}, nil
	}
	return blog, who, ans, err
}
