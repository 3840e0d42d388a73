// Package words is what people read from the gateway, in their language: one folder
// for each language, one file for each topic, from keys to sentences. Sentences
// have named places, {handle}, which a translation may put in any order; they are
// written so that no number needs another form of a word.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// Languages are those with a complete catalogue (BCP 47). The first one is spoken
// to who understands none of them.
var Languages = []string{"en", "de", "fr", "es"}

//go:embed */*.json
var files embed.FS

var catalogues = sync.OnceValue(func() map[string]map[string]string {
	all := make(map[string]map[string]string)
	for _, lang := range Languages {
		var err error
		if all[lang], err = load(files, lang); err != nil {
			panic(err) // built in, and read by the tests
		}
	}
	return all
})

// load reads the files of one language. A key begins with the name of its file,
// up to a hyphen: large topics have several files.
func load(from fs.FS, lang string) (map[string]string, error) {
	names, err := fs.Glob(from, lang+"/*.json")
	if err != nil {
		return nil, err
	}
	out := make(map[string]string)
	for _, name := range names {
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		var part map[string]string
		if err := json.Unmarshal(text, &part); err != nil {
			return nil, fmt.Errorf("words: %s: %w", name, err)
		}
		topic, _, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".json"), "-")
		for key := range part {
			if !strings.HasPrefix(key, topic+".") {
				return nil, fmt.Errorf("words: %s: the key %q should begin with %q", name, key, topic+".")
			}
			if _, twice := out[key]; twice {
				return nil, fmt.Errorf("words: %s: the key %q is in another file, too", name, key)
			}
		}
		maps.Copy(out, part)
	}
	return out, nil
}

var matcher = sync.OnceValue(func() language.Matcher {
	tags := make([]language.Tag, len(Languages))
	for i, l := range Languages {
		tags[i] = language.MustParse(l)
	}
	return language.NewMatcher(tags)
})

// Pick is the language of ours for somebody who would like these, the best first.
// What is no language tag is passed over.
func Pick(want ...string) string {
	var tags []language.Tag
	for _, w := range want {
		if t, err := language.Parse(w); err == nil && t != language.Und {
			tags = append(tags, t)
		}
	}
	_, i, sure := matcher().Match(tags...)
	if sure == language.No {
		i = 0
	}
	return Languages[i]
}

// Accept is the language of ours for the Accept-Language header of an HTTP request.
func Accept(header string) string {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return Languages[0]
	}
	want := make([]string, len(tags))
	for i, t := range tags {
		want[i] = t.String()
	}
	return Pick(want...)
}

// Has reports whether there is a catalogue of a language.
func Has(lang string) bool { return slices.Contains(Languages, lang) }

// Say is the sentence of a key with its places filled in: pairs are their names
// and values, in turn. A key that a language lacks is said in English, one that
// there is not stands for itself.
func Say(lang, key string, pairs ...any) string {
	text, ok := catalogues()[lang][key]
	if !ok {
		if text, ok = catalogues()[Languages[0]][key]; !ok {
			return key
		}
	}
	return Fill(text, pairs...)
}

// Fill puts values into the places of a text, as Say does.
func Fill(text string, pairs ...any) string {
	if len(pairs) == 0 {
		return text
	}
	fill := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		fill = append(fill, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(fill...).Replace(text)
}

// Known reports whether there is a sentence for a key.
func Known(key string) bool {
	_, ok := catalogues()[Languages[0]][key]
	return ok
}

// Keys lists the keys of a language, sorted.
func Keys(lang string) []string { return slices.Sorted(maps.Keys(catalogues()[lang])) }

var place = regexp.MustCompile(`\{[a-z]+\}`)

// Places are the names of the places in a sentence, each once, sorted.
func Places(lang, key string) []string {
	var out []string
	for _, p := range place.FindAllString(catalogues()[lang][key], -1) {
		out = append(out, strings.Trim(p, "{}"))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
