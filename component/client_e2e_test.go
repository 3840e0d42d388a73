//go:build e2e

package component

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net"
	"testing"
	"time"

	"isthmus/component/stanza"
)

// rawClient is an ordinary user's client: PLAIN without TLS, one resource, and
// whatever XML a test wants to send.
type rawClient struct {
	t    *testing.T
	conn net.Conn
	dec  *xml.Decoder
	jid  stanza.JID
}

// login connects, authenticates and binds; it retries until the server is up.
func login(t *testing.T, srv *realServer, user, resource string) *rawClient {
	t.Helper()
	c := &rawClient{t: t, conn: dialUntil(t, srv.c2s)}
	t.Cleanup(func() { c.conn.Close() })
	c.open(srv.host)
	c.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>` +
		base64.StdEncoding.EncodeToString([]byte("\x00"+user+"\x00"+e2ePassword)) + `</auth>`)
	if e := c.next(); e.Local != "success" {
		t.Fatalf("login: %s", e.XML())
	}
	c.open(srv.host)
	c.send(`<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>` + resource + `</resource></bind></iq>`)
	bound := c.reply("bind").First("urn:ietf:params:xml:ns:xmpp-bind", "bind").First("", "jid").Text()
	c.jid = addr(bound)
	c.send(`<presence/>`)
	return c
}

func dialUntil(t *testing.T, address string) net.Conn {
	t.Helper()
	deadline := time.Now().Add(e2ePatience)
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.SetDeadline(time.Now().Add(10 * e2ePatience))
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond) // nothing tells when a port opens
	}
}

// open starts a stream, the first or the one after authentication.
func (c *rawClient) open(host string) {
	c.t.Helper()
	c.dec = xml.NewDecoder(c.conn)
	c.send(`<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='` + host + `' version='1.0'>`)
	if e := c.next(); e.Local != "features" {
		c.t.Fatalf("no features: %s", e.XML())
	}
}

func (c *rawClient) send(xml string) {
	c.t.Helper()
	if _, err := fmt.Fprint(c.conn, xml); err != nil {
		c.t.Fatal(err)
	}
}

func (c *rawClient) next() *stanza.Element {
	c.t.Helper()
	for {
		tok, err := c.dec.Token()
		if err != nil {
			c.t.Fatalf("client: %v", err)
		}
		if start, ok := tok.(xml.StartElement); ok && start.Name.Local != "stream" {
			e, err := stanza.ReadElement(c.dec, start)
			if err != nil {
				c.t.Fatal(err)
			}
			return e
		}
	}
}

// reply waits for the answer to an IQ.
func (c *rawClient) reply(id string) *stanza.Element {
	c.t.Helper()
	for {
		if e := c.next(); e.Local == "iq" && e.ID() == id && e.Type() != "get" && e.Type() != "set" {
			return e
		}
	}
}

// ping asks the component for a sign of life.
func (c *rawClient) ping(to string) {
	c.t.Helper()
	c.send(`<iq type='get' to='` + to + `' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>`)
	if e := c.reply("ping"); e.Type() != "result" {
		c.t.Fatalf("ping to %s: %s", to, e.XML())
	}
}
