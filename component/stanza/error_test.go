package stanza

import (
	"errors"
	"fmt"
	"testing"
)

func TestParseError(t *testing.T) {
	const stanzas = ` xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"`
	for _, c := range []struct{ name, in, want string }{
		{"condition, text, application condition", `<iq type="error"><pubsub xmlns="http://jabber.org/protocol/pubsub"/><error type="auth" by="example.org"><not-authorized` + stanzas + `/><text` + stanzas + ` xml:lang="en">Ask first</text><presence-subscription-required xmlns="http://jabber.org/protocol/pubsub#errors"/></error></iq>`,
			"auth not-authorized (presence-subscription-required) example.org: Ask first"},
		{"condition after the application's", `<iq type="error"><error type="cancel"><closed-node xmlns="http://jabber.org/protocol/pubsub#errors"/><not-allowed` + stanzas + `/></error></iq>`,
			"cancel not-allowed (closed-node): "},
		{"no type", `<iq type="error"><error><remote-server-timeout` + stanzas + `/></error></iq>`, "wait remote-server-timeout: "},
		{"odd type", `<message type="error"><error type="fatal"><forbidden` + stanzas + `/></error></message>`, "auth forbidden: "},
		{"unknown condition", `<iq type="error"><error><made-up` + stanzas + `/></error></iq>`, "cancel made-up: "},
		{"no condition", `<iq type="error"><error type="modify" code="400">Bad</error></iq>`, "modify undefined-condition: "},
		{"no child", `<iq type="error"/>`, "cancel undefined-condition: "},
		{"child of another namespace", `<iq xmlns="jabber:component:accept" type="error"><error xmlns="jabber:client" type="wait"><resource-constraint` + stanzas + `/></error></iq>`, "wait resource-constraint: "},
		{"the child alone", `<error type="cancel"><gone` + stanzas + `>xmpp:a@b.example</gone></error>`, "cancel gone: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := ParseError(parse(t, c.in))
			got := e.Type + " " + e.Condition
			if e.App != nil {
				got += " (" + e.App.Local + ")"
			}
			if e.By != "" {
				got += " " + e.By
			}
			if got += ": " + e.Text; got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	if e := ParseError(parse(t, `<iq type="result"><x/></iq>`)); e != nil {
		t.Errorf("a result is an error: %v", e)
	}
	if e := ParseError(nil); e != nil {
		t.Errorf("nothing is an error: %v", e)
	}
}

func TestErrorElement(t *testing.T) {
	err := ErrNotAuthorized("Ask first").With(New(NSPubSubErr, "presence-subscription-required"))
	err.By = "example.org"
	const want = `<error xmlns="jabber:component:accept" type="auth" by="example.org"><not-authorized xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">Ask first</text><presence-subscription-required xmlns="http://jabber.org/protocol/pubsub#errors"/></error>`
	if got := err.Element().XML(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	again := ParseError(err.Element())
	if again.Error() != err.Error() || again.By != err.By || again.Type != err.Type {
		t.Errorf("%v read as %v", err, again)
	}
	if got := (&Error{}).Element().XML(); got != `<error xmlns="jabber:component:accept" type="cancel"><undefined-condition xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>` {
		t.Errorf("empty: %s", got)
	}
}

func TestErrorAsError(t *testing.T) {
	err := fmt.Errorf("items of %s: %w", "a@b.example", ErrItemNotFound("no such node"))
	if !errors.Is(err, ErrItemNotFound("")) || errors.Is(err, ErrForbidden("")) {
		t.Error("not told apart by condition")
	}
	if got := Condition(err); got != "item-not-found" {
		t.Errorf("condition %q", got)
	}
	if got := Condition(errors.New("else")); got != "" {
		t.Errorf("condition %q", got)
	}
	if got := err.Error(); got != "items of a@b.example: stanza error item-not-found: no such node" {
		t.Errorf("in words: %s", got)
	}
	if !ErrResource("").Temporary() || !ErrRemoteTimeout("").Temporary() || ErrGone("").Temporary() {
		t.Error("temporary or not is mixed up")
	}
}

// TestConditions: each function says what its name says, with a known type.
func TestConditions(t *testing.T) {
	for want, f := range map[string]func(string) *Error{
		"bad-request": ErrBadRequest, "conflict": ErrConflict, "feature-not-implemented": ErrFeatureNotImplemented,
		"forbidden": ErrForbidden, "gone": ErrGone, "internal-server-error": ErrInternal, "item-not-found": ErrItemNotFound,
		"jid-malformed": ErrJIDMalformed, "not-acceptable": ErrNotAcceptable, "not-allowed": ErrNotAllowed,
		"not-authorized": ErrNotAuthorized, "policy-violation": ErrPolicyViolation, "registration-required": ErrRegistrationRequired,
		"remote-server-not-found": ErrRemoteNotFound, "remote-server-timeout": ErrRemoteTimeout, "resource-constraint": ErrResource,
		"service-unavailable": ErrServiceUnavailable, "undefined-condition": ErrUndefined, "unexpected-request": ErrUnexpectedRequest,
	} {
		if e := f("words"); e.Condition != want || e.Text != "words" || e.Type != usualTypes[want] || e.Type == "" {
			t.Errorf("%s: %+v", want, e)
		}
	}
}

func TestReply(t *testing.T) {
	req := parse(t, `<iq xmlns="jabber:component:accept" type="get" id="a&amp;b" from="juliet@capulet.lit/balcony" to="ap.example.org"><ping xmlns="urn:xmpp:ping"/></iq>`)
	if got := string(Reply(req, New(NSVersion, "query"), nil).AppendXML(nil, NSComponent)); got != `<iq type="result" from="ap.example.org" to="juliet@capulet.lit/balcony" id="a&amp;b"><query xmlns="jabber:iq:version"/></iq>` {
		t.Errorf("result %s", got)
	}
	if got := string(ErrorReply(req, ErrServiceUnavailable("")).AppendXML(nil, NSComponent)); got != `<iq type="error" from="ap.example.org" to="juliet@capulet.lit/balcony" id="a&amp;b"><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>` {
		t.Errorf("error %s", got)
	}
	msg := parse(t, `<message from="a@b.example" to="c.example"/>`)
	if got := ErrorReply(msg, nil).XML(); got != `<message type="error" from="c.example" to="a@b.example"><error type="cancel"><internal-server-error xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>` {
		t.Errorf("error of a message %s", got)
	}
}
