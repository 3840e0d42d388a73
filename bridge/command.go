package bridge

import (
	"context"
	"slices"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
)

// asking is one person's command, whichever way it came: a chat line, an ad-hoc
// command or a registration.
type asking struct {
	From  stanza.JID // bare
	Words []string   // arguments
	Rest  string     // the same as they were written, lines and all; "" in a form
	Sure  bool       // a question that the command asked was answered with yes
}

// word returns argument i, or "".
func (a asking) word(i int) string {
	if i < len(a.Words) {
		return a.Words[i]
	}
	return ""
}

// answer is what the person is told. Confirm asks back: the command runs again
// with Sure when they agree.
type answer struct {
	Text    string
	Confirm bool
	Picture string // web address of one that belongs to it, "" for none
}

// field is an argument that a form can ask for.
type field struct {
	Var, Label, Desc string
}

// command is one thing that people can ask the gateway for.
type command struct {
	Name    string
	Args    string // as shown in help
	Summary string
	Fields  []field // arguments, in order; nil when it takes none
	Run     func(*Bridge, context.Context, asking) (answer, error)
}

// commands is the one model behind chat, ad-hoc and registration.
var commands []command

func init() { // help refers back to the table
	commands = []command{
		{"start", "[service node]", "let the Fediverse follow your blog, or a community node you own", []field{
			{"service", "Pubsub service", "Only for a community node: the service, for example pubsub.example.org. Leave empty for your own blog."},
			{"node", "Node", "Only for a community node: its name."},
		}, (*Bridge).cmdStart},
		{"status", "", "is it on, and if not, why and what to do", nil, (*Bridge).cmdStatus},
		{"preview", "", "what the Fediverse would see of you", nil, (*Bridge).cmdPreview},
		{"pause", "[service node]", "send nothing for now; followers stay", nil, (*Bridge).cmdPause},
		{"delete", "link", "delete one post on the Fediverse only", []field{
			{"link", "Post", "The address of the post's page"},
		}, (*Bridge).cmdDelete},
		{"stop", "[service node]", "leave the Fediverse: your profile and posts are deleted there", nil, (*Bridge).cmdStop},
		{"approval", "[on|off]", "decide about each follower yourself", []field{
			{"switch", "Ask me about each follower", "on or off"},
		}, (*Bridge).cmdApproval},
		{"approve", "user@host", "accept somebody who asked to follow you", []field{
			{"follower", "Follower", "user@host"},
		}, (*Bridge).cmdApprove},
		{"reject", "user@host", "refuse or remove a follower", []field{
			{"follower", "Follower", "user@host"},
		}, (*Bridge).cmdReject},
		{"hide", "[on|off]", "show how many follow you, but not who", []field{
			{"switch", "Hide who follows me", "on or off"},
		}, (*Bridge).cmdHide},
		{"discoverable", "[on|off]", "let directories and search engines list you", []field{
			{"switch", "List me in directories and search engines", "on or off"},
		}, (*Bridge).cmdDiscoverable},
		{"followers", "", "who follows you, and who asks to", nil, (*Bridge).cmdFollowers},
		{"notify", "[what on|off]", "what you are told of: replies, mentions, follows, likes, all", []field{
			{"what", "What", "replies, mentions, follows, likes or all"},
			{"switch", "Tell me", "on or off"},
		}, (*Bridge).cmdNotify},
		{"mute", "[user@host|host]", "see and hear nothing of a person or a whole server", []field{
			{"who", "Who", "user@host, or the host alone for a whole server. Leave empty to see who is muted."},
		}, (*Bridge).cmdMute},
		{"unmute", "user@host|host", "end that", []field{
			{"who", "Who", "user@host, or the host alone"},
		}, (*Bridge).cmdUnmute},
		{"find", "@user@host|link", "look for somebody, or a post, on the Fediverse", []field{
			{"what", "Who or what", "@user@host, or the address of a profile or post"},
		}, (*Bridge).cmdFind},
		{"follow", "@user@host", "follow somebody on the Fediverse; you need no blog for that", []field{
			{"who", "Whom", "@user@host, or the address of their profile"},
		}, (*Bridge).cmdFollow},
		{"unfollow", "@user@host", "end that", []field{
			{"who", "Whom", "@user@host"},
		}, (*Bridge).cmdUnfollow},
		{"following", "", "whom you follow", nil, (*Bridge).cmdFollowing},
		{"backfill", "@user@host number", "bring older posts of somebody you follow", []field{
			{"who", "Whose", "@user@host"}, {"number", "How many", "for example 200"},
		}, (*Bridge).cmdBackfill},
		{"export", "", "whom you follow, as Mastodon's CSV", nil, (*Bridge).cmdExport},
		{"import", "list|link", "follow everybody on such a list", []field{
			{"list", "List", "addresses (user@host), or the https address of a CSV file"},
		}, (*Bridge).cmdImport},
		{"cancel", "[backfill|import]", "end long work that you began", []field{
			{"what", "What", "backfill or import; leave empty for all"},
		}, (*Bridge).cmdCancel},
		{"help", "", "this list", nil, (*Bridge).cmdHelp},
	}
}

func findCommand(name string) (command, bool) {
	i := slices.IndexFunc(commands, func(c command) bool { return c.Name == strings.ToLower(name) })
	if i < 0 {
		return command{}, false
	}
	return commands[i], true
}

// run checks who is asking and runs a command.
func (b *Bridge) run(ctx context.Context, c command, a asking) (answer, error) {
	a.From = a.From.Bare().Fold()
	if !b.serves(a.From) {
		return answer{}, stanza.ErrForbidden("This gateway serves accounts of " + strings.Join(b.cfg.Domains, ", ") + " only.")
	}
	ans, err := c.Run(b, ctx, a)
	if err != nil {
		b.logger(ctx).Error("command failed", "command", c.Name, "from", a.From.String(), "err", err)
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
