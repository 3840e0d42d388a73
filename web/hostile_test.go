package web

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Nothing that a stranger wrote gets out of its place. TestValidHTML looks at
// the elements and attributes; this looks at the text.
func TestX13_HostileText(t *testing.T) {
	for _, path := range []string{"/@mallory", "/@mallory/evil", "/@mallory/evil/replies", "/@mallory/evil/replies.atom", "/interact/like/@mallory/evil", "/@mallory/feed.atom"} {
		text := strings.Replace(body(t, get(t, sample{}, path)), `<script type="application/ld+json">`, "", 1) // data of ours, which TestValidHTML looks into
		for _, bad := range []string{"<script", "<img src=x", "javascript:", "data:image", `" onerror="`, `" onclick="`, "<b>Mallory", "\x00", "\x0b", "//elsewhere.example/x.png\""} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %q in:\n%s", path, bad, text)
			}
		}
		if !utf8.ValidString(text) {
			t.Errorf("%s is not UTF-8", path)
		}
	}
}

func TestX13_WebAddress(t *testing.T) {
	for s, good := range map[string]bool{
		"https://example.org/a?b#c": true, "http://example.org": true, "/media/x": true,
		"": false, "x": false, "//example.org/x": false, "https:///x": false, "https:x": false, "javascript:alert(1)": false, "JaVaScRiPt:alert(1)": false,
		" https://example.org": false, "https://example.org/\n": false, "data:,x": false, "xmpp:a@b": false, "/\\example.org": false, "https://exa mple.org": false, "%zz": false,
	} {
		if got := webAddress(s) == s && s != ""; got != good {
			t.Errorf("%q: got %v, want %v", s, got, good)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " a\tb\n": "a\tb", "a\x00\x0b\x7fb": "ab", "a\xffb": "a\uFFFDb", "\u202eevil\u202c": "evil", "שלום\u200f!": "שלום\u200f!",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"", 5, ""},
		{"  a \n b ", 5, "a b"},
		{"exactly", 7, "exactly"},
		{"one two three", 9, "one two…"},
		{"supercalifragilistic", 5, "super…"},
		{"ééééééé", 3, "ééé…"},
		{"wait, what", 6, "wait…"},
	} {
		if got := shorten(c.in, c.n); got != c.want {
			t.Errorf("shorten(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "Posts: 0", 999: "Posts: 999", 1000: "Posts: 1\u00a0000", 1234567: "Posts: 1\u00a0234\u00a0567"} {
		if got := tongue("en").number("posts", n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

// An xmpp: link keeps its scheme and has only characters of a URI (RFC 3986 §2).
func FuzzXMPPURL(f *testing.F) {
	for _, s := range []string{"xmpp:louise@example.org?;node=urn:xmpp:microblog:0;item=a", "xmpp:", "javascript:alert(1)", "xmpp:bob\\40x@y", "xmpp:\"><é\x00", "XMPP:a@b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := string(xmppURL(s))
		if got == "" {
			if strings.HasPrefix(s, "xmpp:") && len(s) > len("xmpp:") {
				t.Errorf("%q is lost", s)
			}
			return
		}
		if !strings.HasPrefix(got, "xmpp:") || strings.ContainsAny(got, "\"'<>\\^`{|} ") {
			t.Errorf("%q became %q", s, got)
		}
		for i := range len(got) {
			if got[i] <= ' ' || got[i] >= 0x7f {
				t.Errorf("%q became %q", s, got)
			}
		}
		if string(xmppURL(got)) != got {
			t.Errorf("%q is encoded again", got)
		}
	})
}

// What passes for a language is safe in an attribute as it stands.
func FuzzLanguage(f *testing.F) {
	for _, s := range []string{"en", "de-CH-1996", "", "x\" onload=", "zh-Hant", "en_US"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := languageTag(s); got != "" && (got != s || strings.ContainsFunc(got, func(r rune) bool {
			return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})) {
			t.Errorf("%q became %q", s, got)
		}
	})
}
