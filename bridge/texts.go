package bridge

import (
	"context"
	"strings"

	"isthmus/db"
	"isthmus/words"
)

// What owners are told of their blogs. The words are in the catalogue.

// title is how a blog is called.
func (b *Bridge) title(ctx context.Context, blog *db.Blog) string {
	if blog.Kind == "group" {
		return b.say(ctx, "blog.node", "node", blog.Node, "service", blog.JID, "handle", b.addr.Acct(blog.Handle))
	}
	return "@" + b.addr.Acct(blog.Handle)
}

func (b *Bridge) textWelcome(ctx context.Context) string {
	return b.say(ctx, "blog.welcome", "name", b.cfg.Name, "consent", b.say(ctx, "blog.consent"))
}

func (b *Bridge) textStarted(ctx context.Context, blog *db.Blog) string {
	handle := b.addr.Acct(blog.Handle)
	if blog.Kind == "group" {
		return b.say(ctx, "blog.started.node", "handle", handle)
	}
	return b.say(ctx, "blog.started", "handle", handle, "consent", b.say(ctx, "blog.consent"), "gateway", b.cfg.Component)
}

// textEnrolled is for somebody whom the admin enrolled.
func (b *Bridge) textEnrolled(ctx context.Context, blog *db.Blog) string {
	return b.say(ctx, "blog.enrolled", "handle", b.addr.Acct(blog.Handle), "consent", b.say(ctx, "blog.consent"))
}

func (b *Bridge) textOpened(ctx context.Context, blog *db.Blog) string {
	return b.say(ctx, "blog.opened", "blog", b.title(ctx, blog), "page", b.addr.Page(blog.Handle))
}

func (b *Bridge) textClosed(ctx context.Context, blog *db.Blog) string {
	why := b.reason(ctx, blog)
	if blog.Kind == "group" {
		return b.say(ctx, "blog.closed.node", "node", blog.Node, "why", why)
	}
	return b.say(ctx, "blog.closed", "why", why)
}

// reason says why strangers cannot read a blog: what is stored is a key of the
// catalogue, or a sentence of an earlier version.
func (b *Bridge) reason(ctx context.Context, blog *db.Blog) string {
	if blog.Reason == "" || !words.Known(blog.Reason) {
		return blog.Reason
	}
	return b.say(ctx, blog.Reason, "gateway", b.cfg.Component)
}

// Reason is why strangers cannot read a blog, for the admin.
func Reason(blog db.Blog, cfg Config) string {
	if blog.Reason == "" {
		return ""
	}
	return words.Say(words.Languages[0], blog.Reason, "gateway", cfg.Component)
}

func (b *Bridge) textFollowRequest(ctx context.Context, f db.Follower) string {
	return b.say(ctx, "blog.asks", "who", nameOf(f), "actor", f.Actor)
}

// textStop says what leaving does, in numbers.
func (b *Bridge) textStop(ctx context.Context, blogs []db.Blog) string {
	lines := []string{b.say(ctx, "blog.stop.deletes")}
	for _, blog := range blogs {
		posts, _ := b.db.PostCount(ctx, blog.ID) // a number that is missing must not keep anybody from leaving
		followers, _ := b.db.FollowerCount(ctx, blog.ID, followerAccepted)
		following, _ := b.db.FollowingCount(ctx, blog.ID)
		lines = append(lines, "  "+b.say(ctx, "blog.stop.one", "blog", b.title(ctx, &blog), "posts", posts, "followers", followers, "following", following))
	}
	return strings.Join(append(lines, b.say(ctx, "blog.stop.else")), "\n")
}
