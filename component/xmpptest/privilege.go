package xmpptest

import (
	"slices"

	"isthmus/component/stanza"
)

// Privilege tells the component, as host, that it may send IQs of both types
// with payloads of these namespaces as the users of host (XEP-0356), with each
// namespace inside the one before, as Prosody's module writes it. None takes
// back what was told. When it returns the component has taken note.
func (s *Server) Privilege(host string, namespaces ...string) {
	s.t.Helper()
	p := stanza.New(stanza.NSPrivilege, "privilege")
	if len(namespaces) > 0 {
		perm := stanza.New(stanza.NSPrivilege, "perm", "access", "iq")
		p.Add(perm)
		for _, ns := range namespaces {
			inner := stanza.New(stanza.NSPrivilege, "namespace", "ns", ns, "type", "both")
			perm.Add(inner)
			perm = inner
		}
	}
	s.SendElement(stanza.New(stanza.NSComponent, "message", "from", host, "to", s.Domain).Add(p))
	s.Ask("<iq type='get' id='noted' from='" + host + "' to='" + s.Domain + "'><ping xmlns='urn:xmpp:ping'/></iq>")
}

// As is an answer for Answer to what the component sends as one of the server's
// users: that of answer to the IQ inside, wrapped as a server does it. The IQ
// inside gets the user as its sender. An error in there comes in a result.
func As(answer func(iq *stanza.Element) *stanza.Element) func(*stanza.Element) *stanza.Element {
	return func(iq *stanza.Element) *stanza.Element {
		wrapped := iq.First(stanza.NSPrivilege, "privileged_iq").First("", "iq")
		if wrapped == nil {
			return stanza.ErrorReply(iq, stanza.ErrForbidden("no IQ inside"))
		}
		inner := *wrapped // the test may be reading the one that was sent
		inner.Attr = slices.Clone(wrapped.Attr)
		a := answer(inner.Set("from", iq.Get("to")))
		if a == nil {
			return nil
		}
		return stanza.Reply(iq, stanza.New(stanza.NSPrivilege, "privilege").Add(stanza.New(stanza.NSForward, "forwarded").Add(a)))
	}
}
