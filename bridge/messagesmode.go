package bridge

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// Who wants it gets each new post of whom they follow as a message from there, for
// clients that show no feeds.

// settingMessages is whether posts come as messages: “off”, or “on” and since when.
// With a space and an actor behind it, it is about that account alone.
const settingMessages = "messages"

// messageAge is how old a post may be that comes as a message: servers deliver
// late, and what is older than that is no news.
const messageAge = 2 * 24 * time.Hour

// sinceOf reads such a setting; 0 is off.
func sinceOf(value string) int64 {
	on, since, _ := strings.Cut(value, " ")
	if on != "on" {
		return 0
	}
	ms, err := strconv.ParseInt(since, 10, 64)
	if err != nil {
		return 0
	}
	return ms
}

// messagePost sends an item of an account's node, as it is now, to who wants
// messages. One that they were told of before is corrected or retracted, for those
// who had the first message: who wanted messages and followed when it was written.
func (b *Bridge) messagePost(ctx context.Context, acc db.Account, f db.FeedItem) error {
	if f.Told == "" && (f.Gone || f.Quiet || b.nowMS()-f.Published > messageAge.Milliseconds()) {
		return nil // never told of, or old
	}
	var p *asMessage // read once, if anybody wants it
	for after := int64(0); ; {
		list, err := b.db.ChosenBy(ctx, acc.Actor, after, settingMessages+" "+acc.Actor, settingMessages, tellChunk)
		if err != nil {
			return err
		}
		for _, c := range list {
			after = c.ID
			since := sinceOf(c.Value)
			if since == 0 || f.Told != "" && max(since, c.Followed) > f.Published {
				continue
			}
			if p == nil {
				if p, err = b.asMessage(ctx, f); err != nil {
					return ignoreNotFound(err)
				}
			}
			if err := b.messageTo(ctx, acc, f, *p, c); err != nil {
				return err
			}
		}
		if len(list) < tellChunk {
			return nil
		}
	}
}

// asMessage is a post as it is written in a message.
type asMessage struct {
	author string // actor of who wrote it, "" when it is of ours
	called string
	text   string
	named  []string // actors of ours that it is addressed to

	options []string // of a poll that is open: a button for each
}

// maxVoteButtons is of how many options there are buttons.
const maxVoteButtons = 10

func (b *Bridge) asMessage(ctx context.Context, f db.FeedItem) (*asMessage, error) {
	if f.Gone {
		return &asMessage{}, nil
	}
	if _, token, ours := b.addr.TokenOf(f.Object); ours {
		post, blog, err := b.publicPost(ctx, token)
		if err != nil {
			return nil, errNoText
		}
		link := b.addr.PostPage(blog.Handle, post.Token)
		return &asMessage{called: "@" + b.addr.Acct(blog.Handle), text: objectText(post.Object) + "\n\n" + link}, nil
	}
	note, err := b.db.NoteByObject(ctx, f.Object)
	if err != nil {
		return nil, err
	}
	s, err := b.storyOf(ctx, note)
	if err != nil {
		return nil, err
	}
	p := &asMessage{author: note.Actor, called: s.Author.Called(), text: mapping.MessageText(s.Reply)}
	if o := s.Object; !o.Closed && len(o.Options) <= maxVoteButtons && !o.Several {
		for _, c := range o.Options {
			p.options = append(p.options, clip(strings.Join(strings.Fields(c.Name), " "), 60))
		}
	}
	for _, id := range slices.Concat(s.Object.To, s.Object.Cc) {
		if kind, _, ours := b.addr.TokenOf(id); ours && kind == mapping.KindActor {
			p.named = append(p.named, id)
		}
	}
	return p, nil
}

// toldOtherwise reports whether somebody is told of a post because it names them,
// in the author's name and under the same id: once is enough.
func (b *Bridge) toldOtherwise(ctx context.Context, p asMessage, blogID int64) (bool, error) {
	if len(p.named) == 0 {
		return false, nil
	}
	blog, err := b.db.BlogByID(ctx, blogID)
	if err != nil || !slices.Contains(p.named, b.addr.Actor(blog.Token)) {
		return false, err
	}
	prefs, err := b.db.Preferences(ctx, blogID)
	return prefs["mentions"] != "off" && prefs["replies"] != "off", err
}

