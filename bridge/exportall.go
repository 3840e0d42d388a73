package bridge

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"isthmus/activitypub"
	"isthmus/component/stanza"
	"isthmus/db"
)

// settingExport is the secret of somebody's archive and since when it is one.
const settingExport = "export"

const (
	exportFor   = time.Hour
	maxExported = 64 << 20 // bytes of posts in an archive, the newest first
)

// exportAll answers with the link of an archive of all that is somebody's.
func (b *Bridge) exportAll(ctx context.Context, a asking) (answer, error) {
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	if err != nil || blog.State == db.Gone {
		return answer{Text: b.say(ctx, "profile.export.none")}, ignoreNotFound(err)
	}
	secret := b.token()
	if err := b.db.SetSetting(ctx, a.From.String(), settingExport, secret+" "+strconv.FormatInt(b.nowMS(), 10)); err != nil {
		return answer{}, err
	}
	// The blog is in the link, too, so that the secret can be found.
	return answer{Text: b.say(ctx, "profile.export.link", "link", b.addr.Base+"/ap/export/"+blog.Token+"-"+secret)}, nil
}

// Export is such an archive.
func (b httpSide) Export(ctx context.Context, token string) (activitypub.Document, error) {
	none := activitypub.Document{}
	of, secret, _ := strings.Cut(token, "-")
	blog, err := b.db.BlogByToken(ctx, of)
	if errors.Is(err, db.ErrNotFound) || err == nil && blog.State == db.Gone {
		return none, activitypub.ErrNotFound
	}
	if err != nil {
		return none, err
	}
	have, since, _ := strings.Cut(b.setting(ctx, mustJID(blog.JID), settingExport), " ")
	at, err := strconv.ParseInt(since, 10, 64)
	if err != nil || secret == "" || subtle.ConstantTimeCompare([]byte(have), []byte(secret)) != 1 || b.nowMS()-at > exportFor.Milliseconds() {
		return none, activitypub.ErrNotFound
	}
	body, err := b.archive(ctx, &blog)
	return activitypub.Document{Body: body, Private: true, Open: true}, err
}

// archive is a Collection of an actor and its collections, each with all its items.
func (b *Bridge) archive(ctx context.Context, blog *db.Blog) ([]byte, error) {
	actor, err := b.actor(ctx, blog)
	if err != nil {
		return nil, err
	}
	parts := []any{json.RawMessage(actor.JSON())}
	add := func(name string, items []any) {
		if items == nil {
			items = []any{}
		}
		parts = append(parts, map[string]any{"id": b.addr.Collection(blog.Token, name), "type": "OrderedCollection", "totalItems": len(items), "orderedItems": items})
	}
	var posts []any
	size := 0
	for published, id := int64(math.MaxInt64), int64(math.MaxInt64); ; {
		list, err := b.db.Posts(ctx, blog.ID, published, id, tellChunk)
		if err != nil {
			return nil, err
		}
		for _, post := range list {
			published, id = post.Published, post.ID
			create, err := b.about(blog, post, "Create", post.CreateTok, post.Published)
			if err != nil {
				return nil, err
			}
			if size += len(post.Object); size <= maxExported {
				posts = append(posts, json.RawMessage(create.JSON()))
			}
		}
		if len(list) < tellChunk || size > maxExported {
			break
		}
	}
	add("outbox", posts)
	var messages []any
	for after := int64(0); size <= maxExported; {
		list, err := b.db.DirectsOf(ctx, blog.ID, after, tellChunk)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			after = m.ID
			if size += len(m.Object); size <= maxExported {
				messages = append(messages, json.RawMessage(m.Object))
			}
		}
		if len(list) < tellChunk {
			break
		}
	}
	add("messages", messages)
	var following, followers []any
	for after := ""; ; {
		list, err := b.db.FollowingOf(ctx, blog.ID, after, tellChunk)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			after, following = f.Actor, append(following, f.Actor)
		}
		if len(list) < tellChunk {
			break
		}
	}
	add("following", following)
	for after := int64(0); ; {
		list, err := b.db.Followers(ctx, blog.ID, followerAccepted, after, tellChunk)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			after, followers = f.ID, append(followers, f.Actor)
		}
		if len(list) < tellChunk {
			break
		}
	}
	add("followers", followers)
	return json.Marshal(map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "type": "Collection", "totalItems": len(parts), "items": parts})
}
