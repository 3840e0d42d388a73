package world

import (
	"strings"

	"isthmus/e2e/xmppclient"
)

// GetsMessage waits for a chat message with these words that comes from a fan's
// address on this gateway, and returns its text.
func (p *Person) GetsMessage(from *Fan, words string) string {
	p.w.T.Helper()
	m, err := p.Client.Wait(Limit, 0, func(e *xmppclient.Element) bool {
		return isChat(e, p.w.Virtual(from)) && contains(e.Value("body"), words)
	})
	p.w.check(err, "%s waits for a message of %s with %q", p.JID, p.w.Virtual(from), words)
	return m.Value("body")
}

// Messages counts the messages with these words that came from a fan so far.
func (p *Person) Messages(from *Fan, words string) int {
	p.w.T.Helper()
	return p.count(0, p.w.Virtual(from), words)
}

// Heard counts what the gateway itself has said with these words since mark.
func (p *Person) Heard(mark int, words string) int {
	p.w.T.Helper()
	return p.count(mark, p.w.Gateway.Component, words)
}

func (p *Person) count(mark int, from, words string) int {
	n := 0
	for _, e := range p.Client.Since(mark) {
		if isChat(e, from) && contains(e.Value("body"), words) {
			n++
		}
	}
	return n
}

func isChat(e *xmppclient.Element, from string) bool {
	return e.Name == "message" && strings.EqualFold(bare(e.Attr["from"]), from) && e.Attr["type"] != "error" && e.Value("body") != ""
}
