package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// maxPostText bounds, in bytes, what is published by a command.
const maxPostText = 50_000

// cmdPost publishes on the asker's own blog, in their name, where their server
// lets us (XEP-0356). The Fediverse gets it as any post of theirs.
func (b *Bridge) cmdPost(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "post.off"), Next: []string{"start", "help"}}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if blog.State != db.On {
		return answer{Text: b.say(ctx, "post.paused"), Next: []string{"start", "status"}}, nil
	}
	if !b.xmpp.MayAct(a.From.Domain, stanza.NSPubSub) {
		return answer{Text: b.say(ctx, "post.grant", "domain", a.From.Domain, "component", b.cfg.Component, "blog", stanza.ItemURI(a.From, stanza.NSMicroblog, "").String(),
			"setting", `iq = { ["`+stanza.NSPubSub+`"] = "both" }`)}, nil
	}
	if len(a.Rest) > maxPostText {
		return answer{Text: b.say(ctx, "post.long", "bytes", maxPostText)}, nil
	}
	files := b.filesOf(a)
	if a.Rest == "" && len(files) == 0 {
		return answer{Text: b.say(ctx, "post.empty")}, nil
	}
	item := b.token()
	entry := b.written(ctx, a.From, item, a.Rest, files)
	if node := commentsPrefix + item; b.createAs(ctx, a.From, node) {
		entry.Links = append(entry.Links, stanza.Link{Rel: "replies", Title: "comments", Href: stanza.ItemURI(a.From, node, "").String()})
	}
	if err := b.postAs(ctx, a.From, stanza.Item{ID: item, Payload: entry.Element()}); err != nil {
		b.kept.put(a.From, files, b.now()) // for when they try again
		return b.notPosted(ctx, err)
	}
	return b.postedAs(ctx, &blog, item)
}

// written is an entry with what somebody wrote in a chat: a note, and not an
// article with a title.
func (b *Bridge) written(ctx context.Context, who stanza.JID, id, text string, files []stanza.File) stanza.Entry {
	e := stanza.Entry{
		ID: id, Published: b.now().UTC(), Updated: b.now().UTC(),
		Authors: []stanza.Person{{Name: stanza.Unescape(who.Local), URI: "xmpp:" + who.String()}},
	}
	if blog, err := b.db.BlogByNode(ctx, who.String(), stanza.NSMicroblog); err == nil && blog.Profile.Name != "" {
		e.Authors[0].Name = blog.Profile.Name
	}
	line := strings.Join(strings.Fields(text), " ")
	if line == "" && len(files) > 0 { // clients drop what has no title
		if line = files[0].Desc; line == "" {
			line = "📎"
			if strings.HasPrefix(files[0].Type, "image/") {
				line = "📷"
			}
		}
	}
	e.Title = stanza.Text{Type: "text", Body: line}
	if strings.Contains(text, "\n") {
		e.Content = []stanza.Text{{Type: "text", Body: text}}
	}
	for _, f := range files {
		title := f.Desc
		if title == "" {
			title = f.Name
		}
		e.Links = append(e.Links, stanza.Link{Rel: "enclosure", Href: f.URL, Type: f.Type, Title: title, Length: f.Size})
	}
	return e
}

// createAs makes a comments node that everybody may read and write, on somebody's
// own account (XEP-0277 §4.1), and reports whether there is one.
func (b *Bridge) createAs(ctx context.Context, who stanza.JID, node string) bool {
	field := func(name, value string) stanza.Field {
		return stanza.Field{Var: "pubsub#" + name, Values: []string{value}}
	}
	config := stanza.NewForm("submit", stanza.NSPubSub+"#node_config", field("access_model", "open"), field("publish_model", "open"),
		field("persist_items", "true"), field("max_items", "max"))
	_, err := b.xmpp.As(ctx, who, stanza.IQ("set", stanza.JID{}, who, stanza.CreateRequest(node, config)))
	if err != nil {
		b.logger(ctx).Info("no comments node made", "jid", who.String(), "err", err)
	}
	return err == nil
}

// postAs publishes an item on somebody's own blog. A node that is not there is made
// so that everybody can read it; one that is keeps its settings, which options
// would contradict, and some servers know few of them (xmpp-servers §2.4).
func (b *Bridge) postAs(ctx context.Context, who stanza.JID, it stanza.Item) error {
	open := []stanza.Field{{Var: "pubsub#access_model", Values: []string{"open"}}, {Var: "pubsub#persist_items", Values: []string{"true"}}}
	all := append([]stanza.Field{{Var: "pubsub#max_items", Values: []string{"max"}}}, open...)
	var err error
	for _, fields := range [][]stanza.Field{all, open, nil} {
		var options *stanza.Form
		if fields != nil {
			options = stanza.NewForm("submit", stanza.NSPubSub+"#publish-options", fields...)
		}
		_, err = b.xmpp.As(ctx, who, stanza.IQ("set", stanza.JID{}, who, stanza.PublishRequest(stanza.NSMicroblog, it, options)))
		var refused *stanza.Error
		if !errors.As(err, &refused) {
			return err
		}
		switch refused.Condition {
		case "conflict", "precondition-not-met", "resource-constraint", "not-acceptable", "bad-request", "feature-not-implemented":
		default:
			return err
		}
	}
	return err
}

// notPosted says why a server did not take a post.
func (b *Bridge) notPosted(ctx context.Context, err error) (answer, error) {
	var refused *stanza.Error
	if errors.As(err, &refused) {
		return answer{Text: b.say(ctx, "post.refused", "why", refused.Condition)}, nil
	}
	if errors.Is(err, component.ErrTimeout) || errors.Is(err, component.ErrNotPrivileged) || errors.Is(err, component.ErrDown) {
		return answer{Text: b.say(ctx, "post.silent")}, nil
	}
	return answer{}, err
}

// postedAs takes what was just published, as if its notification had come, and
// says where it is.
func (b *Bridge) postedAs(ctx context.Context, blog *db.Blog, item string) (answer, error) {
	err := b.published(ctx, blog, []stanza.Item{{ID: item, Publisher: blog.JID}})
	if err != nil {
		b.logger(ctx).Warn("post not taken yet, will look again", "err", err)
		b.soon(ctx, tendJob(blog.ID, b.nowMS()+2000))
	}
	post, err := b.db.PostByItem(ctx, blog.ID, item)
	if err == nil && post.Object != "" && !post.Home {
		page := b.addr.PostPage(blog.Handle, post.Token)
		return answer{Text: b.say(ctx, "post.done", "link", page), Next: []string{"delete " + page, "status"}}, nil
	}
	if ignoreNotFound(err) != nil {
		return answer{}, err
	}
	now, err := b.db.BlogByID(ctx, blog.ID)
	if err == nil && now.Gate == db.GateClosed {
		return answer{Text: b.say(ctx, "post.home", "why", b.reason(ctx, &now)), Next: []string{"status", "preview"}}, nil
	}
	return answer{Text: b.say(ctx, "post.soon"), Next: []string{"status", "preview"}}, err
}
