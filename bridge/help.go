package bridge

import (
	"context"
	"slices"
	"strings"
)

// often are the commands that help begins with.
var often = []string{"start", "status", "post", "find", "follow", "following", "messages", "reply", "notify", "stop", "language"}

// helpGroups are all commands of users as “help all” lists them.
var helpGroups = []struct {
	title string
	names []string
}{
	{"chat.help.blog", []string{"start", "status", "preview", "post", "pause", "stop", "delete", "pin", "unpin", "handle", "fields", "discoverable", "posts-language", "nodes", "alias", "move", "export"}},
	{"chat.help.read", []string{"find", "follow", "unfollow", "following", "like", "unlike", "boost", "unboost", "vote", "reply", "thread", "messages", "backfill", "import", "cancel", "roster"}},
	{"chat.help.people", []string{"followers", "approval", "approve", "reject", "remove", "hide", "notify", "mute", "unmute", "block", "unblock", "unquote", "report", "requests", "accept", "decline"}},
	{"chat.help.self", []string{"language", "help"}},
}

// cmdHelp lists the everyday commands, all of them, or tells about one.
func (b *Bridge) cmdHelp(ctx context.Context, a asking) (answer, error) {
	what := strings.ToLower(a.word(0))
	if c, ok := findCommand(what); ok && b.may(a.From, c) {
		return answer{Text: b.helpAbout(ctx, c), Next: c.Next}, nil
	}
	var s strings.Builder
	s.WriteString(b.say(ctx, "chat.help"))
	if what == "all" {
		for _, g := range helpGroups {
			s.WriteString("\n\n" + b.say(ctx, g.title))
			b.helpLines(ctx, &s, a, g.names)
		}
	} else {
		s.WriteString("\n\n" + b.say(ctx, "chat.help.often"))
		b.helpLines(ctx, &s, a, often)
		s.WriteString("\n\n" + b.say(ctx, "chat.help.more"))
	}
	if b.isAdmin(a.From) {
		s.WriteString("\n\n" + b.say(ctx, "chat.help.admin"))
		var names []string
		for _, c := range commands {
			if c.Who == admins {
				names = append(names, c.Name)
			}
		}
		b.helpLines(ctx, &s, a, names)
	}
	return answer{Text: s.String()}, nil
}

func (b *Bridge) helpLines(ctx context.Context, s *strings.Builder, a asking, names []string) {
	for _, name := range names {
		if c, ok := findCommand(name); ok && b.may(a.From, c) {
			s.WriteString("\n  " + c.usage(b, ctx) + " — " + c.text(b, ctx, ""))
		}
	}
}

// helpAbout is what a command is for, and what it is told.
func (b *Bridge) helpAbout(ctx context.Context, c command) string {
	lines := []string{c.usage(b, ctx) + " — " + c.text(b, ctx, "")}
	for _, x := range slices.Concat(c.Fields, c.Asks) {
		line := c.text(b, ctx, x.Var)
		if more := c.text(b, ctx, x.Var+".more"); more != "" {
			line += ": " + more
		}
		if len(x.Options) > 0 {
			line += " (" + strings.Join(x.Options, ", ") + ")"
		}
		lines = append(lines, "  "+line)
	}
	return strings.Join(lines, "\n")
}
