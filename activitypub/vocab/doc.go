package vocab

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Doc is a document as read: what JSON holds, nothing lost. The accessors take
// a value that is missing, null, alone, or in a list (row I1), and never fail:
// what has the wrong shape is not there.
type Doc map[string]any

// ID returns the id, "" when there is none.
func (d Doc) ID() string { return d.Str("id") }

// Types returns the types, in order.
func (d Doc) Types() []string {
	var out []string
	for _, v := range d.List("type") {
		if s, ok := v.(string); ok && s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Is reports whether d has one of these types.
func (d Doc) Is(types ...string) bool {
	for _, v := range d.List("type") {
		if s, ok := v.(string); ok && slices.Contains(types, s) {
			return true
		}
	}
	return false
}

// Str returns a string member, or the first string of a list; "" otherwise.
func (d Doc) Str(key string) string {
	for _, v := range d.List(key) {
		if s, ok := v.(string); ok {
			return s
		}
	}
	return ""
}

// Text returns a natural language member such as name, summary or content with
// its language, "" when that is not told. Peers write `content`, `contentMap`
// or both, and then the one that equals `content` names its language (AS2 core
// §4.7).
func (d Doc) Text(key string) (text, lang string) {
	text = d.Str(key)
	m, _ := d.One(key + "Map")
	langs := make([]string, 0, len(m))
	for l := range m {
		if m.Str(l) != "" {
			langs = append(langs, l)
		}
	}
	slices.Sort(langs) // of several without a choice, the same one each time
	for _, l := range langs {
		if text == "" || m.Str(l) == text {
			return m.Str(l), l
		}
	}
	return text, ""
}

// IDs returns the ids behind a member: strings as they are, embedded objects by
// id, links by href.
func (d Doc) IDs(key string) []string {
	var out []string
	for _, v := range d.List(key) {
		if id := idOf(v); id != "" {
			out = append(out, id)
		}
	}
	return out
}

func idOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if id := Doc(v).ID(); id != "" {
			return id
		}
		return Doc(v).Str("href")
	}
	return ""
}

// One returns the first embedded object of a member; an id alone is none.
func (d Doc) One(key string) (Doc, bool) {
	for _, v := range d.List(key) {
		if m, ok := v.(map[string]any); ok {
			return m, true
		}
	}
	return nil, false
}

// Docs returns the embedded objects of a member.
func (d Doc) Docs(key string) []Doc {
	var out []Doc
	for _, v := range d.List(key) {
		if m, ok := v.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// List returns a member as a list without nulls, whatever its shape.
func (d Doc) List(key string) []any {
	switch v := d[key].(type) {
	case nil:
		return nil
	case []any:
		if !slices.Contains(v, nil) {
			return v
		}
		return slices.DeleteFunc(slices.Clone(v), func(x any) bool { return x == nil })
	default:
		return []any{v}
	}
}

// Time returns a time in UTC, zero when it is missing or none (RFC 3339, AS2
// core §2.3; a missing zone is UTC).
func (d Doc) Time(key string) time.Time {
	s := strings.ToUpper(strings.TrimSpace(d.Str(key)))
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			if t = t.UTC(); t.Year() >= 1 && t.Year() <= 9999 {
				return t
			}
		}
	}
	return time.Time{}
}

// Bool returns true for true, also written as a string.
func (d Doc) Bool(key string) bool {
	for _, v := range d.List(key) {
		switch v := v.(type) {
		case bool:
			return v
		case string:
			return v == "true"
		}
	}
	return false
}

// Int returns a whole number that fits; fractions are cut, strings are read.
func (d Doc) Int(key string) (int64, bool) {
	for _, v := range d.List(key) {
		switch v := v.(type) {
		case json.Number:
			return parseInt(string(v))
		case string:
			return parseInt(v)
		}
	}
	return 0, false
}

func parseInt(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(f) < 1<<62) {
		return 0, false
	}
	return int64(f), true
}

// Public reports whether d is addressed to everybody, in `to` or in `cc`
// (row I2).
func (d Doc) Public() bool {
	return slices.ContainsFunc(d.IDs("to"), isPublic) || slices.ContainsFunc(d.IDs("cc"), isPublic)
}
