package world

import (
	"cmp"
	"fmt"
	"strings"

	"isthmus/e2e/xmppclient"
)

// Comment is an item of a comments node, as a client reads it.
type Comment struct {
	ID                 string // of the item
	Publisher          string // as the server tells it, which not every server does
	AtomID             string
	Title, Text        string // content type='text'
	Author, Name       string // atom:author uri and name
	Published, Updated string
	Page               string // link rel=alternate type=text/html
	Ref, InReplyTo     string // ref and href of thr:in-reply-to
}

// SeesComment waits until the person's client, which is told live of changes,
// finds a comment of the fan's with this text in the node, and returns it. It
// must be all that Movim and Libervia ask of a comment (title, dates, author).
func (p *Person) SeesComment(t Thread, from *Fan, text string) Comment {
	p.w.T.Helper()
	who := p.w.Virtual(from)
	found := p.SeesCommentBy(t, who, text)
	bad := func(format string, args ...any) {
		p.w.T.Helper()
		p.w.T.Errorf("comment %q: %s: %+v", text, fmt.Sprintf(format, args...), found)
	}
	if !strings.HasPrefix(found.ID, "ap-") || len(found.ID) > 128 {
		bad("the item id is %q, want ap-… of at most 128 characters", found.ID)
	}
	if found.Publisher != "" && found.Publisher != who {
		bad("it was published by %q, want the bare %q: Movim compares the author with it", found.Publisher, who)
	}
	if found.Published == "" || found.Updated == "" || found.AtomID == "" || found.Name == "" {
		bad("a date, the id or the author's name is missing")
	}
	return found
}

// SeesCommentBy is SeesComment for any author, whose comment may look as it likes.
func (p *Person) SeesCommentBy(t Thread, who, text string) Comment {
	p.w.T.Helper()
	var found Comment
	p.onceIn(t.Service, t.Node, fmt.Sprintf("%s sees a comment of %s with %q", p.JID, who, text), func() error {
		all := p.Reads(t)
		for _, c := range all {
			if strings.Contains(c.Title, text) && c.Author == "xmpp:"+who {
				found = c
				return nil
			}
		}
		return fmt.Errorf("the node holds %+v", all)
	})
	p.w.Until(fmt.Sprintf("%s is told of comment %s, which stands in the node", p.JID, found.ID), func() error {
		told := p.publishers(t.Service, t.Node)
		if publisher, is := told[found.ID]; is {
			found.Publisher = cmp.Or(found.Publisher, publisher)
			return nil
		}
		return fmt.Errorf("told of %v", told)
	})
	return found
}

// SeesGone waits until a comment is gone: retracted or, where the server forbids
// a publisher to retract, overwritten with a tombstone. It returns the tombstone,
// whose ID is "" when the item is not there.
func (p *Person) SeesGone(t Thread, item string) Comment {
	p.w.T.Helper()
	var left Comment
	p.onceIn(t.Service, t.Node, fmt.Sprintf("%s sees that comment %s is gone", p.JID, item), func() error {
		left = Comment{}
		for _, c := range p.Reads(t) {
			if c.ID == item {
				left = c
			}
		}
		if left.ID != "" && !left.IsTombstone() {
			return fmt.Errorf("it is still there: %+v", left)
		}
		return nil
	})
	return left
}

// SeesNo fails when a comment with this text stands in the node now. Something
// that happened later must have been seen before.
func (p *Person) SeesNo(t Thread, text string) {
	p.w.T.Helper()
	for _, c := range p.Reads(t) {
		if strings.Contains(c.Title+c.Text, text) {
			p.w.T.Errorf("%s sees %q, which must not be in %s: %+v", p.JID, text, t.Node, c)
		}
	}
}

// Standing returns the comments that are neither hearts nor tombstones; Hearted
// returns the authors of the hearts.
func (p *Person) Standing(t Thread) []Comment {
	p.w.T.Helper()
	var out []Comment
	for _, c := range p.Reads(t) {
		if !c.IsTombstone() && c.Title != "♥" {
			out = append(out, c)
		}
	}
	return out
}

// Hearted returns the authors of the hearts in a node, each as often as there is one.
func (p *Person) Hearted(t Thread) []string {
	p.w.T.Helper()
	var out []string
	for _, c := range p.Reads(t) {
		if c.Title == "♥" {
			out = append(out, strings.TrimPrefix(c.Author, "xmpp:"))
		}
	}
	return out
}

// SeesHearts waits until exactly these fans have a heart under a post.
func (p *Person) SeesHearts(t Thread, fans ...*Fan) {
	p.w.T.Helper()
	want := map[string]bool{}
	for _, f := range fans {
		want[p.w.Virtual(f)] = true
	}
	p.onceIn(t.Service, t.Node, fmt.Sprintf("%s sees hearts of %v", p.JID, want), func() error {
		got := p.Hearted(t)
		for _, who := range got {
			if !want[who] {
				return fmt.Errorf("there are hearts of %v", got)
			}
		}
		if len(got) != len(want) {
			return fmt.Errorf("there are hearts of %v", got)
		}
		return nil
	})
}

// IsTombstone tells whether a comment only says that there was one.
func (c Comment) IsTombstone() bool { return c.ID != "" && contains(c.Title, "deleted") }

// Reads fetches a comments node, as Movim does: 500 items at once.
func (p *Person) Reads(t Thread) []Comment {
	p.w.T.Helper()
	told := p.publishers(t.Service, t.Node)
	var out []Comment
	for _, item := range p.Items(t.Service, t.Node) {
		c := commentOf(item)
		if c.Publisher == "" {
			c.Publisher = told[c.ID]
		}
		out = append(out, c)
	}
	return out
}

func commentOf(item *xmppclient.Element) Comment {
	e := item.Find("entry")
	c := Comment{
		ID: item.Attr["id"], Publisher: item.Attr["publisher"], AtomID: e.Value("id"), Title: e.Value("title"),
		Author: e.Value("author/uri"), Name: e.Value("author/name"), Published: e.Value("published"), Updated: e.Value("updated"),
	}
	for _, content := range e.All("content") {
		if content.Attr["type"] == "text" {
			c.Text = content.Text
		}
	}
	if to := e.Find("in-reply-to"); to != nil {
		c.Ref, c.InReplyTo = to.Attr["ref"], to.Attr["href"]
	}
	for _, l := range e.All("link") {
		if l.Attr["rel"] == "alternate" && l.Attr["type"] == "text/html" {
			c.Page = l.Attr["href"]
		}
	}
	return c
}
