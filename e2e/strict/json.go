package strict

import (
	"encoding/json"
	"net/url"
	"strings"
)

// object is a JSON object.
type object map[string]any

// parse is a body as an object, empty when it is none.
func parse(body []byte) object {
	var plain map[string]any
	if json.Unmarshal(body, &plain) != nil {
		return object{}
	}
	return within(plain).(object)
}

// within makes every object in v an object.
func within(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := object{}
		for k, e := range v {
			out[k] = within(e)
		}
		return out
	case []any:
		for i := range v {
			v[i] = within(v[i])
		}
	}
	return v
}

// text is a member that is a string.
func (o object) text(name string) string { s, _ := o[name].(string); return s }

// in is a member that is an object.
func (o object) in(name string) object { in, _ := o[name].(object); return in }

// texts is a member that is a string or a list of strings.
func (o object) texts(name string) []string {
	switch v := o[name].(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, is := e.(string); is {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// list is a member that is a list of objects; what is no object is left out.
func (o object) list(name string) []object {
	var out []object
	all, _ := o[name].([]any)
	for _, e := range all {
		if in, is := e.(object); is {
			out = append(out, in)
		}
	}
	return out
}

// actorTypes are the five of ActivityStreams.
var actorTypes = []string{"Person", "Service", "Group", "Organization", "Application"}

func isActor(o object) bool { return oneOf(o.text("type"), actorTypes...) }

func oneOf(s string, of ...string) bool {
	for _, o := range of {
		if s == o {
			return true
		}
	}
	return false
}

// hostOf is the host of a URL, with its port.
func hostOf(id string) string {
	u, err := url.Parse(id)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// webURL reports whether s is a URL that a server can be asked.
func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// deep is how deep JSON is nested, as PHP's json_decode counts: a scalar is 0.
func deep(v any) int {
	deepest := 0
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			deepest = max(deepest, deep(e))
		}
	case object:
		for _, e := range v {
			deepest = max(deepest, deep(e))
		}
	default:
		return 0
	}
	return deepest + 1
}
