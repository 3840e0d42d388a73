package vocab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// members is a JSON object being written, in order. Values are strings,
// booleans, numbers, json.RawMessage from go-ap, members, []any of these, or
// what a Doc holds.
type members []member

type member struct {
	key   string
	value any
}

// core starts an object with what go-ap writes of it. Only ids, types, media
// types and times are left to go-ap: its printer unescapes backslashes in text,
// leaves IRIs unescaped and turns lists of one into the one.
func core(item json.Marshaler) members {
	b, err := item.MarshalJSON()
	if err != nil || len(b) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	var m members
	for _, err = d.Token(); err == nil && d.More(); {
		var key json.Token
		if key, err = d.Token(); err != nil {
			break
		}
		var raw json.RawMessage
		if err = d.Decode(&raw); err == nil {
			m = append(m, member{key.(string), raw})
		}
	}
	if err != nil { // nothing that got past iri and token can do this: FuzzWrite
		return nil
	}
	return m
}

// set appends a member, or replaces the one of this name.
func (m *members) set(key string, value any) {
	for i := range *m {
		if (*m)[i].key == key {
			(*m)[i].value = value
			return
		}
	}
	*m = append(*m, member{key, value})
}

// text sets a string that is not empty.
func (m *members) text(key, value string) {
	if value != "" {
		m.set(key, value)
	}
}

// list sets an array that is not empty; one element stays an array (row O1).
func (m *members) list(key string, values []any) {
	if len(values) > 0 {
		m.set(key, values)
	}
}

// ids sets an array of ids.
func (m *members) ids(key string, ids []string) {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	m.list(key, list)
}

func (m *members) drop(key string) {
	for i := range *m {
		if (*m)[i].key == key {
			*m = append((*m)[:i], (*m)[i+1:]...)
			return
		}
	}
}

// document prints m with its context, which is known only now (row O1).
func (m members) document() []byte {
	p := printer{}
	p.enc = json.NewEncoder(&p.buf)
	p.enc.SetEscapeHTML(false)
	p.value(append(members{{"@context", contextOf(m)}}, m...))
	return p.buf.Bytes()
}

type printer struct {
	buf bytes.Buffer
	enc *json.Encoder
}

func (p *printer) value(v any) {
	switch v := v.(type) {
	case members:
		sep := byte('{')
		for _, m := range v {
			p.buf.WriteByte(sep)
			p.value(m.key)
			p.buf.WriteByte(':')
			p.value(m.value)
			sep = ','
		}
		if len(v) == 0 {
			p.buf.WriteByte('{')
		}
		p.buf.WriteByte('}')
	case []any:
		p.buf.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				p.buf.WriteByte(',')
			}
			p.value(x)
		}
		p.buf.WriteByte(']')
	default:
		// Only json.RawMessage and json.Number could fail, and both come from
		// JSON that was read.
		if p.enc.Encode(v) != nil {
			p.buf.WriteString("null\n")
		}
		p.buf.Truncate(p.buf.Len() - 1) // the line feed
	}
}

// iri makes an address safe for go-ap's printer, which escapes nothing.
func iri(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexFunc(s, unsafeInIRI) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unsafeInIRI(r) {
			fmt.Fprintf(&b, "%%%02X", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unsafeInIRI(r rune) bool {
	return r <= ' ' || r == '"' || r == '\\' || r == '<' || r == '>' || r == 0x7f
}

// token returns s if it looks like a type or a media type, "" otherwise.
func token(s string) string {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return ""
		}
	}
	return s
}

// second cuts a time to what we write: UTC, whole seconds, four-digit years
// (row O13).
func second(t time.Time) time.Time {
	if t.IsZero() || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}
