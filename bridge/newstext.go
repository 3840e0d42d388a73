package bridge

import (
	"context"
	"fmt"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// What people read about what others did.

const (
	textNamed     = "(A public post that names you.)"
	textRetracted = "(The author deleted this message.)"
)

func (b *Bridge) textNews(ctx context.Context, blog *db.Blog, n db.News) string {
	switch n.Kind {
	case kindFollow:
		return n.Name + " follows " + whomOf(blog, b.addr) + " now."
	case kindReply:
		what := b.postName(ctx, n.PostID)
		if post, err := b.db.PostByID(ctx, n.PostID); err == nil && post.BlogID != blog.ID {
			what = "a comment below your post"
		}
		return fmt.Sprintf("%s answered %s:\n\n%s\n\n%s", n.Name, what, n.Text, n.URL)
	case kindMention:
		return fmt.Sprintf("%s named you:\n\n%s\n\n%s", n.Name, n.Text, n.URL)
	}
	return n.Name + ": " + n.Text
}

func whomOf(blog *db.Blog, addr mapping.Addresses) string {
	if blog.Kind == "group" {
		return title(blog, addr)
	}
	return "you"
}

func textManyFollow(blog *db.Blog, addr mapping.Addresses, follows []db.News) string {
	const most = 20
	names := make([]string, 0, most)
	for _, n := range follows[:min(len(follows), most)] {
		names = append(names, n.Name)
	}
	text := fmt.Sprintf("%d people follow %s now: %s", len(follows), whomOf(blog, addr), strings.Join(names, ", "))
	if len(follows) > most {
		text += fmt.Sprintf(" and %d more", len(follows)-most)
	}
	return text + "."
}

// textDigest lists likes and boosts by post.
func (b *Bridge) textDigest(ctx context.Context, _ *db.Blog, list []db.News) string {
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
	var s strings.Builder
	for i, id := range order {
		if i > 0 {
			s.WriteString("\n\n")
		}
		t := posts[id]
		s.WriteString(upperFirst(b.postName(ctx, id)))
		if len(t.likes) > 0 {
			s.WriteString("\n  liked by " + someOf(t.likes))
		}
		if len(t.boosts) > 0 {
			s.WriteString("\n  boosted by " + someOf(t.boosts))
		}
	}
	return s.String()
}

func someOf(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// postName is how a post is called in a sentence to its author.
func (b *Bridge) postName(ctx context.Context, id int64) string {
	post, err := b.db.PostByID(ctx, id)
	if err != nil || post.Object == "" {
		return "your post"
	}
	what := "your post"
	if post.ReplyTo != "" {
		what = "your comment"
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
	return what + " “" + name + "”"
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// textNoComments says why replies come as messages.
func textNoComments(condition string) string {
	reason := "the server refuses comments to this post (" + condition + ")"
	switch condition {
	case "item-not-found":
		reason = "the post has no place for comments (any more)"
	case "forbidden", "not-authorized", "not-allowed":
		reason = "the post's comments are closed to others, or there is no place for them"
	}
	return "(You get this as a message because " + reason + ". Comments work where the post was written with comments allowed, and the node's publish model is “open”.)"
}
