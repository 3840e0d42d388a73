package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"isthmus/activitypub"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// kindRepeat is the job that boosts what an item repeats: another server has to be
// asked, and the blog does not wait for it.
const kindRepeat = "repeat"

// repeatTries is how often that server is asked: for some hours.
const repeatTries = 15

type repeatArgs struct {
	Blog      int64
	Item      string
	Href, Ref string
}

func repeatJob(blog int64, item string, via stanza.Link, due int64) db.Job {
	args, _ := json.Marshal(repeatArgs{blog, item, via.Href, via.Ref})
	return db.Job{Kind: kindRepeat, Key: fmt.Sprintf("%d:%s", blog, item), Args: string(args), Due: due}
}

func (b *Bridge) repeat(ctx context.Context, j queue.Job) error {
	var a repeatArgs
	if err := json.Unmarshal([]byte(j.Args), &a); err != nil {
		return err
	}
	blog, err := b.db.BlogByID(ctx, a.Blog)
	if err != nil || blog.State != db.On {
		return ignoreNotFound(err)
	}
	if _, err := b.db.PostByItem(ctx, blog.ID, a.Item); err != nil { // retracted meanwhile
		return ignoreNotFound(err)
	}
	err = b.repeats(ctx, &blog, place{blog.JID, blog.Node, a.Item}, stanza.Link{Href: a.Href, Ref: a.Ref})
	if errors.Is(err, errIgnored) || activitypub.Gone(err) || err != nil && j.Tries >= repeatTries {
		b.logger(ctx).Info("not boosted", "item", a.Item, "why", err)
		return nil
	}
	return err
}

// repeats makes a blogger boost what an item of theirs is a copy of, if that is on
// the Fediverse.
func (b *Bridge) repeats(ctx context.Context, blog *db.Blog, at place, via stanza.Link) error {
	t, err := b.repeated(ctx, via)
	if err != nil || t.object == "" {
		return err
	}
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: "Announce", Created: b.nowMS()}
	actor := b.addr.Actor(blog.Token)
	row.Body = string(mapping.Announce(actor, b.addr.Activity(row.Token), t.object, t.remote.Actor, b.addr.Followers(blog.Token), b.now()).JSON())
	return b.do(ctx, blog, row, db.Deed{Kind: reactAnnounce, Object: t.object, Service: at.service, Node: at.node, Item: at.item}, t, db.ToFollowers)
}

// repeated is what a link rel=via leads to: an item that is known here, or a
// public post at a web address.
func (b *Bridge) repeated(ctx context.Context, via stanza.Link) (target, error) {
	if uri, err := stanza.ParseURI(via.Href); err == nil {
		return b.findTarget(ctx, nil, uri, via.Ref)
	}
	if _, _, ours := b.addr.TokenOf(via.Href); ours || hostOf(via.Href) == "" {
		return target{}, nil
	}
	post, err := b.fetchPost(ctx, via.Href)
	if err != nil || !isPublic(post.Visibility("")) {
		return target{}, err
	}
	remote, err := b.remote(ctx, post.author)
	return target{object: post.ID, remote: remote}, err
}
