package bridge

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

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
	words []string
	until time.Time
}

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

// Chat is a message to one of our addresses. The gateway's own address takes
// commands; nobody else can be written to yet, and says so instead of
// swallowing it.
func (b xmppSide) Chat(ctx context.Context, m component.Message) error {
	ctx = b.withStanza(ctx, m.ID, m.From.Bare().String())
	if m.To.Local != "" {
		return stanza.ErrServiceUnavailable("Messages to Fediverse accounts are not supported yet.")
	}
	if encrypted(m.Stanza) {
		return stanza.ErrNotAcceptable("This gateway cannot read encrypted messages. Switch encryption off for this chat.")
	}
	who := m.From.Bare().Fold()
	words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(m.Body), "/"))
	if len(words) == 0 {
		return nil
	}
	_, rest, _ := strings.Cut(m.Body, words[0])
	rest = strings.TrimSpace(rest)
	ans, err := b.chatCommand(ctx, who, words, rest)
	var se *stanza.Error
	if errors.As(err, &se) {
		return se
	}
	if err != nil {
		ans.Text = "Something went wrong here, it is in the gateway's log. Please try again later."
	}
	b.tell(m.From, ans.Text)
	if ans.Picture != "" { // clients show what is nothing but an address (XEP-0066 §3)
		body := stanza.New(stanza.NSComponent, "body").AddText(ans.Picture)
		oob := stanza.New(stanza.NSOOB, "x").AddTextElement("url", ans.Picture)
		b.transmit(stanza.Message("chat", b.bare(), m.From, body, oob).Set("id", b.token()))
	}
	return nil
}

func (b *Bridge) chatCommand(ctx context.Context, who stanza.JID, words []string, rest string) (answer, error) {
	name := strings.ToLower(words[0])
	switch q, ok := b.asked.take(who, b.now()); {
	case ok && name == "yes":
		return b.run(ctx, q.cmd, asking{From: who, Words: q.words, Sure: true})
	case ok && name == "no":
		return answer{Text: "Nothing was changed."}, nil
	}
	c, ok := findCommand(name)
	if !ok {
		help, _ := findCommand("help")
		ans, err := b.run(ctx, help, asking{From: who})
		ans.Text = "I do not know “" + clip(words[0], 40) + "”.\n\n" + ans.Text
		return ans, err
	}
	a := asking{From: who, Words: words[1:], Rest: rest}
	if n := len(words); n > 1 && strings.EqualFold(words[n-1], "yes") {
		a.Words, a.Sure = words[1:n-1], true
	}
	ans, err := b.run(ctx, c, a)
	if err == nil && ans.Confirm {
		b.asked.ask(who, question{c, a.Words, b.now().Add(10 * time.Minute)})
		ans.Text += "\n\nAnswer “yes” to go on, or “no”."
	}
	return ans, err
}

// encrypted knows the marks of OMEMO, OpenPGP and OTR; the readable body beside
// them is only a notice (XEP-0380 §4).
func encrypted(m *stanza.Element) bool {
	for _, e := range m.Elements() {
		if e.Is("urn:xmpp:eme:0", "encryption") || e.Local == "encrypted" || e.Is("urn:xmpp:openpgp:0", "openpgp") {
			return true
		}
	}
	return strings.HasPrefix(strings.TrimSpace(m.First("", "body").Text()), "?OTR")
}

// Bounced hears that something we sent did not arrive. A contact request or a
// message that failed changes nothing that the next tend would not find.
func (b xmppSide) Bounced(_ context.Context, m *stanza.Element, err *stanza.Error) {
	b.log.Debug("stanza came back", "stanza", m.ID(), "name", m.Local, "from", m.Get("from"), "condition", err.Condition)
}
