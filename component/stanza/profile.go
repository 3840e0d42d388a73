package stanza

import (
	"crypto/sha1"
	"encoding/hex"
	"strconv"
)

// Nick makes the payload of the nickname node (XEP-0172 §4).
func Nick(name string) *Element { return New(NSNick, "nick").AddText(name) }

// Banner makes the payload of the node NSBanner: avatar metadata that point at a
// picture on the web, as Movim writes them. The id tells one from another.
func Banner(url string) *Element {
	sum := sha1.Sum([]byte(url))
	return AvatarMetadata(AvatarInfo{ID: hex.EncodeToString(sum[:]), Type: "image/jpeg", URL: url})
}

// Public subscriptions (XEP-0465).
const (
	NSPPS                = "urn:xmpp:pps:0"
	NodePPSSubscriptions = "urn:xmpp:pps:subscriptions:0" // what an account is subscribed to
	NodePPSSubscribers   = "urn:xmpp:pps:subscribers:0/"  // followed by a node: who is subscribed to that
)

// PPSSubscription says that an account is subscribed to a node.
func PPSSubscription(service JID, node string) *Element {
	return New(NSPPS, "subscription", "jid", service.String(), "node", node) // §4.2
}

// PPSSubscriber says that somebody is subscribed.
func PPSSubscriber(who JID) *Element { return New(NSPPS, "subscriber", "jid", who.String()) }

const nsSummary = "urn:xmpp:pubsub-attachments:summary:1"

// NodeAttachmentsSummary begins the name of the node that sums up the attachments
// of another one's items, whose name follows; ids are those of the items (XEP-0470 §5).
const NodeAttachmentsSummary = nsSummary + "/"

// AttachmentsSummary is how much is attached to an item.
type AttachmentsSummary struct{ Noticed int64 }

// Element makes <summary/>.
func (s AttachmentsSummary) Element() *Element {
	e := New(nsSummary, "summary")
	if s.Noticed > 0 {
		e.Add(New(nsSummary, "noticed", "count", strconv.FormatInt(s.Noticed, 10)))
	}
	return e
}
