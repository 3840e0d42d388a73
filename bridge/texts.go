package bridge

import (
	"context"
	"fmt"
	"strings"

	"isthmus/db"
	"isthmus/mapping"
)

// This file is what people read. Later languages go beside it.

const textConsent = "Turning this on lets anybody on the Fediverse follow your public blog. " +
	"What goes out: your name, “about” text and picture as strangers see them, the posts of your blog that strangers can read, and what you comment and like in public below posts of others who are on the Fediverse, all of it with edits and deletions. " +
	"What never goes out: anything that only your contacts can read, your contacts, your presence, your messages. " +
	"Search engines and directories are asked to leave you out, until you say “discoverable on”. " +
	"“stop” ends it and deletes all of it there."

func textWelcome(cfg Config) string {
	return "Hello! I am " + cfg.Name + ", the bridge from here to the Fediverse (Mastodon and others). Nothing of yours goes there unless you say “start”.\n\n" +
		textConsent + "\n\nSay “help” for the commands."
}

func title(blog *db.Blog, addr mapping.Addresses) string {
	if blog.Kind == "group" {
		return fmt.Sprintf("%s on %s (@%s)", blog.Node, blog.JID, addr.Acct(blog.Handle))
	}
	return "@" + addr.Acct(blog.Handle)
}

func textStarted(blog *db.Blog, addr mapping.Addresses, cfg Config) string {
	if blog.Kind == "group" {
		return "Turned on. On the Fediverse the node is @" + addr.Acct(blog.Handle) + "."
	}
	return "Welcome! On the Fediverse you are @" + addr.Acct(blog.Handle) + ".\n\n" + textConsent +
		"\n\nPlease accept the contact request of " + cfg.Component + ": it is how I hear of your first post at once."
}

// textEnrolled is for somebody whom the admin enrolled.
func textEnrolled(blog *db.Blog, addr mapping.Addresses, cfg Config) string {
	return "The admin of this server turned on the bridge to the Fediverse for your blog. There you are @" + addr.Acct(blog.Handle) + ".\n\n" + textConsent +
		"\n\nYou can end it at any time: say “stop”, or “pause”. “status” tells how it stands."
}

func textOpened(blog *db.Blog, addr mapping.Addresses) string {
	return fmt.Sprintf("%s is on: strangers can read it, so new posts go to the Fediverse from now on.\nPage: %s", title(blog, addr), addr.Page(blog.Handle))
}

func textClosed(blog *db.Blog) string {
	what := "Your blog"
	if blog.Kind == "group" {
		what = "The node " + blog.Node
	}
	return what + " is not readable for strangers (any more), so nothing of it goes to the Fediverse and its page shows no posts. " +
		blog.Reason + "\nWhat went out before is still on other servers; “stop” deletes it there."
}

func textFollowRequest(blog *db.Blog, f db.Follower) string {
	who := nameOf(f)
	return fmt.Sprintf("%s asks to follow you.\n%s\nSay “approve %s” or “reject %s”.", who, f.Actor, who, who)
}

// textStop says what leaving does, in numbers.
func (b *Bridge) textStop(ctx context.Context, blogs []db.Blog) string {
	var s strings.Builder
	s.WriteString("This deletes from the Fediverse, for good:")
	for _, blog := range blogs {
		posts, _ := b.db.PostCount(ctx, blog.ID) // a number that is missing must not keep anybody from leaving
		followers, _ := b.db.FollowerCount(ctx, blog.ID, followerAccepted)
		following, _ := b.db.FollowingCount(ctx, blog.ID)
		fmt.Fprintf(&s, "\n  %s: posts %d, followers %d, following %d", title(&blog, b.addr), posts, followers, following)
	}
	s.WriteString("\nOn XMPP everything stays as it is. “pause” would keep the followers.")
	return s.String()
}
