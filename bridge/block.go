package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// This file is how people block: an account, or a whole server.

// maxBlocks bounds a person's blocks.
const maxBlocks = 2000

// ownActor returns in whose name somebody acts: their blog, or the actor by which
// they follow others. db.ErrNotFound when they have neither.
func (b *Bridge) ownActor(ctx context.Context, who stanza.JID) (db.Blog, error) {
	blog, err := b.db.BlogByNode(ctx, who.String(), stanza.NSMicroblog)
	if err == nil && blog.State == db.Gone {
		err = db.ErrNotFound
	}
	return blog, err
}

func (b *Bridge) cmdBlock(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownActor(ctx, a.From)
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "safety.nobody"), Next: []string{"start", "find"}}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if a.word(0) == "" {
		return b.listBlocks(ctx, blog.ID)
	}
	subject, who, err := b.subjectFor(ctx, a.From, strings.Join(a.Words, " "))
	if err != nil {
		return inWords(err)
	}
	done, err := b.block(ctx, &blog, subject)
	switch {
	case errors.Is(err, errEnough):
		return answer{Text: b.say(ctx, "safety.many", "number", maxBlocks)}, nil
	case err != nil:
		return answer{}, err
	case !done.fresh:
		return answer{Text: b.say(ctx, "safety.already", "who", who)}, nil
	}
	text := b.say(ctx, "safety.blocked", "who", who, "followers", done.followers, "following", done.following)
	if done.told {
		text += " " + b.say(ctx, "safety.blocked.told")
	}
	return answer{Text: text, Next: []string{"unblock " + who, "block"}}, nil
}

func (b *Bridge) listBlocks(ctx context.Context, blog int64) (answer, error) {
	list, err := b.db.Blocks(ctx, blog, maxBlocks)
	if err != nil {
		return answer{}, err
	}
	if len(list) == 0 {
		return answer{Text: b.say(ctx, "safety.blocks.none")}, nil
	}
	names := make([]string, len(list))
	for i, x := range list {
		names[i] = b.subjectName(ctx, x.Subject)
	}
	return answer{Text: b.say(ctx, "safety.blocks", "list", strings.Join(names, "\n  "))}, nil
}

func (b *Bridge) cmdUnblock(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownActor(ctx, a.From)
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "safety.nobody"), Next: []string{"start", "find"}}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if a.word(0) == "" {
		return b.listBlocks(ctx, blog.ID)
	}
	subject, who, err := b.subjectFor(ctx, a.From, strings.Join(a.Words, " "))
	if err != nil {
		return inWords(err)
	}
	err = b.unblock(ctx, &blog, subject)
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "safety.notblocked", "who", who)}, nil
	}
	return answer{Text: b.say(ctx, "safety.unblocked", "who", who), Next: []string{"block", "following"}}, err
}

// subjectFor is subject within bounds for who asks: other servers may be asked.
func (b *Bridge) subjectFor(ctx context.Context, from stanza.JID, what string) (subject, name string, err error) {
	if !b.quota.take("look-up by "+from.Bare().Fold().String(), lookUpsPerHour, b.now()) {
		return "", "", stanza.ErrResource(b.tooMuch(ctx))
	}
	return b.subject(ctx, what)
}

// subject is what somebody means by a name: an actor's id, or @ and a host; and how
// that is called. Its errors are *stanza.Error with words.
func (b *Bridge) subject(ctx context.Context, what string) (subject, name string, err error) {
	handle, _, ok := mapping.FindTerm(what, b.addr)
	if user, host, cut := cutHandle(strings.TrimSpace(what)); !ok && cut && !strings.ContainsAny(user+host, "@ /") {
		handle, ok = strings.ToLower(user+"@"+host), true // at a port, as in a lab
	}
	if !ok || handle == "" {
		if host, ok := b.peerHost(what); ok {
			return "@" + host, host, nil
		}
		return "", "", stanza.ErrNotAcceptable(b.say(ctx, "safety.whom"))
	}
	p, err := b.whoIs(ctx, handle)
	if err == nil && p.blog.ID != 0 {
		return "", "", stanza.ErrNotAcceptable(b.say(ctx, "safety.ours"))
	}
	actor := p.mention.ActorURL
	if actor == "" { // who cannot be reached can be blocked all the same
		r, rerr := b.db.RemoteByHandle(ctx, handle)
		if ignoreNotFound(rerr) != nil {
			return "", "", rerr
		}
		actor = r.Actor
	}
	if actor == "" {
		b.logger(ctx).Info("nobody found by this name", "handle", handle, "why", err)
		return "", "", stanza.ErrItemNotFound(b.say(ctx, "safety.notfound", "who", clip(handle, 100)))
	}
	return actor, "@" + handle, nil
}

