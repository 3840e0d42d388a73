package stanza

import "errors"

// Error is a stanza error (RFC 6120 §8.3). Type is auth, cancel, continue,
// modify or wait; Condition one of §8.3.3; App the application-specific
// condition, such as one of NSPubSubErr; By the address that made the error.
type Error struct {
	Type, Condition, Text string
	App                   *Element
	By                    string
}

// usualTypes are the types RFC 6120 §8.3.3 associates with each condition.
var usualTypes = map[string]string{
	"bad-request":             "modify",
	"conflict":                "cancel",
	"feature-not-implemented": "cancel",
	"forbidden":               "auth",
	"gone":                    "cancel",
	"internal-server-error":   "cancel",
	"item-not-found":          "cancel",
	"jid-malformed":           "modify",
	"not-acceptable":          "modify",
	"not-allowed":             "cancel",
	"not-authorized":          "auth",
	"policy-violation":        "modify",
	"recipient-unavailable":   "wait",
	"redirect":                "modify",
	"registration-required":   "auth",
	"remote-server-not-found": "cancel",
	"remote-server-timeout":   "wait",
	"resource-constraint":     "wait",
	"service-unavailable":     "cancel",
	"subscription-required":   "auth",
	"undefined-condition":     "cancel",
	"unexpected-request":      "wait",
}

// NewError makes an error with the type usual for condition; text may be empty.
func NewError(condition, text string) *Error {
	typ := usualTypes[condition]
	if typ == "" {
		typ = "cancel"
	}
	return &Error{Type: typ, Condition: condition, Text: text}
}

// The conditions in use, each with its usual type; text may be empty.
func ErrBadRequest(text string) *Error            { return NewError("bad-request", text) }
func ErrConflict(text string) *Error              { return NewError("conflict", text) }
func ErrFeatureNotImplemented(text string) *Error { return NewError("feature-not-implemented", text) }
func ErrForbidden(text string) *Error             { return NewError("forbidden", text) }
func ErrGone(text string) *Error                  { return NewError("gone", text) }
func ErrInternal(text string) *Error              { return NewError("internal-server-error", text) }
func ErrItemNotFound(text string) *Error          { return NewError("item-not-found", text) }
func ErrJIDMalformed(text string) *Error          { return NewError("jid-malformed", text) }
func ErrNotAcceptable(text string) *Error         { return NewError("not-acceptable", text) }
func ErrNotAllowed(text string) *Error            { return NewError("not-allowed", text) }
func ErrNotAuthorized(text string) *Error         { return NewError("not-authorized", text) }
func ErrPolicyViolation(text string) *Error       { return NewError("policy-violation", text) }
func ErrRegistrationRequired(text string) *Error  { return NewError("registration-required", text) }
func ErrRemoteNotFound(text string) *Error        { return NewError("remote-server-not-found", text) }
func ErrRemoteTimeout(text string) *Error         { return NewError("remote-server-timeout", text) }
func ErrResource(text string) *Error              { return NewError("resource-constraint", text) }
func ErrServiceUnavailable(text string) *Error    { return NewError("service-unavailable", text) }
func ErrUndefined(text string) *Error             { return NewError("undefined-condition", text) }
func ErrUnexpectedRequest(text string) *Error     { return NewError("unexpected-request", text) }

// Defined reports whether a condition is one of RFC 6120 §8.3.3.
func Defined(condition string) bool {
	_, defined := usualTypes[condition]
	return defined
}

// With sets the application-specific condition and returns e.
func (e *Error) With(app *Element) *Error { e.App = app; return e }

// Error gives condition, application condition and text.
func (e *Error) Error() string {
	s := "stanza error " + e.Condition
	if e.App != nil {
		s += " (" + e.App.Local + ")"
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

// Is makes errors.Is compare by condition alone.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Condition == e.Condition
}

// Temporary reports whether the same request may work later (RFC 6120 §8.3.2).
func (e *Error) Temporary() bool { return e.Type == "wait" }

// Condition returns the condition of the stanza error in err's chain, or "".
func Condition(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Condition
	}
	return ""
}

// Element makes the error child of a stanza on a component stream.
func (e *Error) Element() *Element {
	typ, cond := e.Type, e.Condition
	if cond == "" {
		cond = "undefined-condition"
	}
	if typ == "" {
		typ = NewError(cond, "").Type
	}
	el := New(NSComponent, "error", "type", typ, "by", e.By).Add(New(NSStanzas, cond))
	if e.Text != "" {
		el.Add(New(NSStanzas, "text").AddText(e.Text))
	}
	return el.Add(e.App)
}

// ParseError reads the error of a stanza of type error, or an error child
// itself; nil for anything else. What is missing is undefined-condition, and
// the usual type of the condition.
func ParseError(e *Element) *Error {
	child := e
	if !e.Is("", "error") {
		if e == nil || e.Type() != "error" {
			return nil
		}
		child = e.First(e.Space, "error")
		if child == nil {
			child = e.First("", "error")
		}
	}
	out := &Error{Type: child.Get("type"), By: child.Get("by")}
	if child != nil {
		out.readChildren(child)
	}
	if out.Condition == "" {
		out.Condition = "undefined-condition"
	}
	switch out.Type {
	case "auth", "cancel", "continue", "modify", "wait":
	default:
		out.Type = NewError(out.Condition, "").Type
	}
	return out
}

func (e *Error) readChildren(el *Element) {
	for _, c := range el.Elements() {
		switch {
		case c.Is(NSStanzas, "text"):
			if e.Text == "" {
				e.Text = c.Text()
			}
		case c.Space == NSStanzas:
			if e.Condition == "" {
				e.Condition = c.Local
			}
		case e.App == nil:
			e.App = c
		}
	}
}

// Reply makes the result of an IQ: addresses swapped, same id (RFC 6120 §8.2.3).
func Reply(req *Element, payload ...*Element) *Element {
	return answer(req, "iq", "result").Add(payload...)
}

// ErrorReply makes the error that answers a stanza, without the payload sent.
// Whether it may be answered at all is for the caller to know: an error never
// may (RFC 6120 §8.3.1).
func ErrorReply(req *Element, err *Error) *Element {
	if err == nil {
		err = ErrInternal("")
	}
	child := err.Element()
	child.Space = req.Space
	return answer(req, req.Local, "error").Add(child)
}

func answer(req *Element, local, typ string) *Element {
	return New(req.Space, local, "type", typ, "from", req.Get("to"), "to", req.Get("from"), "id", req.Get("id"))
}
