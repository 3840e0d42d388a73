package bridge

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
)

const (
	maxAliases   = 10
	moveOutAgain = 30 * dayMS // between two moves, as Mastodon has it
)

var errAliases = errors.New("too many aliases")

// cmdMove takes followers along: “in” names an account that moves here, “out” sends
// the followers to another one, “back” says that one is here again.
func (b *Bridge) cmdMove(ctx context.Context, a asking) (answer, error) {
	rest := asking{From: a.From, Words: a.Words[min(1, len(a.Words)):], Rest: a.after(1), Sure: a.Sure}
	switch strings.ToLower(a.word(0)) {
	case "in":
		if rest.Rest == "" {
			return answer{Text: b.say(ctx, "profile.move.what")}, nil
		}
		return b.aliasAdd(ctx, rest)
	case "out":
		return b.moveOut(ctx, rest)
	case "back":
		return b.moveBack(ctx, a)
	}
	return answer{Text: b.say(ctx, "profile.move.what")}, nil
}

// cmdAlias lists and changes which other accounts are the same person.
func (b *Bridge) cmdAlias(ctx context.Context, a asking) (answer, error) {
	rest := asking{From: a.From, Words: a.Words[min(1, len(a.Words)):], Rest: a.after(1)}
	switch action := strings.ToLower(a.word(0)); {
	case action == "" || rest.Rest == "" && (action == "add" || action == "remove"):
		return b.aliasList(ctx, a)
	case action == "add":
		return b.aliasAdd(ctx, rest)
	case action == "remove":
		return b.aliasRemove(ctx, rest)
	}
	return b.aliasAdd(ctx, a)
}

func (b *Bridge) aliasList(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "profile.off"), Next: []string{"start", "help"}}, ignoreNotFound(err)
	}
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return answer{}, err
	}
	lines := []string{b.say(ctx, "profile.alias.list")}
	for _, actor := range aliasesOf(prefs) {
		lines = append(lines, "  "+b.mutedName(ctx, actor))
	}
	if len(lines) == 1 {
		return answer{Text: b.say(ctx, "profile.alias.none")}, nil
	}
	return answer{Text: strings.Join(lines, "\n")}, nil
}

func (b *Bridge) aliasAdd(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "profile.off"), Next: []string{"start", "help"}}, ignoreNotFound(err)
	}
	f, err := b.find(ctx, a.From, a.Rest)
	if err == nil && f.blog.ID != 0 {
		err = stanza.ErrNotAcceptable(b.say(ctx, "profile.alias.here"))
	}
	if err != nil {
		return inWords(err)
	}
	err = b.changeAliases(ctx, blog.ID, func(have []string) ([]string, error) {
		if slices.Contains(have, f.acc.Actor) {
			return have, nil
		}
		if len(have) >= maxAliases {
			return nil, errAliases
		}
		return append(have, f.acc.Actor), nil
	})
	if errors.Is(err, errAliases) {
		return answer{Text: b.say(ctx, "profile.alias.many", "number", maxAliases)}, nil
	}
	if err != nil {
		return answer{}, err
	}
	handle := "@" + b.handleAt(f.acc)
	return answer{Text: b.say(ctx, "profile.alias.added", "old", handle, "new", "@"+b.addr.Acct(blog.Handle)), Next: []string{"alias", "followers"}}, nil
}

// aliasRemove needs nothing of the other account, which may be gone.
func (b *Bridge) aliasRemove(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "profile.off"), Next: []string{"start", "help"}}, ignoreNotFound(err)
	}
	actor := a.word(0)
	if r, err := b.db.RemoteByHandle(ctx, strings.TrimPrefix(strings.ToLower(actor), "@")); err == nil {
		actor = r.Actor
	} else if f, err := b.find(ctx, a.From, a.Rest); err == nil && f.acc.Actor != "" {
		actor = f.acc.Actor
	}
	found := false
	err = b.changeAliases(ctx, blog.ID, func(have []string) ([]string, error) {
		left := slices.DeleteFunc(slices.Clone(have), func(x string) bool { return x == actor })
		found = len(left) < len(have)
		return left, nil
	})
	if err != nil || !found {
		return answer{Text: b.say(ctx, "profile.alias.unknown", "name", clip(a.word(0), 100))}, err
	}
	return answer{Text: b.say(ctx, "profile.alias.removed", "old", b.mutedName(ctx, actor))}, nil
}

// changeAliases stores other aliases and tells the followers.
func (b *Bridge) changeAliases(ctx context.Context, blog int64, change func([]string) ([]string, error)) error {
	return b.changeActor(ctx, blog, func(tx *db.Tx, now *db.Blog) (bool, error) {
		prefs, err := tx.Preferences(ctx, now.ID)
		if err != nil {
			return false, err
		}
		have := aliasesOf(prefs)
		want, err := change(slices.Clone(have))
		if err != nil || slices.Equal(have, want) {
			return false, err
		}
		now.ProfileAt = b.nowMS()
		if err := tx.SetPreference(ctx, now.ID, preferenceAliases, strings.Join(want, "\n")); err != nil {
			return false, err
		}
		return true, tx.SetProfile(ctx, now.ID, now.Profile, now.ProfileAt)
	})
}

