package vocab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func mustRead(t *testing.T, s string) Doc {
	t.Helper()
	d, err := Read([]byte(s), DefaultLimits)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return d
}

func TestX11_ReadRefuses(t *testing.T) {
	nested := func(n int) string {
		return strings.Repeat(`{"a":`, n-1) + "{}" + strings.Repeat("}", n-1)
	}
	for _, c := range []struct {
		name, doc string
		lim       Limits
		want      error
	}{
		{"nothing", "", Limits{}, ErrSyntax},
		{"a list", "[]", Limits{}, ErrSyntax},
		{"a string", `"x"`, Limits{}, ErrSyntax},
		{"null", "null", Limits{}, ErrSyntax},
		{"half", `{"a":`, Limits{}, ErrSyntax},
		{"two", `{}{}`, Limits{}, ErrSyntax},
		{"byte order mark", "\ufeff{}", Limits{}, ErrSyntax},
		{"UTF-16", "{\x00}\x00", Limits{}, ErrSyntax},
		{"NaN", `{"a":NaN}`, Limits{}, ErrSyntax},
		{"comment", `{"a":1 /* x */}`, Limits{}, ErrSyntax},
		{"twice", `{"actor":"a","actor":"b"}`, Limits{}, ErrDuplicate},
		{"twice, escaped", `{"actor":"a","\u0061ctor":"b"}`, Limits{}, ErrDuplicate},
		{"twice, inside", `{"object":[{"id":1,"x":2,"id":3}]}`, Limits{}, ErrDuplicate},
		{"33 deep", nested(33), Limits{}, ErrLimit},
		{"lists too", `{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, Limits{}, ErrLimit},
		{"deeper than asked", nested(9), Limits{Depth: 8}, ErrLimit},
		{"too many values", `{"a":[` + strings.Repeat("1,", 20_000) + `1]}`, Limits{}, ErrLimit},
		{"more values than asked", `{"a":1,"b":2}`, Limits{Values: 2}, ErrLimit},
		{"too large", `{"a":"` + strings.Repeat("x", 1<<20) + `"}`, Limits{}, ErrLimit},
		{"larger than asked", `{"a":"xxxxxxxx"}`, Limits{Bytes: 10}, ErrLimit},
	} {
		if _, err := Read([]byte(c.doc), c.lim); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	for _, doc := range []string{nested(32), `{"a":1e999999}`, " \n{ \"a\" : [ 1 , {} , [ ] ] }\t"} {
		if _, err := Read([]byte(doc), Limits{}); err != nil {
			t.Errorf("%.40s: %v", doc, err)
		}
	}
}

func TestY2_HarmlessText(t *testing.T) {
	d := mustRead(t, `{"a":"x\u0000y","b":"\ud800z","c":"`+"\xff"+`","d":"\ud83d\udc1d","e\u0000":1}`)
	for key, want := range map[string]string{"a": "x\uFFFDy", "b": "\uFFFDz", "c": "\uFFFD", "d": "🐝"} {
		if got := d.Str(key); got != want {
			t.Errorf("%s reads %q, want %q", key, got, want)
		}
	}
	if _, ok := d["e\uFFFD"]; !ok {
		t.Errorf("a NUL stays in a name: %q", d)
	}
}

// TestShapesOfOneValue is row I1: string, object, array, array of one, null,
// missing.
func TestShapesOfOneValue(t *testing.T) {
	for _, s := range []string{
		`"https://a.example/1"`,
		`["https://a.example/1"]`,
		`{"id":"https://a.example/1","type":"Person"}`,
		`[null,{"id":"https://a.example/1"}]`,
		`{"type":"Link","href":"https://a.example/1"}`,
	} {
		d := mustRead(t, `{"actor":`+s+`}`)
		if got := d.IDs("actor"); !slices.Equal(got, []string{"https://a.example/1"}) {
			t.Errorf("%s has ids %q", s, got)
		}
		_, embedded := d.One("actor")
		if want := strings.Contains(s, "{"); embedded != want || (len(d.Docs("actor")) == 1) != want {
			t.Errorf("%s embedded: %v", s, embedded)
		}
	}
	for _, s := range []string{`null`, `[]`, `[null]`, `7`, `true`, `[[["x"]]]`, `{}`, `""`, `{"id":{"id":"x"}}`} {
		d := mustRead(t, `{"actor":`+s+`}`)
		if got := d.IDs("actor"); got != nil {
			t.Errorf("%s has ids %q", s, got)
		}
	}
	d := mustRead(t, `{"type":["Person","Service",null,4],"name":["Bob","Rob"],"to":"x"}`)
	if !d.Is("Service") || d.Is("Group") || !slices.Equal(d.Types(), []string{"Person", "Service"}) || d.Str("name") != "Bob" {
		t.Errorf("read %q %q", d.Types(), d.Str("name"))
	}
	if len(d.List("to")) != 1 || d.List("cc") != nil || Doc(nil).ID() != "" {
		t.Error("List")
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ doc, text, lang string }{
		{`{"content":"Hallo"}`, "Hallo", ""},
		{`{"content":"Hallo","contentMap":{"de":"Hallo"}}`, "Hallo", "de"},
		{`{"content":"Hallo","contentMap":{"en":"Hello","de":"Hallo"}}`, "Hallo", "de"},
		{`{"content":"Hallo","contentMap":{"en":"Hello"}}`, "Hallo", ""},
		{`{"contentMap":{"fr":"Salut","en":"Hello"}}`, "Hello", "en"},
		{`{"content":null,"contentMap":{"pl":"Cześć","en":""}}`, "Cześć", "pl"},
		{`{"content":"","contentMap":"x"}`, "", ""},
		{`{"content":{"en":"x"}}`, "", ""},
	} {
		if text, lang := mustRead(t, c.doc).Text("content"); text != c.text || lang != c.lang {
			t.Errorf("%s reads %q in %q", c.doc, text, lang)
		}
	}
}

func TestTimes(t *testing.T) {
	want := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	for _, s := range []string{"2026-03-01T11:00:00Z", "2026-03-01T12:00:00+01:00", " 2026-03-01t11:00:00.000z ", "2026-03-01T11:00:00", "2026-03-01T11:00Z"} {
		if got := (Doc{"t": s}).Time("t"); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q reads %v", s, got)
		}
	}
	for _, s := range []any{"", "yesterday", "2026-13-01T11:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", 7, nil} {
		if got := (Doc{"t": s}).Time("t"); !got.IsZero() {
			t.Errorf("%q reads %v", s, got)
		}
	}
}

func TestNumbersAndTruths(t *testing.T) {
	d := mustRead(t, `{"a":7,"b":"8","c":[9.9],"d":1e999999,"e":-3,"f":9223372036854775808,"g":{},"yes":true,"also":"true","no":"false","one":1}`)
	for key, want := range map[string]int64{"a": 7, "b": 8, "c": 9, "e": -3} {
		if got, ok := d.Int(key); !ok || got != want {
			t.Errorf("%s reads %d, %v", key, got, ok)
		}
	}
	for _, key := range []string{"d", "f", "g", "z"} {
		if got, ok := d.Int(key); ok || got != 0 {
			t.Errorf("%s reads %d", key, got)
		}
	}
	if !d.Bool("yes") || !d.Bool("also") || d.Bool("no") || d.Bool("one") || d.Bool("z") {
		t.Error("Bool")
	}
	if n, ok := parseInt("NaN"); ok || n != 0 || math.MaxInt64 == n {
		t.Error("NaN is a number")
	}
}

func TestPublic(t *testing.T) {
	for _, s := range []string{
		`{"to":"https://www.w3.org/ns/activitystreams#Public"}`, `{"to":["x","as:Public"]}`,
		`{"cc":["Public"]}`, `{"to":[{"id":"as:Public"}]}`,
	} {
		if !mustRead(t, s).Public() {
			t.Errorf("%s is not public", s)
		}
	}
	for _, s := range []string{`{}`, `{"to":"https://a.example/followers"}`, `{"bto":"as:Public"}`, `{"to":"public"}`} {
		if mustRead(t, s).Public() {
			t.Errorf("%s is public", s)
		}
	}
}

// TestX11_ReadIsLinear has what made recursive readers quadratic, in two sizes.
func TestX11_ReadIsLinear(t *testing.T) {
	allocs := func(n int) float64 {
		doc := []byte(`{"a":[` + strings.Repeat(`{"b":[]},`, n) + `0]}`)
		return testing.AllocsPerRun(1, func() {
			if _, err := Read(doc, Limits{Values: 1 << 20}); err != nil {
				t.Fatal(err)
			}
		})
	}
	if small, large := allocs(500), allocs(5000); large > 11*small {
		t.Errorf("ten times the input takes %v allocations instead of %v", large, small)
	}
}

// FuzzRead: what encoding/json makes of a document is what we make of it, but
// for duplicates and NUL; and no accessor ever panics.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id":"https://a.example/1","type":["Note"],"to":["as:Public"],"content":"x","contentMap":{"en":"x"},"n":-1.5e3}`))
	f.Add([]byte(`{"a":"\ud800\u0000","b":[null,true,{"c":[[]]}]}`))
	f.Add([]byte(` { "published" : "2026-03-01T11:00:00Z" , "x" : 1e9 } `))
	f.Add([]byte("{\"\xff\":\"\\\\\\\"\"}"))
	for _, doc := range documents() {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Read(b, DefaultLimits)
		ask(d)
		if err != nil {
			return
		}
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		var want map[string]any
		if err := dec.Decode(&want); err != nil {
			t.Fatalf("encoding/json refuses what was read: %v", err)
		}
		if !bytes.Contains(b, []byte(`\u0000`)) && !reflect.DeepEqual(map[string]any(d), want) {
			t.Fatalf("read %#v, encoding/json %#v", d, want)
		}
	})
}

// ask calls every accessor for everything there is.
func ask(d Doc) {
	keys := append(sortedKeys(d), "id", "missing")
	for _, k := range keys {
		d.Str(k)
		d.Text(k)
		d.IDs(k)
		d.One(k)
		d.List(k)
		d.Time(k)
		d.Bool(k)
		d.Int(k)
		for _, x := range d.Docs(k) {
			ask(x)
		}
	}
	d.ID()
	d.Types()
	d.Is("Note")
	d.Public()
}

func BenchmarkRead(b *testing.B) {
	doc := documents()["create"]
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := Read(doc, DefaultLimits); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleDoc_Text() {
	d, _ := Read([]byte(`{"type":"Note","contentMap":{"de":"<p>Hallo</p>"}}`), DefaultLimits)
	text, lang := d.Text("content")
	fmt.Println(text, lang)
	// Output: <p>Hallo</p> de
}