// messageTo is one message to one reader. Its id is that of the item, so that what
// comes later finds what it is about, and clients show it once.
func (b *Bridge) messageTo(ctx context.Context, acc db.Account, f db.FeedItem, p asMessage, c db.Chosen) error {
	for _, actor := range []string{acc.Actor, p.author} {
		if actor == "" {
			continue
		}
		if quiet, err := muted(ctx, b.db, c.BlogID, actor); err != nil || quiet {
			return err
		}
	}
	if told, err := b.toldOtherwise(ctx, p, c.BlogID); err != nil || told && f.Activity == "" {
		return err
	}
	to := mustJID(c.JID)
	ctx = b.speakTo(context.WithoutCancel(ctx), to)
	m := stanza.Message("chat", mustJID(acc.JID), to).Set("id", f.Item)
	text := p.text
	switch {
	case f.Gone: // XEP-0424 §3.1
		m.Set("id", b.token()).Add(stanza.New(stanza.NSRetract, "retract", "id", f.Item), stanza.New(stanza.NSFallback, "fallback", "for", stanza.NSRetract))
		b.transmit(m.Add(stanza.New(stanza.NSComponent, "body").AddText(b.say(ctx, "react.message.gone"))))
		return nil
	case f.Told != "": // XEP-0308 §3
		m.Set("id", b.token()).Add(stanza.New(stanza.NSCorrect, "replace", "id", f.Item))
	default:
		b.showed(ctx, to, f.Object)
	}
	if f.Activity != "" {
		text = b.say(ctx, "react.message.boost", "author", p.called) + "\n\n" + text
	}
	m.Add(stanza.New(stanza.NSComponent, "body").AddText(text))
	if !f.Private { // what is said of these is public
		for _, key := range []string{"react.button.like", "react.button.boost", "react.button.reply"} { // see pressed
			value := "/" + strings.TrimPrefix(key, "react.button.") + " " + f.Object // by its id: a page may not lead to it
			m.Add(stanza.New(stanza.NSQuickResponse, "response", "value", value, "label", b.say(ctx, key)))
		}
		for i, option := range p.options {
			m.Add(stanza.New(stanza.NSQuickResponse, "response", "value", "/vote "+f.Object+" "+strconv.Itoa(i+1), "label", option))
		}
	}
	b.transmit(m)
	return nil
}

// cmdMessages switches that, for all whom the asker follows or for one of them.
func (b *Bridge) cmdMessages(ctx context.Context, a asking) (answer, error) {
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	if err != nil || blog.State == db.Gone {
		return answer{Text: b.say(ctx, "react.messages.nobody"), Next: []string{"find", "follow"}}, ignoreNotFound(err)
	}
	words, want := a.Words, ""
	if n := len(words); n > 0 {
		switch strings.ToLower(words[n-1]) {
		case "on", "1", "true":
			words, want = words[:n-1], "on "+strconv.FormatInt(b.nowMS(), 10)
		case "off", "0", "false":
			words, want = words[:n-1], "off"
		}
	}
	if len(words) == 0 {
		if want == "" {
			return b.messagesState(ctx, a)
		}
		if err := b.db.SetSetting(ctx, a.From.String(), settingMessages, want); err != nil {
			return answer{}, err
		}
		if want == "off" {
			return answer{Text: b.say(ctx, "react.messages.off")}, nil
		}
		return answer{Text: b.say(ctx, "react.messages.on")}, nil
	}
	f, err := b.findKnown(ctx, asking{From: a.From, Words: words})
	if err != nil {
		return inWords(err)
	}
	handle := "@" + b.handleAt(f.acc)
	if follows, err := b.db.FollowsActor(ctx, a.From.String(), stanza.NSMicroblog, f.acc.Actor); err != nil || !follows {
		return answer{Text: b.say(ctx, "react.messages.notfollowed", "handle", handle), Next: []string{"follow " + handle, "following"}}, err
	}
	if want == "" {
		return b.messagesState(ctx, a)
	}
	if err := b.db.SetSetting(ctx, a.From.String(), settingMessages+" "+f.acc.Actor, want); err != nil {
		return answer{}, err
	}
	if want == "off" {
		return answer{Text: b.say(ctx, "react.messages.oneoff", "handle", handle)}, nil
	}
	return answer{Text: b.say(ctx, "react.messages.oneon", "handle", handle, "address", f.acc.JID)}, nil
}

// messagesState is how the switches stand.
func (b *Bridge) messagesState(ctx context.Context, a asking) (answer, error) {
	all, err := b.db.Settings(ctx, a.From.String())
	if err != nil {
		return answer{}, err
	}
	text := b.say(ctx, "react.messages.isoff")
	if sinceOf(all[settingMessages]) > 0 {
		text = b.say(ctx, "react.messages.ison")
	}
	var lines []string
	for key, value := range all {
		actor, ok := strings.CutPrefix(key, settingMessages+" ")
		if acc, err := b.db.Account(ctx, actor); ok && err == nil {
			state := "cmd.option.off"
			if sinceOf(value) > 0 {
				state = "cmd.option.on"
			}
			lines = append(lines, "  @"+b.handleAt(acc)+": "+b.say(ctx, state))
		}
	}
	slices.Sort(lines)
	return answer{Text: strings.Join(append([]string{text}, lines...), "\n")}, nil
}

// fillMessages is how the switch for all stands.
func (b *Bridge) fillMessages(ctx context.Context, a asking) map[string]string {
	if sinceOf(b.setting(ctx, a.From, settingMessages)) > 0 {
		return map[string]string{"switch": "on"}
	}
	return map[string]string{"switch": "off"}
}
