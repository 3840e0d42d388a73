package world

import (
	"cmp"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"isthmus/e2e/xmppclient"
)

// Item is an item of a Fediverse account's node, as a client reads it.
type Item struct {
	Comment
	Node  string
	Links []Link
	Tags  []string
	Entry bool // it is an entry, and not a feed or something else
	XML   *xmppclient.Element
}

// Link is an atom:link.
type Link struct{ Rel, Type, Title, Href string }

// Page is what came of asking for a page (XEP-0059).
type Page struct {
	Items              []Item
	First, Last, Count string
}

// FindsByChat asks the gateway by chat and returns the card.
func (p *Person) FindsByChat(what string) string {
	p.w.T.Helper()
	return p.Says("find " + what)
}

// FindsBySearch fills in the gateway's search form (XEP-0055) and returns the
// address found, "" for none.
func (p *Person) FindsBySearch(what string) string {
	p.w.T.Helper()
	form, err := p.Client.Must("get", p.w.Gateway.Component, `<query xmlns="jabber:iq:search"/>`)
	p.w.check(err, "search form")
	name := ""
	for _, f := range form.Find("query/x").All("field") {
		if f.Attr["var"] != "FORM_TYPE" {
			name = f.Attr["var"]
		}
	}
	answer, err := p.Client.Must("set", p.w.Gateway.Component, fmt.Sprintf(
		`<query xmlns="jabber:iq:search"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>jabber:iq:search</value></field><field var=%q><value>%s</value></field></x></query>`, name, Escape(what)))
	p.w.check(err, "%s searches %s", p.JID, what)
	for _, item := range answer.Find("query/x").All("item") {
		for _, f := range item.All("field") {
			if f.Attr["var"] == "jid" {
				return f.Value("value")
			}
		}
	}
	return ""
}

// FindsByPrompt types into the gateway's prompt (XEP-0100) and returns the address.
func (p *Person) FindsByPrompt(what string) string {
	p.w.T.Helper()
	answer, err := p.Client.Must("set", p.w.Gateway.Component, `<query xmlns="jabber:iq:gateway"><prompt>`+Escape(what)+`</prompt></query>`)
	p.w.check(err, "%s types %s", p.JID, what)
	return answer.Value("query/jid")
}

// Subscribes subscribes to a node of a Fediverse account and returns the state.
func (p *Person) Subscribes(jid, node string) string {
	p.w.T.Helper()
	answer, err := p.Client.IQ("set", jid, fmt.Sprintf(`<pubsub xmlns=%q><subscribe node="%s" jid=%q/></pubsub>`, nsPubSub, Escape(node), p.JID))
	p.w.check(err, "%s subscribes to %s", p.JID, jid)
	if answer.Attr["type"] == "error" {
		return answer.Condition()
	}
	return answer.Find("pubsub/subscription").Attr["subscription"]
}

// Unsubscribes ends that.
func (p *Person) Unsubscribes(jid, node string) {
	p.w.T.Helper()
	_, err := p.Client.Must("set", jid, fmt.Sprintf(`<pubsub xmlns=%q><unsubscribe node="%s" jid=%q/></pubsub>`, nsPubSub, Escape(node), p.JID))
	p.w.check(err, "%s unsubscribes from %s", p.JID, jid)
}

// FollowsFan subscribes to a fan's posts and waits until the fan accepted. It
// returns the mark of the client when that began.
func (p *Person) FollowsFan(f *Fan) int {
	p.w.T.Helper()
	mark := p.Client.Mark()
	if state := p.Subscribes(p.w.Virtual(f), Microblog); state != "pending" {
		p.w.T.Fatalf("%s subscribes to %s and is told %q, want pending", p.JID, f.Handle(), state)
	}
	p.AwaitsSubscription(f, mark, "subscribed")
	return mark
}

// AwaitsSubscription waits for the event that tells of a subscription's new state.
func (p *Person) AwaitsSubscription(f *Fan, mark int, state string) {
	p.w.T.Helper()
	_, err := p.Client.Wait(Limit, mark, func(e *xmppclient.Element) bool {
		s := e.Find("event/subscription")
		return e.Name == "message" && e.Attr["from"] == p.w.Virtual(f) && s != nil && s.Attr["subscription"] == state && s.Attr["node"] == Microblog
	})
	p.w.check(err, "%s waits to be %s to %s", p.JID, state, f.Handle())
}

// IsShown waits for an event of a fan's posts with this text, and checks that the
// item is as clients need it.
func (p *Person) IsShown(f *Fan, mark int, text string) Item {
	p.w.T.Helper()
	return p.IsShownAt(p.w.Virtual(f), Microblog, mark, text)
}

