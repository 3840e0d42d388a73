package vocab

import (
	"encoding/json"
	"time"

	ap "github.com/go-ap/activitypub"
)

// Activity is what we send. Object is a string (an id), a list of them, an Object, an Actor, an
// Activity, a Doc, or json.RawMessage holding one JSON object or string;
// anything else is left out.
type Activity struct {
	ID, Type  string
	Actor     string // bare id (row O1)
	To, Cc    []string
	Object    any
	Published time.Time

	Target             string // id, of a Move
	Content            string // of a Like: the reaction (row O18), told to Misskey too; of a Flag: why
	Instrument, Result string // ids, of a QuoteRequest and of its Accept (FEP-044f)
}

// JSON prints a as a document of its own.
func (a Activity) JSON() []byte { return a.members(maxDepth - 1).document() }

// maxDepth bounds how deep what we write is nested (row O20, Pixelfed).
const maxDepth = 8

// members makes the activity; levels is how deep its object may be nested.
func (a Activity) members(levels int) members {
	m := core(ap.Activity{
		ID:        ap.ID(iri(a.ID)),
		Type:      ap.ActivityVocabularyType(token(a.Type)),
		Actor:     item(a.Actor),
		Published: second(a.Published),
	})
	m.ids("to", a.To)
	m.ids("cc", a.Cc)
	if o := embed(a.Object, levels); o != nil {
		m.set("object", o)
	}
	m.text("target", a.Target)
	m.text("content", a.Content)
	if a.Type == "Like" {
		m.text("_misskey_reaction", a.Content)
	}
	m.text("instrument", a.Instrument)
	m.text("result", a.Result)
	return m
}

// embed makes what stands inside another document: without a context of its
// own, and no deeper than levels. nil when it is nothing that can.
func embed(v any, levels int) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return nil
		}
		return v
	case []string:
		if len(v) == 0 {
			return nil
		}
		return v
	case Object:
		return v.members()
	case *Object:
		return v.members()
	case Ballot:
		return v.members()
	case Actor:
		return v.members()
	case Activity:
		return v.members(levels - 1)
	case Doc:
		out := members{}
		for _, k := range sortedKeys(v) {
			if x := prune(v[k], levels-1); x != nil && k != "@context" {
				out = append(out, member{k, x})
			}
		}
		return out
	case json.RawMessage:
		var s string
		if json.Unmarshal(v, &s) == nil {
			return embed(s, levels)
		}
		if d, err := Read(v, DefaultLimits); err == nil {
			return embed(d, levels)
		}
	}
	return nil
}

// Standalone prints a document that was read as a document of its own, with a context of
// ours; nil for one with nothing in it.
func Standalone(d Doc) []byte {
	m, ok := embed(d, maxDepth).(members)
	if !ok {
		return nil
	}
	return m.document()
}

// prune replaces what is nested too deep by its id, or leaves it out: what a
// peer sent comes back in our Accept, however it was built.
func prune(v any, levels int) any {
	switch v := v.(type) {
	case map[string]any:
		if levels < 1 {
			if id := idOf(v); id != "" {
				return id
			}
			return nil
		}
		out := make(map[string]any, len(v))
		for k, x := range v {
			if x = prune(x, levels-1); x != nil && k != "@context" {
				out[k] = x
			}
		}
		return out
	case []any:
		if levels < 1 {
			return nil
		}
		out := make([]any, 0, len(v))
		for _, x := range v {
			if x = prune(x, levels-1); x != nil {
				out = append(out, x)
			}
		}
		return out
	}
	return v
}
