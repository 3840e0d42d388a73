package mapping

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestLibervia has the handles seen from a running gateway (libervia.md §2).
func TestLibervia(t *testing.T) {
	for _, c := range []struct{ user, local, domain, node string }{
		{"photos---alice", "alice", "", "photos"},
		{"___my.20blog.2F.C3.A9---alice", "alice", "", "my blog/é"},
		{"___urn.3Axmpp.3Aevents.3A0---alice", "alice", "", "urn:xmpp:events:0"},
		{"___a.2eb", "a.b", "", ""},
		{"___a.2d.2d.2db", "a---b", "", ""},
		{"___.5f.5f.5fx", "___x", "", ""},
		{"___.C3.A9va", "éva", "", ""},
		{"___o.5C27brien", "o'brien", "", ""},
		{"news---room", "room", "", "news"},
		{"___bob.40other.2eexample", "bob", "other.example", ""},
		{"___photos---bob.40other.2eexample", "bob", "other.example", "photos"},
		{"a---b---alice", "alice", "", "a---b"},
		{"___urn.3axmpp.3amicroblog.3a0---alice", "alice", "", ""},
		{"___a.b", "a.b", "", ""},
	} {
		local, domain, node, ok := ParseLibervia(c.user)
		if !ok || local != c.local || domain != c.domain || node != c.node {
			t.Errorf("%s is read as %q at %q, node %q, %v", c.user, local, domain, node, ok)
		}
	}
	for _, user := range []string{"", "alice", "a_b", "jean-marie", "a--b", "___", "---", "---a", "a---", "___.FF", "___.40", "___a.40", "___.40b", "__a"} {
		if local, domain, node, ok := ParseLibervia(user); ok {
			t.Errorf("%q is read as %q at %q, node %q", user, local, domain, node)
		}
	}
}

var libervianPlain = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// libervian writes a handle as Libervia does, to check the reader against.
func libervian(local, node string) string {
	must := func(s string) bool {
		return !libervianPlain.MatchString(s) || strings.HasPrefix(s, "___") || strings.Contains(s, "---")
	}
	encode := func(s string) string {
		s = strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
		return strings.NewReplacer("---", ".2d.2d.2d", "___", ".5f.5f.5f", ".", ".2e", "~", ".7e", "%", ".").Replace(s)
	}
	prefix := ""
	if must(local) || must(node) {
		prefix, local, node = "___", encode(local), encode(node)
	}
	if node != "" {
		node += "---"
	}
	return prefix + node + local
}

func FuzzLibervia(f *testing.F) {
	f.Add("alice", "my blog/é")
	f.Add("a---b", "___")
	f.Add("x.2ey", "")
	f.Fuzz(func(t *testing.T, local, node string) {
		ParseLibervia(local)
		ParseLibervia("___" + node)
		if local == "" || strings.ContainsAny(local+node, "@\\-_") || !utf8.ValidString(local) || !utf8.ValidString(node) || node == "urn:xmpp:microblog:0" {
			return
		}
		user := libervian(local, node)
		if user == local {
			return // plain
		}
		if l, d, n, ok := ParseLibervia(user); !ok || l != local || d != "" || n != node {
			t.Fatalf("%q of %q is %s, and that is %q %q of %q %v", node, local, user, l, d, n, ok)
		}
	})
}
