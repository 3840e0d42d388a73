package xmpptest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// Send sends raw XML to the component, waiting for one to be connected. What
// has no xmlns is in jabber:component:accept.
func (s *Server) Send(xml string) { s.t.Helper(); s.live().write(xml) }

// SendElement sends a stanza to the component.
func (s *Server) SendElement(e *stanza.Element) {
	s.t.Helper()
	s.Send(string(e.AppendXML(nil, stanza.NSComponent)))
}

// Answer answers IQs of the component: those to this address, "" for any, with
// a child of this namespace, "" for any. The newest rule that fits is asked; a
// nil answer is none. They are recorded like all others.
func (s *Server) Answer(to, ns string, answer func(iq *stanza.Element) *stanza.Element) {
	s.set(func() { s.rules = slices.Insert(slices.Clone(s.rules), 0, rule{to, ns, answer}) })
}

// Result is an answer for Answer: a copy of payload, in the request's reply.
func Result(payload ...string) func(*stanza.Element) *stanza.Element {
	return func(iq *stanza.Element) *stanza.Element {
		r := stanza.Reply(iq)
		for _, p := range payload {
			r.Add(Parse(p))
		}
		return r
	}
}

// Error is an answer for Answer.
func Error(err *stanza.Error) func(*stanza.Element) *stanza.Element {
	return func(iq *stanza.Element) *stanza.Element { return stanza.ErrorReply(iq, err) }
}

// Await waits for a stanza that fits and takes it out of what is unread. Stanzas
// that do not fit stay, in order. what names it in the failure.
func (s *Server) Await(what string, fits func(*stanza.Element) bool) *stanza.Element {
	s.t.Helper()
	var found *stanza.Element
	s.wait(what, func() bool {
		i := slices.IndexFunc(s.inbox, fits)
		if i >= 0 {
			found = s.inbox[i]
			s.inbox = slices.Delete(s.inbox, i, i+1)
		}
		return i >= 0
	})
	return found
}

// Expect waits for a stanza that is like the pattern (see Like) and returns it.
func (s *Server) Expect(pattern string) *stanza.Element {
	s.t.Helper()
	return s.Await(pattern, Like(s.t, pattern))
}

// Ask sends an IQ and returns the component's reply to it.
func (s *Server) Ask(iq string) *stanza.Element {
	s.t.Helper()
	req := Parse(iq)
	s.Send(iq)
	return s.Await("reply to "+iq, func(e *stanza.Element) bool {
		t := e.Type()
		return e.Local == "iq" && (t == "result" || t == "error") && e.ID() == req.ID() && e.Get("to") == req.Get("from")
	})
}

// Unread returns the stanzas that nobody has awaited yet.
func (s *Server) Unread() []*stanza.Element {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.inbox)
}

// ExpectNone fails the test if something like the pattern is unread. Ask for
// something from the same sender first: its answer comes after all else it caused.
func (s *Server) ExpectNone(pattern string) {
	s.t.Helper()
	like := Like(s.t, pattern)
	for _, e := range s.Unread() {
		if like(e) {
			s.t.Fatalf("xmpptest: unexpected %s", e.XML())
		}
	}
}

// Forget throws away what is unread.
func (s *Server) Forget() { s.set(func() { s.inbox = nil }) }

// Parse reads one stanza as written on a component stream: what has no xmlns is
// in jabber:component:accept. It panics on bad XML, which only tests write.
func Parse(xml string) *stanza.Element {
	root, err := stanza.ParseXML([]byte("<x xmlns='" + stanza.NSComponent + "'>" + xml + "</x>"))
	if err != nil || len(root.Elements()) != 1 {
		panic(fmt.Sprintf("xmpptest: not one element: %.200s", xml))
	}
	return root.Elements()[0]
}

// Like makes a predicate of a pattern: an element fits when it has the
// pattern's name, its attributes (the value * stands for any), its text if it
// has any, and, for each of its children, a child that fits. More attributes
// and children are allowed.
func Like(t testing.TB, pattern string) func(*stanza.Element) bool {
	t.Helper()
	p := Parse(pattern)
	return func(e *stanza.Element) bool { return like(p, e) }
}

func like(p, e *stanza.Element) bool {
	if p.Space != e.Space || p.Local != e.Local {
		return false
	}
	for _, a := range p.Attr {
		i := slices.IndexFunc(e.Attr, func(b stanza.Attr) bool { return a.Space == b.Space && a.Local == b.Local })
		if i < 0 || a.Value != "*" && a.Value != e.Attr[i].Value {
			return false
		}
	}
	if text := strings.TrimSpace(p.Text()); text != "" && text != strings.TrimSpace(e.Text()) {
		return false
	}
	for _, c := range p.Elements() {
		if !slices.ContainsFunc(e.Elements(), func(d *stanza.Element) bool { return like(c, d) }) {
			return false
		}
	}
	return true
}
