package xmpptest

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"strings"

	"isthmus/component/stanza"
)

const nsStreams = "http://etherx.jabber.org/streams"

var errHandshake = errors.New("handshake failed")

// accept serves one connection.
func (s *Server) accept(nc net.Conn) {
	c := newConn(nc)
	defer c.close()
	s.mu.Lock()
	s.all[c] = true
	s.mu.Unlock()
	defer s.set(func() {
		delete(s.all, c)
		if s.conn == c {
			s.conn = nil
		}
		if s.taken == c {
			s.taken = nil
		}
	})
	d := xml.NewDecoder(c)
	if err := s.handshake(c, d); err != nil {
		return
	}
	if v := s.serve(c, d); v != nil {
		c.write(streamError(v.condition, v.err.Error()) + "</stream:stream>")
		s.set(func() { s.err = fmt.Errorf("the component broke its stream (%s): %w", v.condition, v.err) })
	}
}

// violation is what ends a component's stream at a real server.
type violation struct {
	condition string
	err       error
}

// broken tells bad XML from a connection that ended.
func broken(err error) *violation {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) && syntax.Msg != "unexpected EOF" {
		return &violation{"not-well-formed", err}
	}
	return nil
}

// serve reads a stream to its end.
func (s *Server) serve(c *conn, d *xml.Decoder) *violation {
	for {
		tok, err := d.Token()
		if err != nil {
			return broken(err)
		}
		switch t := tok.(type) {
		case xml.EndElement:
			c.write("</stream:stream>")
			return nil
		case xml.StartElement:
			begin := d.InputOffset()
			e, err := stanza.ReadElement(d, t)
			if size := d.InputOffset() - begin; size > 512<<10 { // Prosody's component_stanza_size_limit
				return &violation{"not-well-formed", fmt.Errorf("a stanza of %d bytes", size)}
			}
			if err != nil {
				return broken(err)
			}
			if v := s.receive(c, e); v != nil {
				return v
			}
		default:
			s.set(func() { s.spaces++ })
		}
	}
}

// handshake is the server's side of XEP-0114 §3.
func (s *Server) handshake(c *conn, d *xml.Decoder) error {
	start, err := nextStart(d)
	if err != nil {
		return err
	}
	var to, ns string
	for _, a := range start.Attr {
		switch {
		case a.Name.Local == "to":
			to = a.Value
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			ns = a.Value
		}
	}
	var random [8]byte
	rand.Read(random[:])
	id := hex.EncodeToString(random[:])
	header := "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='" + s.Domain + "' id='%s'>"
	if s.Greeting != "" {
		header = s.Greeting
	}
	c.write(strings.ReplaceAll(header, "%s", id))
	refuse := func(condition, text string) error {
		c.write(streamError(condition, text) + "</stream:stream>")
		return errHandshake
	}
	if start.Name.Space != nsStreams || ns != stanza.NSComponent {
		return refuse("invalid-namespace", "")
	}
	if to != s.Domain {
		return refuse("host-unknown", to+" does not match any configured external components")
	}
	if start, err = nextStart(d); err != nil {
		return err
	}
	shake, err := stanza.ReadElement(d, start)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("%x", sha1.Sum([]byte(id+s.Secret))); shake.Local != "handshake" || shake.Text() != want {
		return refuse("not-authorized", "Given token does not match calculated token")
	}
	s.mu.Lock()
	refusal, old := s.refusal, s.taken
	if old != nil && old.isFrozen() {
		old.close() // the server has noticed by now
		old = nil
	}
	if refusal == "" && old == nil {
		s.taken = c // before the answer, which lets the component believe that it is the one
	}
	s.mu.Unlock()
	if refusal != "" {
		c.write(refusal + "</stream:stream>")
		return errHandshake
	}
	if old != nil {
		return refuse("conflict", "Component already connected")
	}
	c.write("<handshake/>")
	s.set(func() { s.conn, s.count = c, s.count+1 })
	return nil
}

func nextStart(d *xml.Decoder) (xml.StartElement, error) {
	for {
		tok, err := d.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		if t, ok := tok.(xml.StartElement); ok {
			return t, nil
		}
	}
}

// receive takes one stanza of the component.
func (s *Server) receive(c *conn, e *stanza.Element) *violation {
	from, to := e.From(), e.Get("to")
	switch {
	case e.Space != stanza.NSComponent || e.Local != "iq" && e.Local != "message" && e.Local != "presence":
		return &violation{"unsupported-stanza-type", errors.New(e.XML())}
	case from.Domain != s.Domain:
		return &violation{"invalid-from", errors.New(e.XML())}
	case to == "":
		return &violation{"improper-addressing", errors.New(e.XML())}
	}
	s.mu.Lock()
	rules, swallow := s.rules, s.swallow
	s.mu.Unlock()
	if e.To().Domain == s.Domain { // servers route it back
		if swallow {
			s.set(func() { s.loops++ })
		} else {
			c.write(string(e.AppendXML(nil, stanza.NSComponent)))
		}
		return nil
	}
	s.set(func() { s.inbox = append(s.inbox, e) })
	if t := e.Type(); e.Local != "iq" || t != "get" && t != "set" {
		return nil
	}
	for _, r := range rules {
		if (r.to == "" || r.to == to) && (r.ns == "" || e.First(r.ns, "") != nil) {
			if a := r.answer(e); a != nil {
				c.write(string(a.AppendXML(nil, stanza.NSComponent)))
			}
			break
		}
	}
	return nil
}
