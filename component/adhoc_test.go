package component

import (
	"context"
	"fmt"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
)

const cmdNS = `xmlns='http://jabber.org/protocol/commands'`

// wizard is a command of three stages that notes every step.
func wizard(_ *Config, h *fakeHandler) {
	h.commands = []CommandInfo{{"wizard", "Wizard"}, {"now", "At once"}, {"broken", "Broken"}}
	h.execute = func(ctx context.Context, req CommandRequest) (CommandReply, error) {
		h.note("%s %s %s %q lang %s", req.Node, req.From, req.Action, req.Form.Value("x"), Lang(ctx))
		form := stanza.NewForm("form", "", stanza.Field{Var: "x"})
		switch {
		case req.Node == "now":
			return CommandReply{Done: true, Note: "nothing to see", NoteType: "warn"}, nil
		case req.Node == "broken" || req.Form.Value("x") == "bad":
			return CommandReply{}, stanza.ErrBadRequest("try again")
		case req.Action == "execute" || req.Action == "prev":
			return CommandReply{Form: form, Actions: []string{"next", "complete", "fly"}}, nil
		case req.Action == "next":
			return CommandReply{Form: form}, nil
		}
		return CommandReply{Done: true, Form: stanza.NewForm("result", ""), Note: "done"}, nil
	}
}

func TestCommandInStages(t *testing.T) {
	s, _, h, _ := connectedWith(t, wizard)
	n := 0
	step := func(attrs, payload string) string {
		n++
		return fmt.Sprintf(`<iq type='set' from='a@example.org/x' to='ap.example.org' id='s%d'><command %s node='wizard' %s>%s</command></iq>`, n, cmdNS, attrs, payload)
	}
	form := func(x string) string {
		return `<x xmlns='jabber:x:data' type='submit'><field var='x'><value>` + x + `</value></field></x>`
	}

	got := s.Ask(step(`action='execute' xml:lang='de'`, "")).First(stanza.NSCommands, "command")
	h.expect(t, `wizard a@example.org/x execute "" lang de`)
	sid := got.Get("sessionid")
	if sid == "" || !xmpptest.Like(t, `<command `+cmdNS+` node='wizard' status='executing'><actions execute='next'><next/><complete/></actions><x xmlns='jabber:x:data' type='form'/></command>`)(got) {
		t.Fatalf("first step: %s", got.XML())
	}
	if len(got.First("", "actions").Elements()) != 2 {
		t.Errorf("actions %s", got.First("", "actions").XML())
	}
	with := func(action string) string { return `sessionid='` + sid + `' action='` + action + `'` }

	// prev is not offered yet; the session survives the mistake.
	s.Send(step(with("prev"), ""))
	s.Expect(`<iq type='error'><error type='modify'><bad-request ` + stanzasNS + `/><bad-action ` + cmdNS + `/></error></iq>`)
	s.Send(step(with("explode"), ""))
	s.Expect(`<iq type='error'><error type='modify'><bad-request ` + stanzasNS + `/><malformed-action ` + cmdNS + `/></error></iq>`)

	// execute, and no action at all, mean the stage's default.
	s.Send(step(with("execute"), form("1")))
	h.expect(t, `wizard a@example.org/x next "1" lang `)
	s.Expect(`<iq type='result'><command ` + cmdNS + ` status='executing' sessionid='` + sid + `'><actions execute='complete'><complete/></actions></command></iq>`)

	// An error leaves the session as it was.
	s.Send(step(`sessionid='`+sid+`'`, form("bad")))
	h.expect(t, `wizard a@example.org/x complete "bad" lang `)
	s.Expect(`<iq type='error'><error type='modify'><bad-request ` + stanzasNS + `/><text ` + stanzasNS + `>try again</text></error></iq>`)

	s.Send(step(`sessionid='`+sid+`'`, form("2")))
	h.expect(t, `wizard a@example.org/x complete "2" lang `)
	s.Expect(`<iq type='result'><command ` + cmdNS + ` status='completed' sessionid='` + sid + `'><x xmlns='jabber:x:data' type='result'/><note type='info'>done</note></command></iq>`)

	// Over is over.
	s.Send(step(with("complete"), ""))
	s.Expect(`<iq type='error'><error type='modify'><bad-request ` + stanzasNS + `/><bad-sessionid ` + cmdNS + `/></error></iq>`)
}

