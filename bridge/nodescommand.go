package bridge

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
)

// cmdNodes lists what somebody has on the Fediverse, or could have: their own blog,
// and the community nodes that they enrolled.
func (b *Bridge) cmdNodes(ctx context.Context, a asking) (answer, error) {
	all, err := b.db.BlogsOf(ctx, a.From.String())
	if err != nil {
		return answer{}, err
	}
	latest := map[string]db.Blog{} // one that left and began anew is two rows
	var order []string
	for _, blog := range all {
		key := blog.JID + " " + blog.Node
		if _, ok := latest[key]; !ok {
			order = append(order, key)
		}
		latest[key] = blog
	}
	own := a.From.String() + " " + stanza.NSMicroblog
	if _, ok := latest[own]; !ok {
		latest[own] = db.Blog{Kind: "person", JID: a.From.String(), Node: stanza.NSMicroblog, State: db.Off}
		order = append([]string{own}, order...)
	}
	lines := []string{b.say(ctx, "profile.nodes")}
	var next []string
	for _, key := range order {
		blog := latest[key]
		what := b.say(ctx, "profile.nodes.own")
		if blog.Kind == "group" {
			what = b.say(ctx, "profile.nodes.community", "node", blog.Node, "service", blog.JID)
		}
		start := startAgain(&blog)
		line := ""
		switch blog.State {
		case db.On:
			line = b.say(ctx, "profile.nodes.on", "what", what, "handle", "@"+b.addr.Acct(blog.Handle))
			if blog.Gate != db.GateOpen {
				line = b.say(ctx, "profile.nodes.waiting", "what", what, "why", cmp.Or(b.reason(ctx, &blog), b.say(ctx, "blog.is."+Condition(blog))))
			}
		case db.Paused:
			line = b.say(ctx, "profile.nodes.paused", "what", what, "command", start)
			next = append(next, start)
		default:
			line = b.say(ctx, "profile.nodes.off", "what", what, "command", start)
			next = append(next, start)
		}
		lines = append(lines, line)
	}
	if len(b.cfg.PubSub) > 0 {
		lines = append(lines, b.say(ctx, "profile.nodes.more", "services", strings.Join(b.cfg.PubSub, ", ")))
	}
	ans := answer{Text: strings.Join(lines, "\n")}
	if len(next) > 0 {
		ans.Next = append(next[:1], "status")
	}
	return ans, nil
}

// cmdRemove ends that somebody follows.
func (b *Bridge) cmdRemove(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "profile.off"), Next: []string{"start", "help"}}, ignoreNotFound(err)
	}
	name := strings.TrimPrefix(strings.TrimSpace(a.Rest), "@")
	var f db.Follower
	err = b.db.Tx(ctx, func(tx *db.Tx) error { // they may end it meanwhile
		if f, err = b.followerNamed(ctx, tx, &blog, a.Rest); err != nil {
			return err
		}
		if err := tx.SetFollowerState(ctx, blog.ID, f.Actor, followerRemoved); err != nil {
			return err
		}
		return b.answer(ctx, tx, &blog, f, "Reject")
	})
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "profile.remove.none", "name", clip(name, 100))}, nil
	}
	if err != nil {
		return answer{}, err
	}
	b.mail.Kick()
	if f.State == followerPending {
		return answer{Text: b.say(ctx, "profile.remove.request", "name", nameOf(f))}, nil
	}
	return answer{Text: b.say(ctx, "profile.remove.done", "name", nameOf(f)), Next: []string{"mute " + strings.TrimPrefix(nameOf(f), "@"), "followers"}}, nil
}