// IsShownAt is IsShown for any node.
func (p *Person) IsShownAt(jid, node string, mark int, text string) Item {
	p.w.T.Helper()
	var found Item
	_, err := p.Client.Wait(Limit, mark, func(e *xmppclient.Element) bool {
		items := e.Find("event/items")
		if e.Name != "message" || e.Attr["from"] != jid || items == nil || items.Attr["node"] != node {
			return false
		}
		for _, i := range items.All("item") {
			if it := itemOf(i, node); strings.Contains(it.Title+it.Text, text) {
				found = it
				return true
			}
		}
		return false
	})
	p.w.check(err, "%s waits to be shown %q at %s", p.JID, text, jid)
	p.takes(jid, found)
	return found
}

// IsShownGone waits for the retraction of an item.
func (p *Person) IsShownGone(f *Fan, mark int, id string) {
	p.w.T.Helper()
	_, err := p.Client.Wait(Limit, mark, func(e *xmppclient.Element) bool {
		r := e.Find("event/items/retract")
		return e.Name == "message" && e.Attr["from"] == p.w.Virtual(f) && r != nil && r.Attr["id"] == id
	})
	p.w.check(err, "%s waits for the retraction of %s", p.JID, id)
}

// WasShown counts the events of an account's node with this text since mark.
func (p *Person) WasShown(jid string, mark int, text string) (n int) {
	for _, e := range p.Client.Since(mark) {
		if items := e.Find("event/items"); e.Name == "message" && e.Attr["from"] == jid && items != nil {
			for _, i := range items.All("item") {
				if it := itemOf(i, ""); strings.Contains(it.Title+it.Text, text) {
					n++
				}
			}
		}
	}
	return n
}

// ReadsNode fetches items of a node; inner goes into the request's <items/>, set
// beside it. An error is returned as "type/condition".
func (p *Person) ReadsNode(jid, node, inner, set string) (Page, string) {
	p.w.T.Helper()
	answer, err := p.Client.IQ("get", jid, fmt.Sprintf(`<pubsub xmlns=%q><items node="%s">%s</items>%s</pubsub>`, nsPubSub, Escape(node), inner, set))
	p.w.check(err, "%s reads %s of %s", p.JID, node, jid)
	if answer.Attr["type"] == "error" {
		return Page{}, answer.Find("error").Attr["type"] + "/" + answer.Condition()
	}
	var page Page
	for _, i := range answer.Find("pubsub/items").All("item") {
		it := itemOf(i, node)
		if it.Entry {
			p.takes(jid, it)
		}
		page.Items = append(page.Items, it)
	}
	if s := answer.Find("pubsub/set"); s != nil {
		page.First, page.Last, page.Count = s.Value("first"), s.Value("last"), s.Value("count")
	}
	return page, ""
}

// ReadsBlog fetches the posts of an account.
func (p *Person) ReadsBlog(jid string) []Item {
	p.w.T.Helper()
	page, failed := p.ReadsNode(jid, Microblog, "", "")
	if failed != "" {
		p.w.T.Fatalf("%s reads the posts of %s: %s", p.JID, jid, failed)
	}
	return page.Items
}

func itemOf(i *xmppclient.Element, node string) Item {
	it := Item{Node: node, XML: i}
	it.ID, it.Publisher = i.Attr["id"], i.Attr["publisher"]
	if i.Find("entry") == nil {
		return it
	}
	it.Comment, it.Entry = commentOf(i), true
	for _, l := range i.Find("entry").All("link") {
		it.Links = append(it.Links, Link{l.Attr["rel"], l.Attr["type"], l.Attr["title"], l.Attr["href"]})
	}
	for _, c := range i.Find("entry").All("category") {
		it.Tags = append(it.Tags, c.Attr["term"])
	}
	return it
}

// Link returns the first link with this relation.
func (i Item) Link(rel string) Link {
	for _, l := range i.Links {
		if l.Rel == rel {
			return l
		}
	}
	return Link{}
}

var movimID = regexp.MustCompile(`^[A-Za-z0-9._-]{6,128}$`)

// takes fails the scenario when Movim would not take an item: it drops what has no
// title or date, authors that are not the publisher (of a repeat it shows whose
// blog it is), comments links that are not spelled its way, and long addresses.
func (p *Person) takes(jid string, it Item) {
	p.w.T.Helper()
	bad := func(format string, args ...any) {
		p.w.T.Helper()
		p.w.T.Errorf("item %s of %s: %s: %+v", it.ID, jid, fmt.Sprintf(format, args...), it.Comment)
	}
	own := it.Link("via").Href == ""
	switch {
	case !it.Entry:
		bad("it is no entry")
	case it.Title == "" || it.Updated == "" || it.Published == "":
		bad("without title or date")
	case own && it.Author != "xmpp:"+it.Publisher:
		bad("the author %s is not the publisher %s", it.Author, it.Publisher)
	case len(jid) > 64:
		bad("the address is too long for Movim")
	}
	if strings.HasSuffix(jid, "@"+p.w.Gateway.Component) && it.Node == Microblog && !movimID.MatchString(it.ID) {
		bad("the id")
	}
	if own && it.Node == Microblog {
		want := "xmpp:" + it.Publisher + "?;node=" + Microblog + ":comments/" + it.ID
		if l := it.Link("replies"); l.Title != "comments" || l.Href != want {
			bad("comments are at %q, want %q", l.Href, want)
		}
	}
}