func TestCommandAtOnce(t *testing.T) {
	s, c, _, _ := connectedWith(t, wizard)
	got := s.Ask(`<iq type='set' from='a@example.org/x' to='ap.example.org/gw' id='1'><command ` + cmdNS + ` node='now'/></iq>`)
	if !xmpptest.Like(t, `<iq from='ap.example.org/gw'><command `+cmdNS+` status='completed' sessionid='*'><note type='warn'>nothing to see</note></command></iq>`)(got) {
		t.Errorf("got %s", got.XML())
	}
	if cmd := got.First("", "command"); cmd.First("", "actions") != nil {
		t.Errorf("a completed command offers actions: %s", cmd.XML())
	}
	s.Send(`<iq type='set' from='a@example.org/x' to='ap.example.org' id='2'><command ` + cmdNS + ` node='broken'/></iq>`)
	s.Expect(`<iq type='error' id='2'><error><bad-request ` + stanzasNS + `/></error></iq>`)
	if n := len(c.sessions.byID); n != 0 {
		t.Errorf("%d sessions left over", n)
	}
}

func TestY12_CommandRefusals(t *testing.T) {
	s, _, h, _ := connectedWith(t, wizard)
	got := s.Ask(`<iq type='set' from='a@example.org/x' to='ap.example.org' id='1'><command ` + cmdNS + ` node='wizard'/></iq>`)
	sid := got.First("", "command").Get("sessionid")
	h.expect(t, `wizard a@example.org/x execute "" lang `)
	for _, tc := range []struct{ from, attrs, want string }{
		{"a@example.org/x", `node='other'`, `<item-not-found ` + stanzasNS + `/>`},
		{"a@example.org/x", ``, `<item-not-found ` + stanzasNS + `/>`},
		{"a@example.org/x", `node='wizard' action='next'`, `<bad-action ` + cmdNS + `/>`},
		{"a@example.org/x", `node='wizard' sessionid='made-up'`, `<bad-sessionid ` + cmdNS + `/>`},
		{"a@example.org/x", `node='now' sessionid='` + sid + `'`, `<bad-sessionid ` + cmdNS + `/>`},
		// The session is nobody else's, not even another client's of the same account.
		{"a@example.org/y", `node='wizard' sessionid='` + sid + `'`, `<bad-sessionid ` + cmdNS + `/>`},
		{"b@example.org/x", `node='wizard' sessionid='` + sid + `' action='cancel'`, `<bad-sessionid ` + cmdNS + `/>`},
	} {
		s.Send(`<iq type='set' from='` + tc.from + `' to='ap.example.org' id='2'><command ` + cmdNS + ` ` + tc.attrs + `/></iq>`)
		s.Expect(`<iq type='error' id='2' to='` + tc.from + `'><error>` + tc.want + `</error></iq>`)
	}
	s.Send(`<iq type='set' from='a@example.org/x' to='ap.example.org' id='3'><command ` + cmdNS + ` node='wizard' sessionid='` + sid + `' action='cancel'/></iq>`)
	h.expect(t, `wizard a@example.org/x cancel "" lang `)
	s.Expect(`<iq type='result' id='3'><command ` + cmdNS + ` node='wizard' sessionid='` + sid + `' status='canceled'/></iq>`)
	s.Send(`<iq type='set' from='a@example.org/x' to='bob@ap.example.org' id='4'><command ` + cmdNS + ` node='wizard'/></iq>`)
	s.Expect(`<iq type='error' id='4'><error><service-unavailable ` + stanzasNS + `/></error></iq>`)
}

func TestSessionsExpire(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := newSessions(func() time.Time { return now })
	id := s.open("a@b/c", "n")
	now = now.Add(sessionTTL)
	if _, st := s.find(id, "a@b/c", "n"); st != sessionOpen {
		t.Fatalf("state %v just in time", st)
	}
	now = now.Add(sessionTTL + 1)
	if _, st := s.find(id, "a@b/other", "n"); st != sessionUnknown {
		t.Errorf("state %v for somebody else", st)
	}
	if _, st := s.find(id, "a@b/c", "n"); st != sessionExpired {
		t.Errorf("state %v, want expired", st)
	}
	s.open("a@b/c", "n")
	now = now.Add(sessionTTL + 1)
	s.open("a@b/c", "n")
	if len(s.byID) != 1 {
		t.Errorf("%d sessions, want the last one", len(s.byID))
	}
}

func TestSessionsAreBounded(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := newSessions(func() time.Time { now = now.Add(time.Millisecond); return now })
	first := s.open("victim@b/c", "n")
	for i := range sessionCap {
		s.open(fmt.Sprintf("mallory@b/%d", i), "n")
	}
	if _, st := s.find(first, "victim@b/c", "n"); st != sessionOpen {
		t.Error("one account crowded out another")
	}
	if len(s.byID) != sessionsOne+1 {
		t.Errorf("%d sessions, want %d", len(s.byID), sessionsOne+1)
	}
	for i := range sessionCap + 10 {
		s.open(fmt.Sprintf("mallory%d@b/x", i), "n")
	}
	if len(s.byID) != sessionCap {
		t.Errorf("%d sessions, want %d", len(s.byID), sessionCap)
	}
}
