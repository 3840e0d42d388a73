package stanza

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// MarshalJSON lets golden files show elements as XML.
func (e *Element) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(e.XML())
	return b.Bytes(), err
}

// TestAtom reads what clients write (testdata/atom/*.xml) and keeps what was
// understood, and what is written for it, in *.golden.
func TestAtom(t *testing.T) {
	files, err := filepath.Glob("testdata/atom/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".xml"), func(t *testing.T) {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			el := parse(t, string(in))
			var read any
			var written *Element
			if el.Local == "feed" {
				f, err := ParseFeed(el)
				if err != nil {
					t.Fatal(err)
				}
				read, written = f, f.Element()
			} else {
				e, err := ParseEntry(el)
				if err != nil {
					t.Fatal(err)
				}
				read, written = e, e.Element()
			}
			golden(t, strings.TrimSuffix(file, ".xml")+".golden", dump(t, read)+"\n"+lines(written)+"\n")
		})
	}
}

// dump shows a value as JSON without what is empty.
func dump(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	var a any
	if err := json.Unmarshal(b.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	enc.SetIndent("", "  ")
	if err := enc.Encode(full(a)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func full(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			switch x = full(x); x {
			case nil, "", 0.0, "0001-01-01T00:00:00Z":
				delete(v, k)
			default:
				v[k] = x
			}
		}
		if len(v) == 0 {
			return nil
		}
		return &v
	case []any:
		for i := range v {
			v[i] = full(v[i])
		}
		return &v
	}
	return v
}

// lines prints an element with each of its children on a line.
func lines(e *Element) string {
	open := &Element{Space: e.Space, Local: e.Local, Attr: e.Attr}
	s := strings.TrimSuffix(open.XML(), "/>") + ">\n"
	for _, c := range e.Elements() {
		s += string(c.AppendXML(nil, e.Space)) + "\n"
	}
	return s + "</" + e.Local + ">"
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs, see -update\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

func TestNotAtom(t *testing.T) {
	for _, s := range []string{`<entry/>`, `<feed xmlns="http://www.w3.org/2005/Atom"/>`, `<entry xmlns="jabber:client"/>`} {
		if _, err := ParseEntry(parse(t, s)); !errors.Is(err, ErrNotEntry) {
			t.Errorf("%s read as an entry: %v", s, err)
		}
	}
	if _, err := ParseEntry(nil); !errors.Is(err, ErrNotEntry) {
		t.Errorf("nothing read as an entry: %v", err)
	}
	if _, err := ParseFeed(parse(t, `<entry xmlns="http://www.w3.org/2005/Atom"/>`)); !errors.Is(err, ErrNotFeed) {
		t.Errorf("an entry read as a feed: %v", err)
	}
}

func TestTitleAndUpdatedAlwaysWritten(t *testing.T) {
	published := time.Date(2026, 8, 1, 12, 0, 0, 0, time.FixedZone("", 2*3600))
	for _, c := range []struct {
		entry Entry
		want  string
	}{
		{Entry{}, `<entry xmlns="http://www.w3.org/2005/Atom"><title type="text"/><updated>1970-01-01T00:00:00Z</updated></entry>`},
		{Entry{Title: Text{Body: "x"}, Published: published},
			`<entry xmlns="http://www.w3.org/2005/Atom"><title type="text">x</title><published>2026-08-01T10:00:00Z</published><updated>2026-08-01T10:00:00Z</updated></entry>`},
		{Entry{Authors: []Person{{URI: "xmpp:a@b.example"}}, Links: []Link{{Href: "https://b.example/"}}},
			`<entry xmlns="http://www.w3.org/2005/Atom"><title type="text"/><author><name/><uri>xmpp:a@b.example</uri></author><updated>1970-01-01T00:00:00Z</updated><link rel="alternate" href="https://b.example/"/></entry>`},
	} {
		if got := c.entry.Element().XML(); got != c.want {
			t.Errorf("written %s\nwant    %s", got, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"2026-08-01T10:00:00Z":             "2026-08-01T10:00:00Z",
		"2026-08-01T10:00:00.123456+02:00": "2026-08-01T08:00:00.123456Z",
		"2026-08-01T10:00:00,5Z":           "2026-08-01T10:00:00.5Z",
		"2026-08-01t10:00:00z":             "2026-08-01T10:00:00Z",
		"2026-08-01 10:00:00 +0200":        "2026-08-01T08:00:00Z",
		"2026-08-01T10:00:00-00:00":        "2026-08-01T10:00:00Z",
		"2026-08-01T10:00:00+02":           "2026-08-01T08:00:00Z",
		"2026-08-01T10:00:00":              "2026-08-01T10:00:00Z",
		"2026-08-01T10:00Z":                "2026-08-01T10:00:00Z",
		"2016-12-31T23:59:60Z":             "2016-12-31T23:59:59Z",
		"2026-08-01":                       "2026-08-01T00:00:00Z",
		"2026-13-01T10:00:00Z":             "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59-10:00":        "0001-01-01T00:00:00Z",
		"Sat, 01 Aug 2026 10:00:00 GMT":    "0001-01-01T00:00:00Z",
		"":                                 "0001-01-01T00:00:00Z",
	} {
		if got := parseTime(in).Format(time.RFC3339Nano); got != want {
			t.Errorf("%q read as %s, want %s", in, got, want)
		}
	}
}

func TestLinks(t *testing.T) {
	e := Entry{Links: []Link{{Rel: "enclosure", Href: "a"}, {Rel: "via", Href: "b"}, {Rel: "enclosure", Href: "c"}}}
	if l, ok := e.Link("enclosure"); !ok || l.Href != "a" {
		t.Errorf("first enclosure is %+v", l)
	}
	if n := len(e.LinksOf("enclosure")); n != 2 {
		t.Errorf("%d enclosures, want 2", n)
	}
	if _, ok := e.Link("replies"); ok {
		t.Error("a replies link out of nowhere")
	}
	if _, ok := (Feed{}).Link("alternate"); ok {
		t.Error("a link of an empty feed")
	}
}

// FuzzEntry: what was read is written so that it reads the same.
func FuzzEntry(f *testing.F) {
	files, _ := filepath.Glob("testdata/atom/*.xml")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "title", "type", "xhtml", "<b>", "2026-08-01T10:00:00.5+02:00")
	}
	f.Add([]byte(`<p xmlns="http://www.w3.org/1999/xhtml"/>`), "content", "src", "x", " ", "0000-01-01T00:00:00Z")
	f.Add([]byte(`<div xmlns="http://www.w3.org/1999/xhtml"> </div>`), "link", "length", "-1", "", "9999-12-31T23:59:60-12:00")
	f.Add([]byte(`<name xmlns="http://www.w3.org/2005/Atom"> a </name>`), "author", "href", "x", "", "")
	f.Fuzz(func(t *testing.T, doc []byte, local, attr, value, text, date string) {
		el, err := ParseXML(doc)
		if err != nil {
			return
		}
		checkFeed(t, el)
		checkEntry(t, el)
		part := New(NSAtom, local, "href", "x", attr, value).AddText(text).Add(el)
		dates := New(NSAtom, "entry").AddTextElement("published", date).AddTextElement("updated", date+text)
		checkEntry(t, dates.Add(part, part, New(NSAtom, local, attr, value).AddText(text)))
		checkFeed(t, New(NSAtom, "feed").AddTextElement("updated", date).Add(part, part))
	})
}

func checkEntry(t *testing.T, el *Element) {
	t.Helper()
	entry, err := ParseEntry(el)
	if err != nil {
		return
	}
	again, err := ParseEntry(entry.Element())
	if entry.Updated.IsZero() {
		entry.Updated = entry.Published
	}
	if entry.Updated.IsZero() {
		entry.Updated = time.Unix(0, 0).UTC()
	}
	if err != nil || !reflect.DeepEqual(again, entry) {
		t.Fatalf("%+v\nagain %+v, %v", entry, again, err)
	}
	stable(t, entry.Element())
}

func checkFeed(t *testing.T, el *Element) {
	t.Helper()
	feed, err := ParseFeed(el)
	if err != nil {
		return
	}
	again, err := ParseFeed(feed.Element())
	if feed.Updated.IsZero() {
		feed.Updated = time.Unix(0, 0).UTC()
	}
	if err != nil || !reflect.DeepEqual(again, feed) {
		t.Fatalf("%+v\nagain %+v, %v", feed, again, err)
	}
	stable(t, feed.Element())
}
