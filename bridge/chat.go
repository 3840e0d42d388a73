package bridge

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode"

	"isthmus/component"
	"isthmus/component/stanza"
)

// questions remembers what a chat was asked back, for a few minutes.
type questions struct {
	mu   sync.Mutex
	open map[stanza.JID]question
}

type question struct {
	cmd   command
	asked asking
	more  bool // for one more argument, and not whether they are sure
	until time.Time
}

// questionFor is how long a question can be answered.
const questionFor = 10 * time.Minute

func (q *questions) ask(who stanza.JID, it question) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open == nil || len(q.open) > 1000 {
		q.open = make(map[stanza.JID]question)
	}
	q.open[who] = it
}

func (q *questions) take(who stanza.JID, now time.Time) (question, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it, ok := q.open[who]
	delete(q.open, who)
	return it, ok && now.Before(it.until)
}

// Chat is a message to one of our addresses: to the gateway's own a command, to
// any other one a direct message.
func (b xmppSide) Chat(ctx context.Context, m component.Message) error {
	ctx = b.withStanza(ctx, m.ID, m.From.Bare().String())
	if m.Encrypted {
		b.cfg.Metrics.Refused("encrypted")
		return stanza.ErrNotAcceptable(b.say(ctx, "chat.encrypted"))
	}
	if m.To.Local != "" {
		if handled, err := b.pressed(ctx, m); handled || err != nil {
			return err
		}
		return b.direct(ctx, m)
	}
	body := m.Body
	if len(m.Files) > 0 { // whose addresses may stand in the body
		if m.Text == "" {
			b.transmit(b.answerMessage(ctx, m, b.keepFile(ctx, m.From, m.Files)))
			return nil
		}
		b.kept.put(m.From.Bare().Fold(), m.Files, b.now())
		body = m.Text
	}
	text := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(body), "/"))
	if text == "" {
		return nil
	}
	ans, err := b.chatCommand(ctx, m.From.Bare().Fold(), text)
	var se *stanza.Error
	if errors.As(err, &se) {
		return se
	}
	if err != nil {
		ans = answer{Text: b.say(ctx, "chat.failed")}
	}
	b.transmit(b.answerMessage(ctx, m, ans))
	if ans.Picture != "" { // clients show what is nothing but an address (XEP-0066 §3)
		body := stanza.New(stanza.NSComponent, "body").AddText(ans.Picture)
		oob := stanza.New(stanza.NSOOB, "x").AddTextElement("url", ans.Picture)
		b.transmit(stanza.Message("chat", b.bare(), m.From, body, oob).Set("id", b.token()))
	}
	return nil
}

// answerMessage is an answer to a message, in its thread (XEP-0201 §4.1): that tells an answer from
// what the gateway happens to say at the same time.
func (b *Bridge) answerMessage(ctx context.Context, m component.Message, ans answer) *stanza.Element {
	e := b.answerStanza(ctx, m.From, ans)
	if m.Thread != "" {
		e.AddTextElement("thread", m.Thread)
	}
	return e
}

// answerStanza is an answer in a chat. What one likely says next is a line of it,
// and buttons in clients that have such (XEP-0439 §3).
func (b *Bridge) answerStanza(ctx context.Context, to stanza.JID, ans answer) *stanza.Element {
	text := ans.Text
	m := stanza.Message("chat", b.bare(), to).Set("id", b.token())
	var buttons []*stanza.Element
	switch {
	case ans.Confirm:
		text += "\n\n" + b.say(ctx, "chat.sure", "yes", b.say(ctx, "chat.yes"), "no", b.say(ctx, "chat.no"))
		for _, key := range []string{"chat.yes", "chat.no"} {
			buttons = append(buttons, stanza.New(stanza.NSQuickResponse, "response", "value", b.say(ctx, key), "label", b.say(ctx, key)))
		}
	case ans.Ask == nil && len(ans.Next) > 0:
		text += "\n\n" + b.nextLine(ctx, ans.Next)
		for _, next := range ans.Next {
			buttons = append(buttons, stanza.New(stanza.NSQuickResponse, "response", "value", next, "label", next))
		}
	}
	return m.Add(stanza.New(stanza.NSComponent, "body").AddText(text)).Add(buttons...)
}

// nextLine names the likeliest next steps.
func (b *Bridge) nextLine(ctx context.Context, next []string) string {
	quoted := make([]string, len(next))
	for i, n := range next {
		quoted[i] = b.say(ctx, "chat.quoted", "text", n)
	}
	return b.say(ctx, "chat.next", "commands", strings.Join(quoted, ", "))
}

// chatCommand runs what a chat line says.
func (b *Bridge) chatCommand(ctx context.Context, who stanza.JID, text string) (answer, error) {
	said := strings.Fields(text)
	name := strings.ToLower(said[0])
	c, ok := findCommand(name)
	if q, open := b.asked.take(who, b.now()); open {
		switch {
		case !q.more && b.means(ctx, "chat.yes", text):
			q.asked.Sure = true
			return b.chatAnswer(ctx, q.cmd, q.asked)
		case b.means(ctx, "chat.no", text):
			return answer{Text: b.say(ctx, "chat.unchanged")}, nil
		case q.more && !ok:
			q.asked.Words = append(q.asked.Words, said...)
			q.asked.Rest = strings.TrimSpace(q.asked.Rest + " " + text)
			return b.chatAnswer(ctx, q.cmd, q.asked)
		}
	}
	if !ok || !b.may(who, c) && c.Who == admins {
		help, _ := findCommand("help")
		ans, err := b.run(ctx, help, asking{From: who})
		ans.Text = b.say(ctx, "chat.unknown", "word", clip(said[0], 40), "help", ans.Text)
		return ans, err
	}
	a := asking{From: who, Words: said[1:], Rest: strings.TrimSpace(text[len(said[0]):])}
	if n := len(said); n > 1 && b.means(ctx, "chat.yes", said[n-1]) {
		a.Words, a.Sure = said[1:n-1], true
		a.Rest = strings.TrimSpace(strings.TrimSuffix(a.Rest, said[n-1]))
	}
	return b.chatAnswer(ctx, c, a)
}

// chatAnswer runs a command and remembers what it asks back.
func (b *Bridge) chatAnswer(ctx context.Context, c command, a asking) (answer, error) {
	ans, err := b.run(ctx, c, a)
	if err == nil && (ans.Confirm || ans.Ask != nil) {
		a.Sure = false
		b.asked.ask(a.From, question{c, a, ans.Ask != nil, b.now().Add(questionFor)})
	}
	return ans, err
}

// means reports whether somebody said a word, in their language or in English.
func (b *Bridge) means(ctx context.Context, key, said string) bool {
	said = strings.TrimFunc(said, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) })
	return strings.EqualFold(said, b.say(ctx, key)) || strings.EqualFold(said, b.say(context.Background(), key))
}

func isSpace(r rune) bool { return unicode.IsSpace(r) }

// Bounced hears that something we sent did not arrive. A contact request or a
// message that failed changes nothing that the next tend would not find.
func (b xmppSide) Bounced(_ context.Context, m *stanza.Element, err *stanza.Error) {
	b.log.Debug("stanza came back", "stanza", m.ID(), "name", m.Local, "from", m.Get("from"), "condition", err.Condition)
}
