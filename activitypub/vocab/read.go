package vocab

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	// ErrSyntax says that a document is no JSON object.
	ErrSyntax = errors.New("vocab: not a JSON object")
	// ErrLimit says that a document is larger, deeper or fuller than allowed.
	ErrLimit = errors.New("vocab: document exceeds limits")
	// ErrDuplicate says that an object has two members of one name: whoever
	// checks and whoever acts might each see another one.
	ErrDuplicate = errors.New("vocab: duplicate member")
)

// Limits bound a document before anybody looks at its meaning; zero fields mean
// those of DefaultLimits.
type Limits struct {
	Bytes  int // of JSON text
	Depth  int // of nested arrays and objects; {} has depth 1
	Values int // of strings, numbers, booleans, nulls, arrays and objects together
}

// DefaultLimits are far above what peers send and far below what hurts.
var DefaultLimits = Limits{Bytes: 1 << 20, Depth: 32, Values: 20_000}

// Read decodes one JSON object in linear time. Numbers stay as json.Number;
// invalid UTF-8, lone surrogates and NUL become U+FFFD. The error wraps
// ErrSyntax, ErrLimit or ErrDuplicate.
func Read(b []byte, lim Limits) (Doc, error) {
	lim = lim.orDefault()
	if len(b) > lim.Bytes {
		return nil, fmt.Errorf("%w: %d bytes", ErrLimit, len(b))
	}
	if !json.Valid(b) { // from here on the grammar (RFC 8259) is known to hold
		return nil, ErrSyntax
	}
	r := reader{b: b, lim: lim}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, ErrSyntax
	}
	return Doc(m), nil
}

func (l Limits) orDefault() Limits {
	if l.Bytes == 0 {
		l.Bytes = DefaultLimits.Bytes
	}
	if l.Depth == 0 {
		l.Depth = DefaultLimits.Depth
	}
	if l.Values == 0 {
		l.Values = DefaultLimits.Values
	}
	return l
}

// reader walks text that is known to be valid JSON.
type reader struct {
	b      []byte
	pos    int
	values int
	lim    Limits
}

func (r *reader) value(depth int) (any, error) {
	if r.values++; r.values > r.lim.Values {
		return nil, fmt.Errorf("%w: more than %d values", ErrLimit, r.lim.Values)
	}
	switch c := r.next(); c {
	case '{':
		return r.object(depth + 1)
	case '[':
		return r.array(depth + 1)
	case '"':
		return r.text(), nil
	case 't':
		r.pos += len("true")
		return true, nil
	case 'f':
		r.pos += len("false")
		return false, nil
	case 'n':
		r.pos += len("null")
		return nil, nil
	default:
		return r.number(), nil
	}
}

func (r *reader) object(depth int) (any, error) {
	if depth > r.lim.Depth {
		return nil, fmt.Errorf("%w: nested deeper than %d", ErrLimit, r.lim.Depth)
	}
	m := map[string]any{}
	for r.pos++; r.next() != '}'; {
		if r.b[r.pos] == ',' {
			r.pos++
			r.next()
		}
		key := r.text()
		if _, dup := m[key]; dup {
			return nil, fmt.Errorf("%w: %.40q", ErrDuplicate, key)
		}
		r.next()
		r.pos++ // the colon
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		m[key] = v
	}
	r.pos++
	return m, nil
}

func (r *reader) array(depth int) (any, error) {
	if depth > r.lim.Depth {
		return nil, fmt.Errorf("%w: nested deeper than %d", ErrLimit, r.lim.Depth)
	}
	list := []any{}
	for r.pos++; r.next() != ']'; {
		if r.b[r.pos] == ',' {
			r.pos++
		}
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	r.pos++
	return list, nil
}

// next skips white space and returns the byte there.
func (r *reader) next() byte {
	for {
		switch c := r.b[r.pos]; c {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return c
		}
	}
}

// text reads the string at pos.
func (r *reader) text() string {
	start, escapes := r.pos, false
	for r.pos++; r.b[r.pos] != '"'; r.pos++ {
		if r.b[r.pos] == '\\' {
			escapes = true
			r.pos++
		}
	}
	r.pos++
	raw := r.b[start:r.pos]
	if !escapes && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	if json.Unmarshal(raw, &s) != nil { // replaces bad UTF-8 and lone surrogates
		return ""
	}
	return strings.ReplaceAll(s, "\x00", "\uFFFD")
}

func (r *reader) number() json.Number {
	start := r.pos
	for r.pos < len(r.b) && strings.IndexByte("+-.0123456789eE", r.b[r.pos]) >= 0 {
		r.pos++
	}
	return json.Number(r.b[start:r.pos])
}
