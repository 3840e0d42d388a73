package world

import (
	"fmt"
	"html"
	"strings"

	"isthmus/e2e/xmppclient"
)

// Chats sends a chat message to a fan's address: an inner text, and whatever other
// elements a client adds. It returns the message's id.
func (p *Person) Chats(to *Fan, text string, more ...string) string {
	p.w.T.Helper()
	return p.sendsChat(p.w.Virtual(to), text, more...)
}

// ChatsTo is Chats to any address.
func (p *Person) ChatsTo(jid, text string, more ...string) string {
	p.w.T.Helper()
	return p.sendsChat(jid, text, more...)
}

func (p *Person) sendsChat(jid, text string, more ...string) string {
	p.w.T.Helper()
	id := fmt.Sprintf("chat-%d", p.w.Ground.number())
	body := ""
	if text != "" {
		body = "<body>" + html.EscapeString(text) + "</body>"
	}
	p.w.check(p.Client.Raw(fmt.Sprintf(`<message type="chat" to="%s" id="%s">%s%s</message>`, jid, id, body, strings.Join(more, ""))), "%s writes to %s", p.JID, jid)
	return id
}

// Elements that clients add to messages.
const (
	WantsReceipt = `<request xmlns="urn:xmpp:receipts"/>`
	OMEMO        = `<encrypted xmlns="eu.siacs.conversations.axolotl"><header sid="1"/><payload>c2VjcmV0</payload></encrypted><encryption xmlns="urn:xmpp:eme:0" namespace="eu.siacs.conversations.axolotl"/>`
	OMEMO2       = `<encrypted xmlns="urn:xmpp:omemo:2"><header sid="1"/><payload>c2VjcmV0</payload></encrypted>`
)

// Replacing, Retracting, Reacting, Answering and Sharing make such elements.
func Replacing(id string) string {
	return `<replace xmlns="urn:xmpp:message-correct:0" id="` + id + `"/>`
}

// Retracting takes back a message.
func Retracting(id string) string {
	return `<retract xmlns="urn:xmpp:message-retract:1" id="` + id + `"/>`
}

// Reacting says what one thinks of a message.
func Reacting(id string, emojis ...string) string {
	s := `<reactions xmlns="urn:xmpp:reactions:0" id="` + id + `">`
	for _, e := range emojis {
		s += "<reaction>" + e + "</reaction>"
	}
	return s + "</reactions>"
}

// Answering points at the message that is answered.
func Answering(jid, id string) string {
	return `<reply xmlns="urn:xmpp:reply:0" to="` + jid + `" id="` + id + `"/>`
}

// Sharing is a file as new clients send it (XEP-0447), and old ones.
func Sharing(url, desc string) string {
	return `<file-sharing xmlns="urn:xmpp:sfs:0" disposition="inline"><file xmlns="urn:xmpp:file:metadata:0"><media-type>image/png</media-type><desc>` + desc + `</desc></file>` +
		`<sources><url-data xmlns="http://jabber.org/protocol/url-data" target="` + url + `"/></sources></file-sharing><x xmlns="jabber:x:oob"><url>` + url + `</url></x>`
}

// Got waits for a message of a fan since mark for which fits is true.
func (p *Person) Got(from *Fan, mark int, what string, fits func(*xmppclient.Element) bool) *xmppclient.Element {
	p.w.T.Helper()
	m, err := p.Client.Wait(Limit, mark, func(e *xmppclient.Element) bool {
		return e.Name == "message" && strings.EqualFold(bare(e.Attr["from"]), p.w.Virtual(from)) && e.Attr["type"] != "error" && fits(e)
	})
	p.w.check(err, "%s waits for %s of %s", p.JID, what, from.Handle())
	return m
}

// Bounced waits for the error of a message and returns its condition and text.
func (p *Person) Bounced(id string) (condition, text string) {
	p.w.T.Helper()
	m, err := p.Client.Wait(Limit, 0, func(e *xmppclient.Element) bool {
		return e.Name == "message" && e.Attr["type"] == "error" && e.Attr["id"] == id
	})
	p.w.check(err, "%s waits for message %s to come back", p.JID, id)
	return m.Condition(), m.Value("error/text")
}

// Whispers writes to people here alone.
func (f *Fan) Whispers(text string, to ...*Person) Object {
	f.w.T.Helper()
	return f.Writes(Note{Text: text, Mentions: handles(to), Visibility: "direct"})
}

func handles(to []*Person) []string {
	var out []string
	for _, p := range to {
		out = append(out, p.Handle())
	}
	return out
}

// Has reports whether a message has a child of this name.
func Has(e *xmppclient.Element, name string) bool {
	for _, c := range e.Children {
		if c.Name == name {
			return true
		}
	}
	return false
}

// Whole is all that is in an element, text and attributes.
func Whole(e *xmppclient.Element) string {
	s := e.Text + "\n"
	for _, v := range e.Attr {
		s += v + "\n"
	}
	for _, c := range e.Children {
		s += Whole(c)
	}
	return s
}
