package component

import (
	"testing"

	"isthmus/component/stanza"
)

const regNS = `xmlns='jabber:iq:register'`

func registry(_ *Config, h *fakeHandler) {
	h.registration = func(from stanza.JID) (Registration, error) {
		if from.Local == "stranger" {
			return Registration{}, stanza.ErrForbidden("not for you")
		}
		return Registration{
			Registered:   from.Local == "member",
			Instructions: "Choose a nick.",
			Form: stanza.NewForm("form", stanza.NSRegister,
				stanza.Field{Var: "nick", Type: "text-single", Values: []string{from.Local}},
				stanza.Field{Var: "x-public", Type: "boolean"}),
		}, nil
	}
	h.register = func(from stanza.JID, form *stanza.Form) error {
		h.note("register %s nick %q public %v type %s", from, form.Value("nick"), form.Bool("x-public"), form.FormType())
		if form.Value("nick") == "" {
			return stanza.ErrNotAcceptable("a nick is needed")
		}
		return nil
	}
	h.unregister = func(from stanza.JID) error {
		h.note("unregister %s", from)
		if from.Local != "member" {
			return stanza.ErrRegistrationRequired("")
		}
		return nil
	}
}

func TestRegistration(t *testing.T) {
	s, _, h, _ := connectedWith(t, registry)
	iq := func(typ, from, payload string) {
		s.Send(`<iq type='` + typ + `' from='` + from + `@example.org/x' to='ap.example.org' id='1'><query ` + regNS + `>` + payload + `</query></iq>`)
	}
	iq("get", "alice", "")
	got := s.Expect(`<iq type='result' id='1'><query ` + regNS + `><instructions>Choose a nick.</instructions><nick>alice</nick>
		<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE'><value>jabber:iq:register</value></field><field var='nick'/><field var='x-public'/></x></query></iq>`)
	q := got.First(stanza.NSRegister, "query")
	if q.First("", "registered") != nil || q.First("", "x-public") != nil {
		t.Errorf("got %s", q.XML())
	}
	iq("get", "member", "")
	s.Expect(`<iq type='result' id='1'><query ` + regNS + `><registered/></query></iq>`)
	iq("get", "stranger", "")
	s.Expect(`<iq type='error' id='1'><error type='auth'><forbidden ` + stanzasNS + `/></error></iq>`)

	// The form, legacy fields, and too little of either.
	iq("set", "alice", `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>jabber:iq:register</value></field><field var='nick'><value>Al</value></field><field var='x-public'><value>1</value></field></x>`)
	h.expect(t, `register alice@example.org nick "Al" public true type jabber:iq:register`)
	s.Expect(`<iq type='result' id='1'/>`)
	iq("set", "alice", `<nick>Al</nick><x-public>1</x-public><registered/>`)
	h.expect(t, `register alice@example.org nick "Al" public false type jabber:iq:register`)
	s.Expect(`<iq type='result' id='1'/>`)
	iq("set", "alice", "")
	h.expect(t, `register alice@example.org nick "" public false type jabber:iq:register`)
	s.Expect(`<iq type='error' id='1'><error type='modify'><not-acceptable ` + stanzasNS + `/></error></iq>`)
	iq("set", "alice", `<x xmlns='jabber:x:data' type='cancel'/>`)
	s.Expect(`<iq type='result' id='1'/>`)

	iq("set", "member", `<remove/>`)
	h.expect(t, `unregister member@example.org`)
	s.Expect(`<iq type='result' id='1'/>`)
	iq("set", "alice", `<remove/>`)
	h.expect(t, `unregister alice@example.org`)
	s.Expect(`<iq type='error' id='1'><error type='auth'><registration-required ` + stanzasNS + `/></error></iq>`)
	iq("set", "member", `<remove/><nick>x</nick>`)
	s.Expect(`<iq type='error' id='1'><error type='modify'><bad-request ` + stanzasNS + `/></error></iq>`)
}

// There is always a form, and whatever it holds can be shown again.
func FuzzSubmission(f *testing.F) {
	f.Add(`<nick xmlns='jabber:iq:register'>a</nick>`)
	f.Add(`<x xmlns='jabber:x:data' type='submit'><field var='nick'><value>a</value></field></x>`)
	f.Fuzz(func(t *testing.T, in string) {
		e, err := stanza.ParseXML([]byte(in))
		if err != nil {
			return
		}
		form := submission(stanza.New(stanza.NSRegister, "query").Add(e))
		if form == nil {
			t.Fatal("no form")
		}
		_ = registrationElement(Registration{Form: form}).XML()
	})
}
