package world

import (
	"fmt"
	"strings"
	"time"

	"isthmus/e2e/xmppclient"
	"isthmus/e2e/xmppserver"
)

// Person has an XMPP account, a client, and maybe a blog. Its methods end the
// scenario when the XMPP server refuses what they do.
type Person struct {
	User   string // localpart, unique in the ground
	JID    string // bare
	Client *xmppclient.Client

	w       *World
	first   map[string]time.Time // when each item was first published
	watched map[string]int       // "service node" → mark of the client when it subscribed
}

// Person makes an account whose name begins with name, and logs in.
func (w *World) Person(name string) *Person {
	w.T.Helper()
	return w.PersonNamed(fmt.Sprintf("%s%d", name, w.Ground.number()))
}

// PersonNamed makes an account of exactly this name, and logs in.
func (w *World) PersonNamed(user string) *Person {
	w.T.Helper()
	p := w.account(user)
	p.LogsIn()
	return p
}

// Admin logs in the account that may create nodes on the pubsub service.
func (w *World) Admin() *Person {
	w.T.Helper()
	return w.PersonNamed("admin")
}

func (w *World) account(user string) *Person {
	w.T.Helper()
	w.check(w.Server.Account(user), "account %s", user)
	return &Person{User: user, JID: user + "@" + w.Server.Domain, w: w, first: map[string]time.Time{}, watched: map[string]int{}}
}

// Handle is how the Fediverse calls the person, without the leading @.
func (p *Person) Handle() string { return p.User + "@" + p.w.Gateway.Handles }

// LogsIn opens a session and becomes available.
func (p *Person) LogsIn() {
	p.w.T.Helper()
	bridge, err := p.w.Ground.clients()
	p.w.check(err, "clients")
	name := fmt.Sprintf("%s#%d", p.JID, p.w.Ground.number())
	p.Client, err = bridge.Login(name, p.JID+"/laptop", xmppserver.Password, p.w.Server.ClientAddr())
	p.w.check(err, "%s logs in", p.JID)
	p.w.check(p.Client.Presence("", ""), "%s becomes available", p.JID)
	client := p.Client
	p.w.T.Cleanup(func() { client.Cut() })
}

// LogsOut ends the session in order.
func (p *Person) LogsOut() {
	p.w.T.Helper()
	p.w.check(p.Client.Logout(), "%s logs out", p.JID)
}

// Says sends a chat message to the gateway and returns its answer: what comes in the
// message's thread, and not what the gateway happens to say meanwhile.
func (p *Person) Says(words string) string {
	p.w.T.Helper()
	mark := p.Client.Mark()
	thread := fmt.Sprint("says-", p.w.Ground.number())
	id, err := p.Client.ChatIn(p.w.Gateway.Component, thread, words)
	p.w.check(err, "%s says %q", p.JID, words)
	answer, err := p.Client.Wait(Limit, mark, func(e *xmppclient.Element) bool {
		return e.Name == "message" && bare(e.Attr["from"]) == p.w.Gateway.Component &&
			(e.Attr["type"] == "error" && e.Attr["id"] == id || e.Value("body") != "" && e.Value("thread") == thread)
	})
	p.w.check(err, "%s waits for an answer to %q", p.JID, words)
	if answer.Attr["type"] == "error" {
		return "error: " + answer.Condition() + " " + answer.Value("error/text")
	}
	return answer.Value("body")
}

// Hears waits until the gateway has said something with these words since mark.
func (p *Person) Hears(mark int, words string) string {
	p.w.T.Helper()
	m, err := p.Client.Wait(Limit, mark, func(e *xmppclient.Element) bool {
		return e.Name == "message" && bare(e.Attr["from"]) == p.w.Gateway.Component && contains(e.Value("body"), words)
	})
	p.w.check(err, "%s waits to hear %q", p.JID, words)
	return m.Value("body")
}

// Starts turns federation on by chat and accepts the gateway's contact request.
func (p *Person) Starts() {
	p.w.T.Helper()
	mark := p.Client.Mark()
	if answer := p.Says("start"); !contains(answer, p.Handle()) {
		p.w.T.Fatalf("%s says start and is told %q, without the handle %s", p.JID, answer, p.Handle())
	}
	p.Befriends(mark)
}

// Befriends accepts the contact request that the gateway sent after mark.
func (p *Person) Befriends(mark int) {
	p.w.T.Helper()
	_, err := p.Client.Wait(Limit, mark, func(e *xmppclient.Element) bool {
		return e.Name == "presence" && e.Attr["type"] == "subscribe" && bare(e.Attr["from"]) == p.w.Gateway.Component
	})
	p.w.check(err, "%s waits for the gateway's contact request", p.JID)
	p.w.check(p.Client.Presence(p.w.Gateway.Component, "subscribed"), "%s accepts the gateway", p.JID)
}

// Status asks until the answer to `status` contains the words.
func (p *Person) Status(words string) string {
	p.w.T.Helper()
	var answer string
	p.w.Until(p.JID+" is told a status with "+words, func() error {
		if answer = p.Says("status"); !contains(answer, words) {
			return fmt.Errorf("status is %q", answer)
		}
		return nil
	})
	return answer
}

func bare(jid string) string {
	b, _, _ := strings.Cut(jid, "/")
	return b
}

// contains compares without case.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
