package bridge

import (
	"context"
	"slices"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/words"
)

// asking is one person's command, whichever way it came: a chat line, an ad-hoc
// command or a registration.
type asking struct {
	From  stanza.JID // bare
	Words []string   // arguments
	Rest  string     // the same as they were written, lines and all
	Sure  bool       // a question that the command asked was answered with yes
	Files []stanza.File
}

// word returns argument i, or "".
func (a asking) word(i int) string {
	if i < len(a.Words) {
		return a.Words[i]
	}
	return ""
}

// after is what was written behind the first n arguments, lines and all.
func (a asking) after(n int) string {
	rest := strings.TrimSpace(a.Rest)
	for range n {
		i := strings.IndexFunc(rest, isSpace)
		if i < 0 {
			return ""
		}
		rest = strings.TrimSpace(rest[i:])
	}
	return rest
}

// answer is what the person is told. Confirm asks back: the command runs again
// with Sure when they agree. Ask asks for one more argument: the command runs
// again with it behind the others.
type answer struct {
	Text    string
	Confirm bool
	Ask     *field
	Next    []string // the likeliest next commands, nil for those of the command
	Picture string   // web address of one that belongs to it, "" for none
}

// field is an argument that a form can ask for. What it is called is in the
// catalogue: cmd.COMMAND.VAR, more about it in cmd.COMMAND.VAR.more, and its
// options in cmd.COMMAND.VAR.VALUE or cmd.option.VALUE.
type field struct {
	Var     string
	Type    string   // of XEP-0004 §3.3; "" is text-single
	Options []string // of a list-single
	Value   string   // to begin with
}

// access says who may run a command.
type access int

const (
	users  access = iota // whoever the gateway serves
	admins               // who [admin] jids names
)

// command is one thing that people can ask the gateway for. The catalogue has what
// it does in cmd.NAME, and how it is typed in cmd.NAME.args.
type command struct {
	Name   string
	Who    access
	Node   string   // another ad-hoc node of it, "" for none
	Fields []field  // arguments, in order; nil when it takes none
	Asks   []field  // what it may ask for besides (answer.Ask)
	Next   []string // what one likely does next
	Run    func(*Bridge, context.Context, asking) (answer, error)
	// Fill gives the fields what they begin with in a form, by Var; nil for nothing.
	Fill func(*Bridge, context.Context, asking) map[string]string
}

// text is a sentence of the catalogue about a command, "" when there is none.
func (c command) text(b *Bridge, ctx context.Context, part string) string {
	key := "cmd." + c.Name
	if part != "" {
		key += "." + part
	}
	if !words.Known(key) {
		return ""
	}
	return b.say(ctx, key)
}

// usage is how a command is typed.
func (c command) usage(b *Bridge, ctx context.Context) string {
	return strings.TrimSpace(c.Name + " " + c.text(b, ctx, "args"))
}

// commandAt finds a command by one of its ad-hoc nodes.
func commandAt(node string) (command, bool) {
	for _, c := range commands {
		if c.Node != "" && c.Node == node {
			return c, true
		}
	}
	return findCommand(node)
}

func findCommand(name string) (command, bool) {
	i := slices.IndexFunc(commands, func(c command) bool { return c.Name == strings.ToLower(name) })
	if i < 0 {
		return command{}, false
	}
	return commands[i], true
}

// isAdmin reports whether somebody may do what [admin] jids may.
func (b *Bridge) isAdmin(who stanza.JID) bool {
	return slices.ContainsFunc(b.cfg.Admins, func(a string) bool { return a == who.Bare().Fold().String() })
}

// may reports whether somebody may run a command.
func (b *Bridge) may(who stanza.JID, c command) bool {
	if c.Who == admins {
		return b.isAdmin(who)
	}
	return b.serves(who.Bare()) || b.isAdmin(who)
}

// run checks who is asking and runs a command.
func (b *Bridge) run(ctx context.Context, c command, a asking) (answer, error) {
	a.From = a.From.Bare().Fold()
	ctx = b.speakTo(ctx, a.From)
	switch {
	case !b.may(a.From, c) && c.Who == admins:
		return answer{}, stanza.ErrForbidden(b.say(ctx, "chat.admins"))
	case !b.may(a.From, c):
		return answer{}, stanza.ErrForbidden(b.say(ctx, "chat.foreign", "domains", strings.Join(b.cfg.Domains, ", ")))
	}
	b.hearsLanguage(ctx, a.From)
	if s, err := b.db.Suspension(ctx, a.From.String()); err == nil && !suspendedMay(c.Name) {
		return answer{Text: b.textSuspended(ctx, s)}, nil
	} else if ignoreNotFound(err) != nil {
		return answer{}, err
	}
	ans, err := c.Run(b, ctx, a)
	if err != nil {
		b.logger(ctx).Error("command failed", "command", c.Name, "from", a.From.String(), "err", err)
	}
	if ans.Next == nil && !ans.Confirm && ans.Ask == nil {
		ans.Next = c.Next
	}
	return ans, err
}

// ownBlog returns the asker's own blog, db.ErrNotFound when it was never on.
func (b *Bridge) ownBlog(ctx context.Context, a asking) (db.Blog, error) {
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	if err == nil && (blog.State == db.Gone || blog.State == db.Reader) {
		return blog, db.ErrNotFound
	}
	return blog, err
}
