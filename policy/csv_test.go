package policy

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, text string) ([]Entry, []Unread) {
	t.Helper()
	list, unread, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return list, unread
}

func TestRead(t *testing.T) {
	list, unread := read(t, "\ufeff#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n"+
		"Spam.Example,suspend,TRUE,False,\"ads, and worse\",false\n"+
		"noisy.example.,silence,false,true,,false\n"+
		"pictures.example,noop,true,false,,false\n"+
		"münchen.example,limit,,,,\n"+
		"noisy.example,suspend,false,false,,\n"+ // twice: the stricter one
		"hid*en.example,suspend,false,false,,true\n"+
		"10.0.0.1,suspend,,,,\nlocalhost,suspend,,,,\nhttps://a.example/,suspend,,,,\nodd.example,defederate,,,,\n\n")
	want := []Entry{
		{"spam.example", Suspend, true, false, "ads, and worse"},
		{"noisy.example", Suspend, false, true, ""},
		{"pictures.example", Noop, true, false, ""},
		{"xn--mnchen-3ya.example", Silence, false, false, ""},
	}
	if !slices.Equal(list, want) {
		t.Errorf("got %+v", list)
	}
	var why []string
	for _, u := range unread {
		why = append(why, u.Why)
	}
	if got := strings.Join(why, "; "); got != "its name is hidden in part; ask whose list it is; no domain; no domain; no domain; unknown severity" || unread[0].Line != 7 {
		t.Errorf("unread: %+v", unread)
	}
}

// Lists come in other shapes, too.
func TestReadShapes(t *testing.T) {
	for name, text := range map[string]string{
		"one a line":         "# a comment\na.example\nb.example\n",
		"an allow list":      "#domain\na.example\nb.example\n",
		"columns elsewhere":  "severity,domain\nsuspend,a.example\nsuspend,b.example\n",
		"without # and CRLF": "domain,severity\r\na.example,suspend\r\nb.example,\r\n",
	} {
		list, unread := read(t, text)
		if len(list) != 2 || list[0].Domain != "a.example" || list[1].Domain != "b.example" || list[0].Severity != Suspend || len(unread) > 0 {
			t.Errorf("%s: %+v %+v", name, list, unread)
		}
	}
	many := strings.Builder{}
	for i := range maxEntries + 1 {
		fmt.Fprintf(&many, "h%d.example\n", i)
	}
	if _, _, err := Read(strings.NewReader(many.String())); !errors.Is(err, ErrList) {
		t.Errorf("too many: %v", err)
	}
}

func TestWriteIsReadAgain(t *testing.T) {
	list := []Entry{{"a.example", Suspend, false, true, "=cmd()"}, {"b.example", Silence, true, false, `he said "no", twice`}}
	var b bytes.Buffer
	if err := Write(&b, list); err != nil {
		t.Fatal(err)
	}
	list[0].Comment = "'=cmd()" // no formula
	if got, _ := read(t, b.String()); !slices.Equal(got, list) {
		t.Errorf("got %+v from\n%s", got, b.String())
	}
}

func TestCompare(t *testing.T) {
	have := map[string]Entry{
		"known.example":  {"known.example", Silence, false, false, ""},
		"strict.example": {"strict.example", Suspend, false, false, ""},
		"weak.example":   {"weak.example", Silence, false, false, ""},
	}
	p := Compare([]Entry{
		{"new.example", Suspend, false, false, ""}, {"known.example", Silence, false, false, "x"},
		{"strict.example", Suspend, true, true, ""}, {"weak.example", Suspend, false, false, ""},
	}, func(d string) (Entry, bool) { e, ok := have[d]; return e, ok })
	if len(p.New) != 1 || p.New[0].Domain != "new.example" || len(p.Known) != 2 || len(p.Conflicting) != 1 || p.Conflicting[0].Have != have["weak.example"] {
		t.Errorf("got %+v", p)
	}
}

// FuzzRead: whatever is in a list, each domain is one, once, and what is written is
// read again as it was.
func FuzzRead(f *testing.F) {
	f.Add("#domain,#severity\na.example,suspend\n")
	f.Add("a.example\n\"b\nc\",x")
	f.Add("xn--a.example\nÜ.example\n*.example\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, _, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for i, e := range list {
			name, ok := Domain(e.Domain)
			if !ok || name != e.Domain || seen[name] || rank(e.Severity) < 0 {
				t.Fatalf("%+v", e)
			}
			seen[name] = true
			list[i].Comment = "" // CRLF, spaces and formulas may change
		}
		var b bytes.Buffer
		if err := Write(&b, list); err != nil {
			t.Fatal(err)
		}
		if again, unread, err := Read(&b); err != nil || len(unread) > 0 || !slices.Equal(again, list) {
			t.Errorf("%+v became %+v, %v", list, again, err)
		}
	})
}
