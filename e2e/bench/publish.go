package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"time"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppclient"
)

// publishConfig is read from standard input.
type publishConfig struct {
	Addr, Domain, Secret string // of the component
	Service, Node        string // of the comments
	Items, Window        int    // so many, of which so many are under way
}

// runPublish is a component (XEP-0114) that does nothing but publish and tell the blogger of
// each that it stands, as fast as the XMPP server acknowledges: the most that can come of what
// the Fediverse says.
func runPublish() error {
	var cfg publishConfig
	if err := json.NewDecoder(os.Stdin).Decode(&cfg); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	conn, err := net.Dial("tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	defer conn.Close()
	s, err := publish(conn, cfg)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

var streamID = regexp.MustCompile(`<stream:stream[^>]*\sid=['"]([^'"]+)['"][^>]*>`)

func publish(conn net.Conn, cfg publishConfig) (sample, error) {
	fmt.Fprintf(conn, "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='%s'>", cfg.Domain)
	var head []byte
	for !streamID.Match(head) {
		b := make([]byte, 1)
		if _, err := conn.Read(b); err != nil {
			return sample{}, fmt.Errorf("%w after %q", err, head)
		}
		head = append(head, b...)
	}
	digest := sha1.Sum(append(streamID.FindSubmatch(head)[1], cfg.Secret...))
	fmt.Fprintf(conn, "<handshake>%s</handshake>", hex.EncodeToString(digest[:]))

	answers := make(chan error, 1)
	go func() {
		answers <- xmppclient.ReadStream(io.MultiReader(bytes.NewReader(head), conn), func(e *xmppclient.Element, _ int64) {
			switch {
			case e.Name == "handshake", e.Name == "iq" && e.Attr["type"] == "result":
				answers <- nil
			case e.Attr["type"] == "error", e.Name == "error":
				answers <- errors.New(e.Condition())
			}
		})
	}()
	if err := <-answers; err != nil {
		return sample{}, err
	}
	cpu, begun := used(), time.Now()
	for sent, taken := 0, 0; taken < cfg.Items; {
		for sent < cfg.Items && sent-taken < cfg.Window {
			if _, err := io.WriteString(conn, cfg.publication(sent)); err != nil {
				return sample{}, err
			}
			sent++
		}
		if err := <-answers; err != nil {
			return sample{}, err
		}
		taken++
		if _, err := fmt.Fprintf(conn, "<message type='chat' id='m%d' from='%s' to='%s'><body>%s</body></message>", taken, cfg.Domain, cfg.Service, strings.Repeat("x", 100)); err != nil {
			return sample{}, err
		}
	}
	return sample{Ops: cfg.Items, CPU: used() - cpu, Wall: time.Since(begun)}, nil
}

// publication is built as one of the gateway's, by another of its virtual addresses each time.
func (c publishConfig) publication(i int) string {
	const words = "A few words of some length, as people write them when they have an opinion."
	from := world.Escape(fmt.Sprintf(`u%d\40%s@%s`, i%known, hostName(knownHost), c.Domain))
	return fmt.Sprintf(`<iq type='set' id='p%d' from='%s' to='%s'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='%s'><item id='bare-%d'>`+
		`<entry xmlns='http://www.w3.org/2005/Atom'><title type='text'>%s</title><id>xmpp:%s?;node=%s;item=bare-%d</id>`+
		`<author><name>u%d</name><uri>xmpp:%s</uri></author><published>2026-01-01T00:00:00Z</published><updated>2026-01-01T00:00:00Z</updated>`+
		`<content type='text'>%s</content><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>%s</p></div></content>`+
		`<link rel='alternate' type='text/html' href='https://h0.load.test/users/u%d/notes/%d'/></entry></item></publish></pubsub></iq>`,
		i, from, c.Service, world.Escape(c.Node), i, words, c.Service, world.Escape(c.Node), i, i%known, from, words, words, i%known, i)
}
