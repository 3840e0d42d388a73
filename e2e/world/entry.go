package world

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// Names of nodes and namespaces that scenarios spell out.
const (
	Microblog = "urn:xmpp:microblog:0"
	nsPubSub  = "http://jabber.org/protocol/pubsub"
	nsAtom    = "http://www.w3.org/2005/Atom"
)

// Escape makes text fit for XML content and attributes.
func Escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s))
	return b.String()
}

// Entry is a post as clients write it. Only what is set is written.
type Entry struct {
	ID, Title  string
	AtomID     string // atom:id where it is not the item's id (Libervia)
	Text       string // content type='text' (Movim puts Markdown here)
	XHTML      string // children of the div of content type='xhtml'
	Author     string // bare JID claimed in atom:author
	AuthorName string
	Published  time.Time
	Updated    time.Time
	Categories []string
	Links      string // link and other elements as they are
}

// XML is the atom:entry in the order Movim writes it.
func (e Entry) XML() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<entry xmlns=%q>`, nsAtom)
	put := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "<%s>%s</%s>", name, Escape(text), name)
		}
	}
	put("id", cmp.Or(e.AtomID, e.ID))
	put("title", e.Title)
	if e.Author != "" {
		fmt.Fprintf(&b, "<author><name>%s</name><uri>xmpp:%s</uri></author>", Escape(e.AuthorName), Escape(e.Author))
	}
	b.WriteString(e.Links)
	if e.XHTML != "" {
		fmt.Fprintf(&b, `<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">%s</div></content>`, e.XHTML)
	}
	if e.Text != "" {
		fmt.Fprintf(&b, `<content type="text">%s</content>`, Escape(e.Text))
	}
	put("published", stamp(e.Published))
	put("updated", stamp(e.Updated))
	for _, c := range e.Categories {
		fmt.Fprintf(&b, "<category term=%q/>", Escape(c))
	}
	b.WriteString("</entry>")
	return b.String()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// form is a submitted data form; options are var=value.
func form(formType string, options []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE" type="hidden"><value>%s</value></field>`, formType)
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		fmt.Fprintf(&b, `<field var=%q><value>%s</value></field>`, name, Escape(value))
	}
	b.WriteString("</x>")
	return b.String()
}

// publishXML is a publish request; options become publish-options
// (XEP-0060 §7.1.5).
func publishXML(node, id, payload string, options ...string) string {
	s := fmt.Sprintf(`<pubsub xmlns=%q><publish node="%s"><item id="%s">%s</item></publish>`, nsPubSub, Escape(node), Escape(id), payload)
	if len(options) > 0 {
		s += "<publish-options>" + form(nsPubSub+"#publish-options", options) + "</publish-options>"
	}
	return s + "</pubsub>"
}
