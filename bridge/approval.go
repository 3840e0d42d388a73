package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/db"
)

// This file is how an owner decides about followers.

func (b *Bridge) cmdApproval(ctx context.Context, a asking) (answer, error) {
	ans, err := b.toggle(ctx, a, "approval", func(blog *db.Blog, v *bool) bool { return set(v, &blog.Approve) },
		"blog.approval.on", "blog.approval.off")
	if err != nil {
		return ans, err
	}
	if blog, err := b.ownBlog(ctx, a); err == nil && !blog.Approve {
		if n, err := b.db.FollowerCount(ctx, blog.ID, followerPending); err == nil && n > 0 {
			ans.Text += " " + b.say(ctx, "blog.approval.waiting", "number", n)
		}
	}
	return ans, nil
}

func (b *Bridge) cmdHide(ctx context.Context, a asking) (answer, error) {
	return b.toggle(ctx, a, "hide", func(blog *db.Blog, v *bool) bool { return set(v, &blog.HideNetwork) },
		"blog.hide.on", "blog.hide.off")
}

// cmdDiscoverable is both of Mastodon's flags: directories, and full-text search
// (FEP-5feb). Our own pages tell search engines the same.
func (b *Bridge) cmdDiscoverable(ctx context.Context, a asking) (answer, error) {
	return b.toggle(ctx, a, "discoverable", func(blog *db.Blog, v *bool) bool { return set(v, &blog.Discoverable, &blog.Indexable) },
		"blog.discoverable.on", "blog.discoverable.off")
}

// set writes v into the switches unless it is nil, and returns how they stand.
func set(v *bool, switches ...*bool) bool {
	for _, s := range switches {
		if v != nil {
			*s = *v
		}
	}
	return *switches[0]
}

// toggle changes one switch of the asker's blog and tells the Fediverse; on and off
// are keys of what is answered.
func (b *Bridge) toggle(ctx context.Context, a asking, name string, which func(*db.Blog, *bool) bool, on, off string) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "blog.startfirst")}, ignoreNotFound(err)
	}
	var want bool
	switch strings.ToLower(a.word(0)) {
	case "on", "1", "true":
		want = true
	case "off", "0", "false":
	default:
		return answer{Text: b.say(ctx, "blog.switch", "name", name, "state", map[bool]string{true: "on", false: "off"}[which(&blog, nil)])}, nil
	}
	err = b.changeActor(ctx, blog.ID, func(tx *db.Tx, now *db.Blog) (bool, error) {
		which(now, &want)
		return true, tx.SetOptions(ctx, *now)
	})
	return answer{Text: b.say(ctx, map[bool]string{true: on, false: off}[want])}, err
}

func (b *Bridge) cmdApprove(ctx context.Context, a asking) (answer, error) {
	return b.decide(ctx, a, followerAccepted, "Accept", "blog.follower.yes")
}

func (b *Bridge) cmdReject(ctx context.Context, a asking) (answer, error) {
	return b.decide(ctx, a, followerRemoved, "Reject", "blog.follower.no")
}

// decide answers a follower by hand.
func (b *Bridge) decide(ctx context.Context, a asking, state, typ, done string) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "blog.startfirst")}, ignoreNotFound(err)
	}
	who := strings.TrimPrefix(a.word(0), "@")
	var f db.Follower
	err = b.db.Tx(ctx, func(tx *db.Tx) error { // they may take it back meanwhile
		if f, err = tx.Follower(ctx, blog.ID, who); errors.Is(err, db.ErrNotFound) {
			f, err = tx.FollowerByHandle(ctx, blog.ID, strings.ToLower(who))
		}
		if err == nil && f.State == followerRemoved {
			err = db.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := tx.SetFollowerState(ctx, blog.ID, f.Actor, state); err != nil {
			return err
		}
		return b.answer(ctx, tx, &blog, f, typ)
	})
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "blog.follower.unknown", "who", clip(who, 100))}, nil
	}
	if err != nil {
		return answer{}, err
	}
	b.mail.Kick()
	return answer{Text: b.say(ctx, done, "who", nameOf(f))}, nil
}

func (b *Bridge) cmdFollowers(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "blog.followers.off")}, ignoreNotFound(err)
	}
	const most = 50
	waiting, err := b.db.Followers(ctx, blog.ID, followerPending, 0, most)
	if err != nil {
		return answer{}, err
	}
	list, err := b.db.Followers(ctx, blog.ID, followerAccepted, 0, most)
	if err != nil {
		return answer{}, err
	}
	n, err := b.db.FollowerCount(ctx, blog.ID, followerAccepted)
	if err != nil {
		return answer{}, err
	}
	var s strings.Builder
	if len(waiting) > 0 {
		s.WriteString(b.say(ctx, "blog.followers.waiting") + "\n")
		for _, f := range waiting {
			s.WriteString("  " + nameOf(f) + "\n")
		}
		s.WriteString("\n")
	}
	s.WriteString(b.say(ctx, "blog.followers", "number", n))
	for _, f := range list {
		s.WriteString("\n  " + nameOf(f))
	}
	if n > most {
		s.WriteString("\n  " + b.say(ctx, "blog.more", "number", n-most))
	}
	return answer{Text: s.String()}, nil
}

func nameOf(f db.Follower) string {
	if f.Handle != "" {
		return "@" + f.Handle
	}
	return f.Actor
}
