package words

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Every language says everything, with the same places.
func TestCataloguesAreComplete(t *testing.T) {
	base := Keys(Languages[0])
	if len(base) == 0 {
		t.Fatal("there are no words")
	}
	for _, lang := range Languages {
		if got := Keys(lang); !slices.Equal(got, base) {
			for _, k := range base {
				if !slices.Contains(got, k) {
					t.Errorf("%s lacks %s", lang, k)
				}
			}
			for _, k := range got {
				if !slices.Contains(base, k) {
					t.Errorf("%s has %s, which English has not", lang, k)
				}
			}
		}
		for _, k := range base {
			if got, want := Places(lang, k), Places(Languages[0], k); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the places %v, English has %v", lang, k, got, want)
			}
			text := catalogues()[lang][k]
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s: %s is empty or has spaces at an end: %q", lang, k, text)
			}
			if n := strings.Count(catalogues()[Languages[0]][k], "\n"); n != strings.Count(text, "\n") {
				t.Errorf("%s: %s has other lines than English", lang, k)
			}
		}
	}
}

func TestPick(t *testing.T) {
	for want, tags := range map[string][]string{
		"de": {"de-AT"}, "fr": {"fr", "en"}, "es": {"es-419"}, "en": {"ja"},
	} {
		if got := Pick(tags...); got != want {
			t.Errorf("%v: %s", tags, got)
		}
	}
	for _, none := range [][]string{nil, {""}, {"", "klingon!"}} {
		if got := Pick(none...); got != "en" {
			t.Errorf("%v: %s", none, got)
		}
	}
	if got := Pick("", "x y", "de"); got != "de" {
		t.Errorf("what is no tag is in the way: %s", got)
	}
}

func TestSay(t *testing.T) {
	if got := Say("en", "no.such key"); got != "no.such key" {
		t.Errorf("an unknown key is %q", got)
	}
	if got := Say("xx", "chat.yes"); got != Say("en", "chat.yes") {
		t.Errorf("an unknown language says %q", got)
	}
	// What is filled in is not looked at again.
	if got := Say("en", "chat.unknown", "word", "{help}", "help", "x"); !strings.Contains(got, "{help}") {
		t.Errorf("%q", got)
	}
}

func TestKeysStandInTheirFile(t *testing.T) {
	_, err := load(fstest.MapFS{"en/a.json": {Data: []byte(`{"b.c": "x"}`)}}, "en")
	if err == nil || !strings.Contains(err.Error(), `"a."`) {
		t.Errorf("a key of another file: %v", err)
	}
}