// errCooldown says that the last move was not long ago.
var errCooldown = errors.New("moved not long ago")

// moveOut sends the followers to another account, which must name this one as an
// alias of its own (row I29: everybody who gets the Move asks it). The blog pauses.
func (b *Bridge) moveOut(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "profile.off"), Next: []string{"start", "help"}}, ignoreNotFound(err)
	}
	if a.Rest == "" {
		return answer{Text: b.say(ctx, "profile.move.what")}, nil
	}
	f, err := b.find(ctx, a.From, a.Rest)
	if err == nil && f.blog.ID != 0 {
		err = stanza.ErrNotAcceptable(b.say(ctx, "profile.alias.here"))
	}
	if err != nil {
		return inWords(err)
	}
	handle, self := "@"+b.handleAt(f.acc), b.addr.Actor(blog.Token)
	doc, _, err := b.fetchActor(ctx, f.acc.Actor) // as it is now
	if err != nil {
		return answer{Text: b.say(ctx, "profile.move.silent", "new", handle)}, nil
	}
	to := vocab.ReadProfile(doc)
	if !slices.Contains(to.AlsoKnownAs, self) || to.MovedTo != "" {
		return answer{Text: b.say(ctx, "profile.move.alias", "new", handle, "old", "@"+b.addr.Acct(blog.Handle))}, nil
	}
	n, err := b.db.FollowerCount(ctx, blog.ID, followerAccepted)
	if err != nil {
		return answer{}, err
	}
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return answer{}, err
	}
	if b.movedSince(prefs) {
		return answer{Text: b.say(ctx, "profile.move.cooldown")}, nil
	}
	if !a.Sure {
		return answer{Confirm: true, Text: b.say(ctx, "profile.move.sure", "new", handle, "number", n)}, nil
	}
	if err := b.movesTo(ctx, blog.ID, f.acc.Actor); errors.Is(err, errCooldown) {
		return answer{Text: b.say(ctx, "profile.move.cooldown")}, nil
	} else if err != nil {
		return answer{}, err
	}
	b.mail.Kick()
	b.logger(ctx).Info("blog moved", "jid", blog.JID, "to", f.acc.Actor)
	return answer{Text: b.say(ctx, "profile.move.done", "new", handle), Next: []string{"status", "move back"}}, nil
}

func (b *Bridge) movedSince(prefs map[string]string) bool {
	at, _ := strconv.ParseInt(prefs[preferenceMovedAt], 10, 64)
	return at != 0 && b.nowMS()-at < moveOutAgain
}

// movesTo stores the move with what tells of it: the actor as it is from now on,
// and the Move, in this order.
func (b *Bridge) movesTo(ctx context.Context, id int64, target string) error {
	key, err := b.key(ctx, id) // not inside: making one waits for the same writer
	if err != nil {
		return err
	}
	return b.db.Tx(ctx, func(tx *db.Tx) error {
		prefs, err := tx.Preferences(ctx, id)
		if err != nil {
			return err
		}
		if b.movedSince(prefs) {
			return errCooldown
		}
		for k, v := range map[string]string{preferenceMovedTo: target, preferenceMovedAt: strconv.FormatInt(b.nowMS(), 10)} {
			if err := tx.SetPreference(ctx, id, k, v); err != nil {
				return err
			}
		}
		blog, err := setState(ctx, tx, id, db.Paused)
		if err != nil {
			return err
		}
		blog.ProfileAt = b.nowMS()
		if err := tx.SetProfile(ctx, id, blog.Profile, blog.ProfileAt); err != nil {
			return err
		}
		if err := b.tellActor(ctx, tx, key, &blog); err != nil {
			return err
		}
		row := db.Activity{Token: b.token(), BlogID: id, Type: "Move", Created: b.nowMS()}
		self := b.addr.Actor(blog.Token)
		row.Body = string(vocab.Activity{
			ID: b.addr.Activity(row.Token), Type: "Move", Actor: self, To: []string{b.addr.Followers(blog.Token)}, Object: self, Target: target, Published: b.now(),
		}.JSON())
		return b.enqueue(ctx, tx, &blog, row, "actor:"+blog.Token, db.ToFollowers)
	})
}

// moveBack says that the blog is here again. Who was taken away stays away.
func (b *Bridge) moveBack(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "profile.off"), Next: []string{"start", "help"}}, ignoreNotFound(err)
	}
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return answer{}, err
	}
	if prefs[preferenceMovedTo] == "" {
		return answer{Text: b.say(ctx, "profile.move.not")}, nil
	}
	key, err := b.key(ctx, blog.ID)
	if err != nil {
		return answer{}, err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.SetPreference(ctx, blog.ID, preferenceMovedTo, ""); err != nil {
			return err
		}
		now, err := tx.BlogByID(ctx, blog.ID)
		if err != nil {
			return err
		}
		now.ProfileAt = b.nowMS()
		if err := tx.SetProfile(ctx, now.ID, now.Profile, now.ProfileAt); err != nil {
			return err
		}
		return b.tellActor(ctx, tx, key, &now)
	})
	b.mail.Kick()
	return answer{Text: b.say(ctx, "profile.move.back"), Next: []string{"start", "status"}}, err
}