// BlogThread is the comments node of an item of an account.
func (p *Person) BlogThread(it Item) Thread {
	return Thread{Item: it.ID, Service: it.Publisher, Node: Microblog + ":comments/" + it.ID}
}

// Picture fetches an account's avatar as clients do: what the metadata name, by its
// id, which is the hash of the data (XEP-0084). nil when it is switched off.
func (p *Person) Picture(jid string) []byte {
	p.w.T.Helper()
	meta, failed := p.ReadsNode(jid, "urn:xmpp:avatar:metadata", "", "")
	if failed != "" || len(meta.Items) != 1 {
		p.w.T.Fatalf("metadata of %s: %d, %s", jid, len(meta.Items), failed)
	}
	info := meta.Items[0].XML.Find("metadata/info")
	if info == nil {
		return nil
	}
	var out []byte
	for _, inner := range []string{"", fmt.Sprintf(`<item id=%q/>`, info.Attr["id"])} { // Movim asks without an id
		data, failed := p.ReadsNode(jid, "urn:xmpp:avatar:data", inner, "")
		if failed != "" || len(data.Items) != 1 {
			p.w.T.Fatalf("data of %s: %d, %s", jid, len(data.Items), failed)
		}
		b, err := base64.StdEncoding.DecodeString(data.Items[0].XML.Value("data"))
		p.w.check(err, "avatar of %s", jid)
		if sum := fmt.Sprintf("%x", sha1.Sum(b)); sum != info.Attr["id"] || data.Items[0].ID != sum {
			p.w.T.Errorf("the avatar's id is %s, its hash %s", cmp.Or(info.Attr["id"], "nothing"), sum)
		}
		out = b
	}
	return out
}

// Tells changes what a fan's profile says, without a word to anybody.
func (f *Fan) Tells(profile JSON) {
	f.w.T.Helper()
	profile["user"] = f.User
	f.w.check(f.at.Call("person", profile, nil), "profile of %s", f.User)
}

// Announces tells followers that the profile changed or, with a target, that the
// account moved.
func (f *Fan) Announces(target string) {
	f.w.T.Helper()
	args := JSON{"user": f.User}
	if target != "" {
		args["target"] = target
	}
	f.w.check(f.at.Call("change", args, nil), "%s tells of a change", f.User)
}

// Fills makes that many old posts, called "text 1" and so on, the oldest first.
func (f *Fan) Fills(count int, text string) {
	f.w.T.Helper()
	f.w.check(f.at.Call("fill", JSON{"user": f.User, "count": count, "text": text}, nil), "%s fills an outbox", f.User)
}

// Decides answers by hand who asked to follow the fan, who approves followers.
func (f *Fan) Decides(follower string, accept bool) {
	f.w.T.Helper()
	f.w.check(f.at.Call("decide", JSON{"user": f.User, "follower": follower, "accept": accept}, nil), "%s decides about %s", f.User, follower)
}

// Serves puts a picture on the fan's server and returns its address.
func (f *Fan) Serves(path, mediaType, base64 string) string {
	f.w.T.Helper()
	var url string
	f.w.check(f.at.Call("document", JSON{"path": path, "type": mediaType, "base64": base64}, &url), "%s serves %s", f.User, path)
	return url
}

// Fails makes requests for a path of the fan's server fail, as often as told.
func (f *Fan) Fails(fault JSON) {
	f.w.T.Helper()
	fault["from"] = f.w.Gateway.Component // other scenarios are there, too
	f.w.check(f.at.Call("fault", fault, nil), "fault %v", fault)
}

// GetsFollow waits for somebody's Follow of the fan and returns it.
func (f *Fan) GetsFollow() JSON {
	f.w.T.Helper()
	return f.Sees("Follow", f.ID)
}

// GotPosts counts the POSTs of this kind with this text that came so far.
func (f *Fan) GotPosts(typ, text string) (n int) {
	f.w.T.Helper()
	for _, r := range f.w.sentTo(f.at) {
		if a := r.Activity(); r.N > f.mark && a["type"] == typ && strings.Contains(Flat(a), text) {
			n++
		}
	}
	return n
}

// SeesPresence waits for presence of an address; typ is "" for available.
func (p *Person) SeesPresence(from string, mark int, typ string) {
	p.w.T.Helper()
	_, err := p.Client.Wait(Limit, mark, func(e *xmppclient.Element) bool {
		return e.Name == "presence" && bare(e.Attr["from"]) == from && e.Attr["type"] == typ
	})
	p.w.check(err, "%s waits for presence %q of %s", p.JID, typ, from)
}
