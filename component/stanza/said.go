package stanza

import (
	"slices"
	"strconv"
	"strings"
)

// Namespaces of what a chat message carries besides its text.
const (
	NSReceipts   = "urn:xmpp:receipts"
	NSReactions  = "urn:xmpp:reactions:0"
	NSReply      = "urn:xmpp:reply:0"
	NSSpoiler    = "urn:xmpp:spoiler:0"
	NSStyling    = "urn:xmpp:styling:0"
	NSEME        = "urn:xmpp:eme:0"
	nsOldRetract = "urn:xmpp:message-retract:0" // as it was until XEP-0424 0.4
	nsFasten     = "urn:xmpp:fasten:0"
)

// Said is what a chat message says. Ids are those of messages as clients know them.
type Said struct {
	Text     string // without what stands there for clients that know less
	Replaces string // id of the message that this one corrects (XEP-0308), "" for none
	Answers  string // id of the message that it answers (XEP-0461), "" for none
	Files    []File // XEP-0447, XEP-0385, XEP-0066
	Spoiler  bool   // not to be shown at once (XEP-0382)
	Warning  string // why not, "" unsaid
	Unstyled bool   // the text has no styling (XEP-0393 §6)
	Receipt  bool   // its sender wants to know when it has arrived (XEP-0184)
}

// maxFiles bounds the files of one message.
const maxFiles = 16

// ParseSaid reads a message whose text is body.
func ParseSaid(m *Element, body string) Said {
	s := Said{
		Replaces: m.First(NSCorrect, "replace").Get("id"),
		Unstyled: m.First(NSStyling, "unstyled") != nil,
		Receipt:  m.First(NSReceipts, "request") != nil && m.ID() != "",
	}
	if r := m.First(NSReply, "reply"); r != nil {
		s.Answers = r.Get("id")
	}
	if x := m.First(NSSpoiler, "spoiler"); x != nil {
		s.Spoiler, s.Warning = true, strings.TrimSpace(x.Text())
	}
	s.Files = parseFiles(m)
	s.Text = withoutFallback(m, body)
	if slices.ContainsFunc(s.Files, func(f File) bool { return f.URL == strings.TrimSpace(s.Text) }) {
		s.Text = "" // the address again, for clients that show only text (XEP-0066 §3)
	}
	return s
}

// withoutFallback cuts out what a body says only to who does not know a
// specification that we do (XEP-0428 §3): what is answered, and a file's address.
func withoutFallback(m *Element, body string) string {
	type span struct{ from, to int }
	var cut []span
	text := []rune(body)
	for _, f := range m.All(NSFallback, "fallback") {
		if !slices.Contains([]string{NSReply, nsSFS, nsSIMS, NSOOB}, f.Get("for")) {
			continue
		}
		parts := f.All(NSFallback, "body")
		if len(parts) == 0 && len(f.Elements()) == 0 { // all of it
			return ""
		}
		for _, b := range parts {
			c := span{0, len(text)}
			if v, err := strconv.Atoi(b.Get("start")); err == nil {
				c.from = v
			}
			if v, err := strconv.Atoi(b.Get("end")); err == nil {
				c.to = v
			}
			if 0 <= c.from && c.from < c.to && c.to <= len(text) {
				cut = append(cut, c)
			}
		}
	}
	slices.SortFunc(cut, func(a, b span) int { return b.from - a.from })
	end := len(text) + 1
	for _, c := range cut {
		if c.to <= end { // they do not overlap
			text = slices.Delete(text, c.from, c.to)
			end = c.from
		}
	}
	return strings.TrimSpace(string(text))
}

// ParseRetraction returns the id of the message that m takes back (XEP-0424 §3.1).
func ParseRetraction(m *Element) (id string, ok bool) {
	if r := m.First(NSRetract, "retract"); r != nil && r.Get("id") != "" {
		return r.Get("id"), true
	}
	if a := m.First(nsFasten, "apply-to"); a != nil && a.First(nsOldRetract, "retract") != nil && a.Get("id") != "" {
		return a.Get("id"), true
	}
	return "", false
}

// maxReactions bounds the reactions of one person to one message.
const maxReactions = 16

// ParseReactions returns all that the sender of m now thinks of a message, each
// emoji once (XEP-0444 §3.1); none takes back what was said before.
func ParseReactions(m *Element) (id string, emojis []string, ok bool) {
	r := m.First(NSReactions, "reactions")
	if r == nil || r.Get("id") == "" {
		return "", nil, false
	}
	for _, e := range r.All(NSReactions, "reaction") {
		if text := strings.TrimSpace(e.Text()); text != "" && !slices.Contains(emojis, text) && len(emojis) < maxReactions {
			emojis = append(emojis, text)
		}
	}
	return r.Get("id"), emojis, true
}

// ReactionsElement is a set of reactions to a message.
func ReactionsElement(id string, emojis []string) *Element {
	e := New(NSReactions, "reactions", "id", id)
	for _, x := range emojis {
		e.AddTextElement("reaction", x)
	}
	return e
}

// Encrypted knows messages that only their addressee's client could read: OMEMO
// (0.3 and later), OpenPGP (old and new), OTR, and whatever says that it is
// encrypted (XEP-0380). The readable body beside it is a notice and nothing else.
// What carries keys and no message is not one.
func Encrypted(m *Element) bool {
	for _, e := range m.Elements() {
		switch {
		case e.Local == "encrypted" && strings.Contains(e.Space, "axolotl"), e.Local == "encrypted" && strings.Contains(e.Space, "omemo"):
			if e.First(e.Space, "payload") != nil {
				return true
			}
		case e.Is(NSEME, "encryption"):
			if m.First(m.Space, "body") != nil {
				return true
			}
		case e.Local == "encrypted", e.Is("urn:xmpp:openpgp:0", "openpgp"), e.Is("jabber:x:encrypted", "x"):
			return true
		}
	}
	return strings.HasPrefix(strings.TrimSpace(m.First(m.Space, "body").Text()), "?OTR")
}