// subjectName is how a subject is called.
func (b *Bridge) subjectName(ctx context.Context, subject string) string {
	if host, ok := strings.CutPrefix(subject, "@"); ok {
		return host
	}
	return b.nameOf(ctx, subject)
}

// blocked is what a block did.
type blocked struct {
	fresh, told          bool
	followers, following int
}

var errEnough = errors.New("there are as many blocks as there may be")

// block stores that a blog's owner blocks a subject, with what that causes: a Block
// to the actor's own server and to nobody else (it says no more than who), and a
// job that ends what is between them.
func (b *Bridge) block(ctx context.Context, blog *db.Blog, subject string) (done blocked, err error) {
	if list, err := b.db.Blocks(ctx, blog.ID, maxBlocks); err != nil || len(list) >= maxBlocks {
		return done, errors.Join(err, errEnough)
	}
	if _, err := b.key(ctx, blog.ID); err != nil { // made before the transaction, which has the only writer
		return done, err
	}
	x := db.Block{Subject: subject, Created: b.nowMS()}
	var remote db.Remote
	if !strings.HasPrefix(subject, "@") {
		if remote, err = b.remote(ctx, subject); err == nil {
			x.Token = b.token()
		} else {
			b.logger(ctx).Info("who is blocked cannot be told", "actor", subject, "why", err)
		}
	}
	if done.followers, done.following, _, err = b.affected(ctx, blog.ID, subject); err != nil {
		return done, err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if done.fresh, err = tx.AddBlock(ctx, blog.ID, x); err != nil || !done.fresh {
			return err
		}
		for _, kind := range []string{kindSever, kindBlocklist} {
			if err := tx.AddJob(ctx, db.Job{Kind: kind, Key: severKey(blog.ID, subject), Due: b.nowMS()}); err != nil {
				return err
			}
		}
		if x.Token == "" {
			return nil
		}
		row := db.Activity{Token: x.Token, BlogID: blog.ID, Type: typeBlock, Created: x.Created}
		row.Body = string(vocab.Activity{
			ID: b.addr.Activity(x.Token), Type: "Block", Actor: b.addr.Actor(blog.Token), To: []string{subject}, Object: subject,
		}.JSON())
		done.told = true
		return b.enqueue(ctx, tx, blog, row, "block:"+x.Token, db.ToNobody, db.Target{Host: hostOf(remote.Inbox), Inbox: remote.Inbox})
	})
	b.jobs.Kick()
	b.mail.Kick()
	return done, err
}

// unblock ends it, with an Undo of the very Block (row O22). What the block ended
// does not come back.
func (b *Bridge) unblock(ctx context.Context, blog *db.Blog, subject string) error {
	x, err := b.db.Block(ctx, blog.ID, subject)
	if err != nil {
		return err
	}
	var target []db.Target
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: typeBlock, Created: b.nowMS()}
	if x.Token != "" {
		act, err := b.db.ActivityByToken(ctx, x.Token)
		if err != nil {
			return err
		}
		doc, err := vocab.Read([]byte(act.Body), vocab.DefaultLimits)
		if err != nil {
			return err
		}
		row.Body = string(mapping.Undo(doc, b.addr.Activity(row.Token)).JSON())
		if r, err := b.db.Remote(ctx, subject); err == nil && r.Inbox != "" {
			target = append(target, db.Target{Host: hostOf(r.Inbox), Inbox: r.Inbox})
		}
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.RemoveBlock(ctx, blog.ID, subject); err != nil {
			return err
		}
		if err := tx.AddJob(ctx, db.Job{Kind: kindBlocklist, Key: severKey(blog.ID, subject), Due: b.nowMS()}); err != nil || len(target) == 0 {
			return err
		}
		return b.enqueue(ctx, tx, blog, row, "block:"+x.Token, db.ToNobody, target...)
	})
	b.jobs.Kick()
	b.mail.Kick()
	return err
}
