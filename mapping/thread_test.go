package mapping

import (
	"testing"

	"isthmus/component/stanza"
)

func TestCommentsNode(t *testing.T) {
	const node = "urn:xmpp:microblog:0:comments/a-b"
	for name, c := range map[string]struct {
		links []stanza.Link
		want  string // service and node
	}{
		"nothing": {},
		"Movim's": {[]stanza.Link{{Rel: "replies", Title: "comments", Href: "xmpp:comments.example.org?;node=" + node}}, "comments.example.org " + node},
		"Libervia's": {
			[]stanza.Link{{Rel: "replies", Title: "comments", Href: "xmpp:pubsub.example.org?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2Fa-b"}},
			"pubsub.example.org " + node,
		},
		"own PEP":         {[]stanza.Link{{Rel: "replies", Title: "Comments", Href: "xmpp:alice@example.org?;node=" + node}}, "alice@example.org " + node},
		"by its name":     {[]stanza.Link{{Rel: "replies", Title: "Kommentare", Href: "xmpp:c.example?;node=" + node}}, "c.example " + node},
		"another node":    {[]stanza.Link{{Rel: "replies", Title: "comments", Href: "xmpp:c.example?;node=talk"}}, "c.example talk"},
		"title wins":      {[]stanza.Link{{Rel: "replies", Href: "xmpp:c.example?;node=" + node}, {Rel: "replies", Title: "comments", Href: "xmpp:d.example?;node=n"}}, "d.example n"},
		"the web":         {[]stanza.Link{{Rel: "replies", Title: "comments", Href: "https://c.example/talk"}}, ""},
		"no node":         {[]stanza.Link{{Rel: "replies", Title: "comments", Href: "xmpp:c.example"}}, ""},
		"no comments":     {[]stanza.Link{{Rel: "replies", Href: "xmpp:c.example?;node=talk"}}, ""},
		"another link":    {[]stanza.Link{{Rel: "related", Title: "comments", Href: "xmpp:c.example?;node=" + node}}, ""},
		"past a bad link": {[]stanza.Link{{Rel: "replies", Title: "comments", Href: "xmpp:"}, {Rel: "replies", Title: "comments", Href: "xmpp:d.example?;node=n"}}, "d.example n"},
	} {
		uri, ok := CommentsNode(stanza.Entry{Links: c.links})
		got := ""
		if ok {
			got = uri.JID.String() + " " + uri.Node()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestParentOf(t *testing.T) {
	const item = "xmpp:alice@example.org?;node=n;item=i"
	for name, c := range map[string]struct {
		in      []stanza.InReply
		uri, id string
		ok      bool
	}{
		"nothing":         {},
		"Movim's":         {[]stanza.InReply{{Href: item}}, item, "", true},
		"XEP-0472":        {[]stanza.InReply{{Ref: "tag:a", Href: "https://a.example/1"}, {Ref: "tag:b", Href: "xmpp:alice@example.org?;node=n;item=i"}}, item, "tag:b", true},
		"Libervia's":      {[]stanza.InReply{{Ref: "xmpp:alice@example.org?;node=%6e;item=i"}}, item, "xmpp:alice@example.org?;node=%6e;item=i", true},
		"only an id":      {[]stanza.InReply{{Ref: "tag:a"}, {Ref: "tag:b"}}, "", "tag:a", true},
		"only in the web": {[]stanza.InReply{{Ref: "tag:a", Href: "https://a.example/1"}}, "", "tag:a", true},
	} {
		uri, id, ok := ParentOf(stanza.Entry{InReplyTo: c.in})
		got := ""
		if !uri.JID.IsZero() {
			got = uri.String()
		}
		if got != c.uri || id != c.id || ok != c.ok {
			t.Errorf("%s: %q %q %v", name, got, id, ok)
		}
	}
}

// TestForms tells apart what clients write.
func TestForms(t *testing.T) {
	for name, want := range map[string]struct{ heart, repeat, parent bool }{
		"post/movim-comment":    {},
		"deed/movim-like":       {heart: true},
		"post/movim-share":      {parent: true},
		"post/libervia-comment": {parent: true},
		"deed/libervia-repeat":  {repeat: true},
	} {
		e := readEntry(t, "testdata/"+name+".xml")
		_, repeat := RepeatOf(e)
		item, _, parent := ParentOf(e)
		if IsHeart(e) != want.heart || repeat != want.repeat || parent != want.parent || parent && item.Item() == "" {
			t.Errorf("%s: heart %v, repeat %v, parent %v", name, IsHeart(e), repeat, item)
		}
	}
}
