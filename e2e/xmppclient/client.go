package xmppclient

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"isthmus/e2e/await"
)

// Client is one logged-in resource. It records every stanza it receives.
type Client struct {
	Name string // unique among the bridge's clients
	JID  string // full address, as the server bound it

	b    *Bridge
	mu   sync.Mutex
	in   []*Element
	gone bool
}

// Login opens a session at addr (host:port) for a full or bare address. No
// presence is sent yet.
func (b *Bridge) Login(name, jid, password, addr string) (*Client, error) {
	c := &Client{Name: name, b: b}
	b.mu.Lock()
	b.clients[name] = c
	b.mu.Unlock()
	host, port, _ := strings.Cut(addr, ":")
	err := b.do(name, "login", map[string]any{"jid": jid, "password": password, "host": host, "port": port}, &c.JID)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// receive records a stanza or the end of the session.
func (c *Client) receive(m reply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.Gone != nil {
		c.gone = true
		return
	}
	if e, err := Parse(m.In); err == nil {
		c.in = append(c.in, e)
	}
}

// Bare is the address without its resource.
func (c *Client) Bare() string {
	bare, _, _ := strings.Cut(c.JID, "/")
	return bare
}

// Logout ends the session in order, Cut drops the connection.
func (c *Client) Logout() error { return c.b.do(c.Name, "logout", nil, nil) }

// Cut drops the connection without a word.
func (c *Client) Cut() error { return c.b.do(c.Name, "cut", nil, nil) }

// Presence sends a presence stanza; to and typ may be empty.
func (c *Client) Presence(to, typ string) error {
	args := map[string]any{}
	if to != "" {
		args["to"] = to
	}
	if typ != "" {
		args["type"] = typ
	}
	return c.b.do(c.Name, "presence", args, nil)
}

// Raw writes XML to the stream as it is.
func (c *Client) Raw(xml string) error {
	return c.b.do(c.Name, "raw", map[string]any{"xml": xml}, nil)
}

// IQ sends a get or set and returns the answer, which may be an error stanza.
// An empty to addresses the own account.
func (c *Client) IQ(typ, to, payload string) (*Element, error) {
	var out string
	if err := c.b.do(c.Name, "iq", map[string]any{"type": typ, "to": to, "xml": payload}, &out); err != nil {
		return nil, err
	}
	return Parse(out)
}

// Must is IQ for requests that have to succeed.
func (c *Client) Must(typ, to, payload string) (*Element, error) {
	e, err := c.IQ(typ, to, payload)
	if err == nil && e.Attr["type"] == "error" {
		err = fmt.Errorf("%s: %w: %s/%s %s", c.Name, ErrRefused, e.Find("error").Attr["type"], e.Condition(), e.Value("error/text"))
	}
	return e, err
}

// Chat sends a chat message and returns its id.
func (c *Client) Chat(to, body string) (string, error) {
	var id string
	err := c.b.do(c.Name, "chat", map[string]any{"to": to, "body": body}, &id)
	return id, err
}

// ChatIn is Chat in a thread (XEP-0201).
func (c *Client) ChatIn(to, thread, body string) (string, error) {
	var id string
	err := c.b.do(c.Name, "chat", map[string]any{"to": to, "thread": thread, "body": body}, &id)
	return id, err
}

// CommandAnswer is the last answer of an ad-hoc command.
type CommandAnswer struct {
	Status string // completed, executing, canceled
	Form   map[string]string
	Notes  []struct{ Type, Text string }
	Steps  int
	XML    string
}

// Words are all notes and form values of the answer, for looking at.
func (a CommandAnswer) Words() string {
	var words []string
	for _, n := range a.Notes {
		words = append(words, n.Text)
	}
	for _, v := range a.Form {
		words = append(words, v)
	}
	return strings.Join(words, "\n")
}

// Commands lists the ad-hoc commands of an address, node → name.
func (c *Client) Commands(to string) (map[string]string, error) {
	var out map[string]string
	err := c.b.do(c.Name, "commands", map[string]any{"to": to}, &out)
	return out, err
}

// Command runs an ad-hoc command to its end, filling in fields.
func (c *Client) Command(to, node string, fields map[string]string) (CommandAnswer, error) {
	var out CommandAnswer
	err := c.b.do(c.Name, "command", map[string]any{"to": to, "node": node, "fields": fields}, &out)
	return out, err
}

// Registration is a gateway's answer to "how do I register?".
type Registration struct {
	Registered   bool
	Instructions string
	Form         map[string]string
	XML          string
}

// Registration asks for the registration form (XEP-0077 §3.1.1).
func (c *Client) Registration(to string) (Registration, error) {
	var out Registration
	err := c.b.do(c.Name, "registration", map[string]any{"to": to}, &out)
	return out, err
}

// Register registers, filling in fields; Unregister cancels it (§3.2).
func (c *Client) Register(to string, fields map[string]string) error {
	return c.b.do(c.Name, "register", map[string]any{"to": to, "fields": fields}, nil)
}

// Unregister cancels a registration.
func (c *Client) Unregister(to string) error {
	return c.b.do(c.Name, "unregister", map[string]any{"to": to}, nil)
}

// Info is an answer to disco#info.
type Info struct {
	Identities []struct{ Category, Type, Lang, Name string }
	Features   []string
	XML        string
}

// Info asks an address what it is (XEP-0030 §3).
func (c *Client) Info(to, node string) (Info, error) {
	var out Info
	err := c.b.do(c.Name, "info", map[string]any{"to": to, "node": node}, &out)
	return out, err
}

// Ping measures nothing; it asks whether an address answers XEP-0199.
func (c *Client) Ping(to string) error {
	return c.b.do(c.Name, "ping", map[string]any{"to": to}, nil)
}

// Version asks for the software's name and version (XEP-0092).
func (c *Client) Version(to string) (name, version string, err error) {
	var out struct{ Name, Version string }
	err = c.b.do(c.Name, "version", map[string]any{"to": to}, &out)
	return out.Name, out.Version, err
}

// Mark is a position in what the client received, for Since.
func (c *Client) Mark() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.in)
}

// Since returns the stanzas received after a mark.
func (c *Client) Since(mark int) []*Element {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*Element(nil), c.in[min(mark, len(c.in)):]...)
}

// Gone reports whether the session has ended.
func (c *Client) Gone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone
}

// Wait returns the first stanza after mark that fits.
func (c *Client) Wait(limit time.Duration, mark int, fits func(*Element) bool) (*Element, error) {
	var found *Element
	err := await.Until(context.Background(), limit, func() error {
		for _, e := range c.Since(mark) {
			if fits(e) {
				found = e
				return nil
			}
		}
		return fmt.Errorf("%s received %s", c.Name, summary(c.Since(mark)))
	})
	return found, err
}

// summary names stanzas in few words.
func summary(in []*Element) string {
	if len(in) == 0 {
		return "nothing"
	}
	var out []string
	for _, e := range in {
		s := e.Name + " " + e.Attr["type"] + " from " + e.Attr["from"]
		if body := e.Value("body"); body != "" {
			s += fmt.Sprintf(" %q", body)
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}
