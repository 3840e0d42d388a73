package web

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Every page is HTML that a parser need not repair, and keeps to what the
// policy and people with other ways of reading expect.
func TestValidHTML(t *testing.T) {
	for _, c := range pages {
		if !strings.HasSuffix(c.golden, ".html") {
			continue
		}
		t.Run(c.golden, func(t *testing.T) {
			text := body(t, get(t, c.src, c.path))
			doc, err := html.Parse(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if repaired, written := outlineOfTree(doc), outlineOfText(t, text); !slices.Equal(repaired, written) {
				t.Errorf("the parser had to repair it:\nwritten  %q\nrepaired %q", written, repaired)
			}
			v := &validator{t: t, ids: map[string]bool{}}
			v.walk(doc)
			if v.titles != 1 || v.h1 != 1 || v.lang != "en" {
				t.Errorf("%d titles, %d h1, language %q", v.titles, v.h1, v.lang)
			}
			for _, id := range v.refs {
				if !v.ids[id] {
					t.Errorf("aria-labelledby names %q, which is not there", id)
				}
			}
		})
	}
}

var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// outlineOfTree lists every element with its depth, as the parser built it.
func outlineOfTree(n *html.Node) (out []string) {
	var walk func(n *html.Node, depth int)
	walk = func(n *html.Node, depth int) {
		if n.Type == html.ElementNode {
			out = append(out, fmt.Sprint(depth, n.Data))
			depth++
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, depth)
		}
	}
	walk(n, 0)
	return out
}

// outlineOfText lists them as they are written; end tags must match.
func outlineOfText(t *testing.T, text string) (out []string) {
	t.Helper()
	var open []string
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("never closed: %q", open)
			}
			return out
		case html.StartTagToken:
			name, _ := z.TagName()
			out = append(out, fmt.Sprint(len(open), string(name)))
			if !slices.Contains(void, string(name)) {
				open = append(open, string(name))
			}
		case html.SelfClosingTagToken:
			t.Errorf("XML in HTML: %s", z.Raw())
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("</%s> closes %q", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

type validator struct {
	t       *testing.T
	ids     map[string]bool
	refs    []string
	titles  int
	h1      int
	heading int
	lang    string
}

func (v *validator) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		v.element(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		v.walk(c)
	}
}

func (v *validator) element(n *html.Node) {
	attrs := map[string]string{}
	for _, a := range n.Attr {
		if _, twice := attrs[a.Key]; twice {
			v.t.Errorf("<%s> has %s twice", n.Data, a.Key)
		}
		attrs[a.Key] = a.Val
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
			v.t.Errorf("<%s> has %s=%q, which the policy forbids", n.Data, a.Key, a.Val)
		}
		if a.Key == "href" || a.Key == "src" {
			v.address(n.Data, a.Val)
		}
	}
	if id, ok := attrs["id"]; ok {
		if v.ids[id] {
			v.t.Errorf("id %q is there twice", id)
		}
		v.ids[id] = true
	}
	if ref, ok := attrs["aria-labelledby"]; ok {
		v.refs = append(v.refs, ref)
	}
	switch n.Data {
	case "script": // data, which no browser runs
		if attrs["type"] != "application/ld+json" || !json.Valid([]byte(n.FirstChild.Data)) {
			v.t.Errorf("there is a script: %v", n.Attr)
		}
	case "style", "iframe", "object", "embed", "base", "svg":
		v.t.Errorf("there is a <%s>", n.Data)
	case "form":
		if attrs["method"] != "post" || attrs["action"] != "" || !strings.Contains(v.t.Name(), "interact-") {
			v.t.Errorf("there is a form that leads to %q", attrs["action"])
		}
	case "html":
		v.lang = attrs["lang"]
	case "title":
		if n.Parent.Data == "head" && n.FirstChild != nil {
			v.titles++
		}
	case "img":
		if _, ok := attrs["alt"]; !ok {
			v.t.Errorf("a picture has no alt text: %v", n.Attr)
		}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		level := int(n.Data[1] - '0')
		if level == 1 {
			v.h1++
		}
		if level > v.heading+1 {
			v.t.Errorf("<%s> follows a heading of level %d", n.Data, v.heading)
		}
		v.heading = level
	}
}

func (v *validator) address(tag, s string) {
	u, err := url.Parse(s)
	if err != nil || !slices.Contains([]string{"https", "xmpp", "mailto", ""}, u.Scheme) || strings.Contains(s, "ZgotmplZ") {
		v.t.Errorf("<%s> leads to %q", tag, s)
	}
}
