package stanza

import (
	"strings"
	"time"
)

// NSAttachments names attachments, and its nodes begin with it.
const NSAttachments = "urn:xmpp:pubsub-attachments:1"

// Attachments is what one entity has attached to an item: the payload of the
// item of an attachments node whose id is the entity's bare address (XEP-0470
// §4.1). Other kinds of attachments are not kept.
type Attachments struct {
	// "attached by an entity to say that they have seen or taken into account
	// something" (§4.7.2), which is what a like is elsewhere.
	Noticed bool
	// "an optional 'timestamp' attribute indicating when the element has been
	// attached" (§4.1). UTC; zero if absent or bad.
	NoticedAt time.Time

	// "Each emoji is put as the content of a single <reaction> element, and a
	// client SHOULD ensure that any <reaction> element only appears once at
	// most." (§4.8) Whether it is an emoji is not looked at.
	Reactions []string
	// When the latest of them was attached, as NoticedAt.
	ReactedAt time.Time
}

// IsZero reports whether nothing is attached. An entity that takes its last
// attachment back publishes that, or retracts the item (§4.1).
func (a Attachments) IsZero() bool { return !a.Noticed && len(a.Reactions) == 0 }

// ParseAttachments reads <attachments/>, or the element that holds it; false
// when there is none.
func ParseAttachments(e *Element) (Attachments, bool) {
	if !e.Is(NSAttachments, "attachments") {
		e = e.First(NSAttachments, "attachments")
	}
	if e == nil {
		return Attachments{}, false
	}
	var a Attachments
	if n := e.First(NSAttachments, "noticed"); n != nil {
		a.Noticed, a.NoticedAt = true, parseTime(n.Get("timestamp"))
	}
	seen := make(map[string]bool)
	for _, r := range e.All(NSAttachments, "reactions") {
		for _, c := range r.All(NSAttachments, "reaction") {
			if s := trimmed(c); s != "" && !seen[s] {
				seen[s] = true
				a.Reactions = append(a.Reactions, s)
			}
		}
		a.ReactedAt = firstTimestamp(a.ReactedAt, r)
	}
	if len(a.Reactions) == 0 {
		a.ReactedAt = time.Time{}
	}
	return a, true
}

func firstTimestamp(old time.Time, e *Element) time.Time {
	if !old.IsZero() {
		return old
	}
	return parseTime(e.Get("timestamp"))
}

// Element makes <attachments/>.
func (a Attachments) Element() *Element {
	e := New(NSAttachments, "attachments")
	if a.Noticed {
		e.Add(New(NSAttachments, "noticed", "timestamp", timestamp(a.NoticedAt)))
	}
	if len(a.Reactions) > 0 {
		r := New(NSAttachments, "reactions", "timestamp", timestamp(a.ReactedAt))
		for _, s := range a.Reactions {
			r.AddTextElement("reaction", s)
		}
		e.Add(r)
	}
	return e
}

// timestamp writes a DateTime (XEP-0082 §3.2), "" for the zero time.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// AttachmentsNode names the node for attachments to an item, at the service
// where the item lies: the namespace, a slash and the item's URI, whose node and
// item are percent-encoded (XEP-0470 §4.1.1). Clients look for this spelling
// letter by letter, so everything is encoded but what RFC 3986 §2.3 calls
// unreserved, and the '@' and '/' of the service's address.
func AttachmentsNode(item URI) string {
	var b strings.Builder
	b.WriteString(NSAttachments + "/xmpp:")
	encode(&b, item.JID.String(), "@/")
	b.WriteString("?;node=")
	encode(&b, item.Node(), "")
	b.WriteString(";item=")
	encode(&b, item.Item(), "")
	return b.String()
}

// ParseAttachmentsNode reads the item out of the name of an attachments node,
// percent-encoded or not; false when it names no item.
func ParseAttachmentsNode(node string) (item URI, ok bool) {
	s, ok := strings.CutPrefix(node, NSAttachments+"/")
	if !ok {
		return URI{}, false
	}
	u, err := ParseURI(s)
	if err != nil || u.Node() == "" || u.Item() == "" {
		return URI{}, false
	}
	return ItemURI(u.JID, u.Node(), u.Item()), true
}
