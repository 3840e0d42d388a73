package stanza

import (
	"strings"
	"testing"
)

// TestEscape has the examples of XEP-0106 §5 and every position the rules name.
func TestEscape(t *testing.T) {
	for plain, escaped := range map[string]string{
		"":                      "",
		"space cadet":           `space\20cadet`,
		`call me "ishmael"`:     `call\20me\20\22ishmael\22`,
		"at&t guy":              `at\26t\20guy`,
		"d'artagnan":            `d\27artagnan`,
		"/.fanboy":              `\2f.fanboy`,
		"::foo::":               `\3a\3afoo\3a\3a`,
		"<foo>":                 `\3cfoo\3e`,
		"user@host":             `user\40host`,
		`c:\net`:                `c\3a\net`,
		`c:\\net`:               `c\3a\\net`,
		`c:\cool stuff`:         `c\3a\cool\20stuff`,
		`c:\5commas`:            `c\3a\5c5commas`,
		"alice@mastodon.social": `alice\40mastodon.social`,
		`\27`:                   `\5c27`,
		`\5c`:                   `\5c5c`,
		`a\5c40`:                `a\5c5c40`,
		`\2F`:                   `\5c2F`,
		`\20`:                   `\5c20`,
		`x\20`:                  `x\5c20`,
		`\41\2\`:                `\41\2\`,
		"@@@":                   `\40\40\40`,
		"tréville@lit":          `tréville\40lit`,
	} {
		if got := Escape(plain); got != escaped {
			t.Errorf("Escape(%q) = %q, want %q", plain, got, escaped)
		}
		if got := Unescape(escaped); got != plain {
			t.Errorf("Unescape(%q) = %q, want %q", escaped, got, plain)
		}
	}
}

func TestEscapeOneWay(t *testing.T) {
	if got := Escape("  a b  "); got != `a\20b` {
		t.Errorf("spaces at the ends: %q", got)
	}
	for in, want := range map[string]string{
		`\20a\20b\20`: `\20a b\20`, // no escapes at the ends
		`\20`:         `\20`,
		`a\2Fb`:       `a\2Fb`, // case is significant
		`abc\40d`:     `abc@d`,
		`abc\4`:       `abc\4`,
		`abc\`:        `abc\`,
		`a\00b`:       `a\00b`,
		`\\40`:        `\@`,
	} {
		if got := Unescape(in); got != want {
			t.Errorf("Unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzEscape: escaping loses nothing but spaces at the ends, leaves no character
// that a localpart may not have, and survives a server that folds case.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{`a b`, ` \20 `, `\5c5c40`, `abc\40d`, `"&'/:<>@\`, `\2F`, "\xff\\2f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		Unescape(s)
		e, legal := Escape(s), strings.Trim(s, " ")
		if strings.ContainsAny(e, ` "&'/:<>@`) || strings.HasPrefix(e, `\20`) || strings.HasSuffix(e, `\20`) {
			t.Fatalf("%q escaped as %q", s, e)
		}
		if got := Unescape(e); got != legal {
			t.Fatalf("%q escaped as %q comes back as %q", s, e, got)
		}
		if got, want := Unescape(lower(e)), lower(legal); got != want {
			t.Fatalf("%q escaped and folded comes back as %q, want %q", s, got, want)
		}
	})
}

// lower folds ASCII only, so that invalid UTF-8 stays as it is.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
