package bridge

import (
	"context"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// What people read about what others did. ctx is about whom it is told.

func (b *Bridge) textNews(ctx context.Context, blog *db.Blog, n db.News) string {
	switch n.Kind {
	case kindFollow:
		if blog.Kind == "group" {
			return b.say(ctx, "news.follow.node", "who", n.Name, "blog", b.title(ctx, blog))
		}
		return b.say(ctx, "news.follow", "who", n.Name)
	case kindReply:
		what := b.postName(ctx, n.PostID, "news.to.")
		if post, err := b.db.PostByID(ctx, n.PostID); err == nil && post.BlogID != blog.ID {
			what = b.say(ctx, "news.to.below")
		}
		return b.say(ctx, "news.reply", "who", n.Name, "what", what, "text", n.Text, "link", n.URL)
	case kindPosted:
		return b.say(ctx, "news.posted", "who", n.Name, "blog", b.title(ctx, blog), "text", n.Text, "link", n.URL)
	case kindQuote:
		return b.say(ctx, "news.quote", "who", n.Name, "what", b.postName(ctx, n.PostID, "news.to."), "link", n.URL)
	case kindMention:
		return b.say(ctx, "news.mention", "who", n.Name, "text", n.Text, "link", n.URL)
	}
	return n.Name + ": " + n.Text
}

func (b *Bridge) textManyFollow(ctx context.Context, blog *db.Blog, follows []db.News) string {
	const most = 20
	names := make([]string, 0, most)
	for _, n := range follows[:min(len(follows), most)] {
		names = append(names, n.Name)
	}
	who := strings.Join(names, ", ")
	if len(follows) > most {
		who = b.say(ctx, "news.andmore", "names", who, "number", len(follows)-most)
	}
	if blog.Kind == "group" {
		return b.say(ctx, "news.follows.node", "number", len(follows), "blog", b.title(ctx, blog), "names", who)
	}
	return b.say(ctx, "news.follows", "number", len(follows), "names", who)
}

// textDigest lists likes and boosts by post.
func (b *Bridge) textDigest(ctx context.Context, list []db.News) string {
	type tally struct {
		likes, boosts []string
	}
	posts := map[int64]*tally{}
	var order []int64
	for _, n := range list {
		t := posts[n.PostID]
		if t == nil {
			t = &tally{}
			posts[n.PostID] = t
			order = append(order, n.PostID)
		}
		switch n.Kind {
		case reactAnnounce:
			t.boosts = append(t.boosts, n.Name)
		case reactEmoji:
			t.likes = append(t.likes, n.Name+" "+n.Text)
		default:
			t.likes = append(t.likes, n.Name)
		}
	}
	var parts []string
	for _, id := range order {
		t := posts[id]
		text := b.postName(ctx, id, "news.title.")
		if len(t.likes) > 0 {
			text += "\n  " + b.say(ctx, "news.liked", "names", b.someOf(ctx, t.likes))
		}
		if len(t.boosts) > 0 {
			text += "\n  " + b.say(ctx, "news.boosted", "names", b.someOf(ctx, t.boosts))
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "\n\n")
}

func (b *Bridge) someOf(ctx context.Context, names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return b.say(ctx, "news.andmore", "names", strings.Join(names[:most], ", "), "number", len(names)-most)
}

// postName is how a post is called in a sentence to its author, or as a title.
func (b *Bridge) postName(ctx context.Context, id int64, as string) string {
	post, err := b.db.PostByID(ctx, id)
	if err != nil || post.Object == "" {
		return b.say(ctx, as+"post")
	}
	what := b.say(ctx, as+"post")
	if post.ReplyTo != "" {
		what = b.say(ctx, as+"comment")
	}
	o, err := vocab.Read([]byte(post.Object), vocab.DefaultLimits)
	if err != nil {
		return what
	}
	name := o.Str("name")
	if name == "" {
		name = mapping.PlainText(o.Str("content"))
	}
	name = strings.Join(strings.Fields(name), " ")
	if short := clip(name, 60); short != name {
		name = short + "…"
	}
	return what + " " + b.say(ctx, "chat.quoted", "text", name)
}

func upperFirst(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// textNoComments says why replies come as messages.
func (b *Bridge) textNoComments(ctx context.Context, condition string) string {
	switch condition {
	case "item-not-found":
		return b.say(ctx, "news.nocomments.place")
	case "forbidden", "not-authorized", "not-allowed":
		return b.say(ctx, "news.nocomments.closed")
	}
	return b.say(ctx, "news.nocomments", "condition", condition)
}
