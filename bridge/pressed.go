package bridge

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"isthmus/component"
	"isthmus/component/stanza"
)

// Buttons below a post that came as a message are answered to the address that it
// came from (XEP-0439 §3), where all else is a message to that account. They say a
// command behind a slash, and the link of a post.

// pressable are the commands that such a message can be.
var pressable = []string{"like", "unlike", "boost", "unboost", "vote", "reply", "thread"}

// replying remembers who pressed “reply”: what they say next there is the answer.
type replying struct {
	mu   sync.Mutex
	open map[string]pressedReply // by who and where
}

type pressedReply struct {
	link  string
	until time.Time
}

func (r *replying) put(who, at stanza.JID, link string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == nil || len(r.open) > 1000 {
		r.open = make(map[string]pressedReply)
	}
	r.open[who.String()+" "+at.String()] = pressedReply{link, until}
}

func (r *replying) take(who, at stanza.JID, now time.Time) (link string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := who.String() + " " + at.String()
	it, ok := r.open[key]
	delete(r.open, key)
	return it.link, ok && now.Before(it.until)
}

// pressed runs a message to an account that is such a button, or what was asked for
// after one, and reports whether it was; the answer comes from that account's address.
func (b *Bridge) pressed(ctx context.Context, m component.Message) (handled bool, err error) {
	who, at := m.From.Bare().Fold(), m.To.Bare().Fold()
	said := strings.TrimSpace(m.Text)
	line, slash := strings.CutPrefix(said, "/")
	name, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	link, more, _ := strings.Cut(rest, " ")
	c, known := findCommand(name)
	isLink := strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") || strings.HasPrefix(link, "xmpp:") || link == wordLast
	isButton := slash && known && isLink && slices.Contains(pressable, c.Name)
	if reply, open := b.presses.take(who, at, b.now()); open && !isButton {
		if b.means(ctx, "chat.no", said) {
			return true, b.pressedAnswer(ctx, m, answer{Text: b.say(ctx, "chat.unchanged")})
		}
		c, _ = findCommand("reply")
		rest, isButton, more = reply+" "+said, true, said
	}
	if !isButton {
		return false, nil
	}
	if c.Name == "reply" && strings.TrimSpace(more) == "" && len(m.Files) == 0 {
		b.presses.put(who, at, link, b.now().Add(questionFor))
	}
	ans, err := b.run(ctx, c, asking{From: who, Words: strings.Fields(rest), Rest: rest, Files: m.Files})
	if err != nil {
		return true, err
	}
	return true, b.pressedAnswer(ctx, m, ans)
}

// pressedAnswer says something from an account's address. Next steps would be
// messages to that account, so there are none.
func (b *Bridge) pressedAnswer(ctx context.Context, m component.Message, ans answer) error {
	ans.Next, ans.Confirm, ans.Ask = nil, false, nil
	b.transmit(b.answerMessage(ctx, m, ans).Set("from", m.To.Bare().String()))
	return nil
}
