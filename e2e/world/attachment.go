package world

import (
	"fmt"
	"net/url"
	"slices"
	"time"
)

const nsAttachments = "urn:xmpp:pubsub-attachments:1"

// attachmentsNode is the node for likes and reactions to an item (XEP-0470 §4.1).
func attachmentsNode(service, node, item string) string {
	escape := func(s string) string { return url.QueryEscape(s) }
	return nsAttachments + "/xmpp:" + service + "?;node=" + escape(node) + ";item=" + escape(item)
}

// OpensAttachments creates the node for likes and reactions to a post, open for
// everybody, and watches it.
func (p *Person) OpensAttachments(t Thread) {
	p.w.T.Helper()
	node := attachmentsNode(p.JID, Microblog, t.Item)
	p.creates("", node, []string{"pubsub#access_model=open", "pubsub#publish_model=open", "pubsub#persist_items=true", "pubsub#max_items=50", "pubsub#itemreply=publisher"})
	p.Watches(p.JID, node)
}

// SeesAttached waits until a fan has exactly this attached to a post: noticed or
// not, and these reactions. Nothing at all is the same as no item.
func (p *Person) SeesAttached(t Thread, from *Fan, noticed bool, reactions ...string) {
	p.w.T.Helper()
	node := attachmentsNode(p.JID, Microblog, t.Item)
	who := p.w.Virtual(from)
	slices.Sort(reactions)
	p.onceIn(p.JID, node, fmt.Sprintf("%s has noticed=%v and reactions %v attached", who, noticed, reactions), func() error {
		var isNoticed bool
		var got []string
		for _, item := range p.Items(p.JID, node) {
			if item.Attr["id"] != who { // XEP-0470 §4.2: the bare JID of who attaches
				continue
			}
			isNoticed = item.Find("attachments/noticed") != nil
			for _, r := range item.Find("attachments/reactions").All("reaction") {
				got = append(got, r.Text)
			}
		}
		slices.Sort(got)
		if isNoticed != noticed || !slices.Equal(got, reactions) {
			return fmt.Errorf("attached: noticed=%v, reactions %v", isNoticed, got)
		}
		return nil
	})
}

// Attaches publishes what the person attaches to an item: noticed or not, and
// reactions. The node is on the service of the item (XEP-0470 §4.2).
func (p *Person) Attaches(service, node, item string, noticed bool, reactions ...string) {
	p.w.T.Helper()
	payload := "<attachments xmlns=\"" + nsAttachments + "\">"
	if noticed {
		payload += fmt.Sprintf(`<noticed timestamp=%q/>`, stamp(time.Now()))
	}
	if len(reactions) > 0 {
		payload += "<reactions>"
		for _, r := range reactions {
			payload += "<reaction>" + Escape(r) + "</reaction>"
		}
		payload += "</reactions>"
	}
	_, err := p.Client.Must("set", service, publishXML(attachmentsNode(service, node, item), p.JID, payload+"</attachments>"))
	p.w.check(err, "%s attaches to %s", p.JID, item)
}
