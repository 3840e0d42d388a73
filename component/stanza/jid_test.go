package stanza

import (
	"strings"
	"testing"
)

func TestParseJID(t *testing.T) {
	for in, want := range map[string]JID{
		"juliet@capulet.lit/balcony":            {"juliet", "capulet.lit", "balcony"},
		"capulet.lit":                           {Domain: "capulet.lit"},
		"capulet.lit/a@b/c":                     {Domain: "capulet.lit", Resource: "a@b/c"},
		"capulet.lit.":                          {Domain: "capulet.lit"},
		`bob\40mastodon.example@ap.example.org`: {Local: `bob\40mastodon.example`, Domain: "ap.example.org"},
		"♥@♥.example/\u3164":                    {"♥", "♥.example", "\u3164"}, // Prosody lets them through
		"under_score.example":                   {Domain: "under_score.example"},
	} {
		if got, err := ParseJID(in); err != nil || got != want {
			t.Errorf("%q read as %+v, %v", in, got, err)
		}
	}
	long := strings.Repeat("x", 1024)
	for _, in := range []string{"", "@b", "a@", "a@/r", "/r", "b/", "a@b/", "a@b@c", "b..", ".", "a b", "a@b\n", long, long + "@b", "b/" + long} {
		if got, err := ParseJID(in); err != ErrJID {
			t.Errorf("%q read as %+v, %v", in, got, err)
		}
	}
}

func TestJID(t *testing.T) {
	j := JID{"Juliet", "Capulet.lit", "Balcony"}
	if got := j.Fold().String(); got != "juliet@capulet.lit/Balcony" {
		t.Errorf("folded: %s", got)
	}
	if got := j.Bare().WithResource("x").String(); got != "Juliet@Capulet.lit/x" {
		t.Errorf("other resource: %s", got)
	}
	if !(JID{}).IsZero() || (JID{}).String() != "" || j.IsZero() {
		t.Error("zero is not zero")
	}
}

// FuzzJID: an address printed reads as itself.
func FuzzJID(f *testing.F) {
	for _, s := range []string{"juliet@capulet.lit/balcony", "b..", "a@b./", "@", "/", `a\20@b/`, "b/\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		j, err := ParseJID(s)
		if err != nil {
			return
		}
		if again, err := ParseJID(j.String()); err != nil || again != j {
			t.Fatalf("%q is %+v, then %+v, %v", s, j, again, err)
		}
	})
}
