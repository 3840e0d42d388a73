package activitypub

import (
	"context"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// TestX1_RefusedAddresses: what is never asked, in any role (attack X1).
func TestX1_RefusedAddresses(t *testing.T) {
	public := newClient(t, func(cfg *ClientConfig) { cfg.AllowPrivate = nil })
	lab := newClient(t)
	k := key(t, "gateway", "https://ap.example.org/ap/actor/gateway#main-key")
	for _, at := range []string{
		"https://127.0.0.1/", "https://0.0.0.0/", "https://[::]/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
		"https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[2001:0:7f00:1::]/",
		"https://[fe80::1%25eth0]/", "https://[fc00::1]/", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/",
		"https://198.18.0.1/", "https://10.0.0.1/", "https://192.168.1.1/", "https://172.16.0.1/", "https://224.0.0.1/",
		"https://0177.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://0x7f000001/", "https://127.1/",
		"https://localhost/", "https://localhost./", "https://mastodon.example./", "https://mastodon/", "https://./", "https:///x",
		"https://mastodon.example:22/", "https://mastodon.example:5222/", "https://mastodon.example:5269/",
		"https://mastodon.example:5347/", "https://mastodon.example:6379/", "https://mastodon.example:/",
		"https://mastodon.example:99999999/", "http://mastodon.example/", "file:///etc/passwd", "data:application/activity+json,{}",
		"gopher://mastodon.example/", "ftp://mastodon.example/", "https://good@evil.example/", "https://good:x@evil.example/",
		"https:mastodon.example", "//mastodon.example/", "/users/bob", "", "https://mastodon..example/", "https://-x.example/",
		"https://мастодон.example/", "https://mast odon.example/", "https://mastodon.example\\@evil.example/", "https://a_b.example/",
		"https://mastodon.example/" + strings.Repeat("x", 2048), "https://mastodon.example/\n", "https://[127.0.0.1]/", "https://%31.example/",
	} {
		_, err := public.Get(t.Context(), at, k)
		wantErr(t, "GET "+at, err, ErrURL)
		wantErr(t, "POST "+at, public.Post(t.Context(), at, []byte("{}"), k), ErrURL)
		equal(t, "final", Final(err), true)
		// In a lab, loopback and ports are open, everything else stays shut.
		if u, err := lab.parseURL(at); err == nil && !strings.Contains(at, "127.0.0.1") && u.Hostname() != "localhost" &&
			u.Hostname() != "mastodon" && u.Hostname() != "mastodon.example" {
			t.Errorf("in a lab: %s is let through as %s", at, u)
		}
	}
}

// names is a DNS server on loopback. Each name has answers that are given in
// turn, the last one for good.
type names struct {
	mu      sync.Mutex
	answers map[string][]string
	asked   int
}

func newNames(t *testing.T, answers map[string][]string) (*names, *net.Resolver) {
	n := &names{answers: answers}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply, err := n.reply(buf[:size]); err == nil {
				conn.WriteTo(reply, from)
			}
		}
	}()
	return n, &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp4", conn.LocalAddr().String())
	}}
}

func (n *names) reply(query []byte) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	q := m.Questions[0]
	reply := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, RCode: dnsmessage.RCodeNameError}, Questions: m.Questions}
	name := strings.TrimSuffix(q.Name.String(), ".")
	if list := n.answers[name]; len(list) > 0 {
		reply.RCode = dnsmessage.RCodeSuccess
		if ip := netip.MustParseAddr(list[0]); q.Type == dnsmessage.TypeA && ip.Is4() {
			n.asked++
			reply.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type},
				Body: &dnsmessage.AResource{A: ip.As4()}}}
			if len(list) > 1 {
				n.answers[name] = list[1:]
			}
		} else if q.Type == dnsmessage.TypeAAAA && ip.Is6() {
			reply.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type},
				Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}}}
		}
	}
	return reply.Pack()
}

// TestX1_NamesOfPrivateAddresses: names are judged by what they resolve to, at the
// moment of the connection (attack X1, DNS rebinding).
func TestX1_NamesOfPrivateAddresses(t *testing.T) {
	answers := map[string][]string{
		"loopback.example": {"127.0.0.1"}, "zero.example": {"0.0.0.0"}, "lan.example": {"192.168.0.1"}, "meta.example": {"169.254.169.254"},
		"cgnat.example": {"100.64.0.1"}, "bench.example": {"198.18.0.1"}, "six.example": {"::1"}, "mapped.example": {"::ffff:127.0.0.1"},
		"compat.example": {"::127.0.0.1"}, "nat64.example": {"64:ff9b::7f00:1"}, "sixtofour.example": {"2002:7f00:1::"}, "teredo.example": {"2001:0:7f00:1::1"},
		"ula.example": {"fc00::1"}, "link.example": {"fe80::1"}, "multi.example": {"224.0.0.1"},
	}
	_, resolver := newNames(t, answers)
	c := newClient(t, func(cfg *ClientConfig) { cfg.AllowPrivate, cfg.resolver = nil, resolver })
	for name := range answers {
		_, err := c.Get(t.Context(), "https://"+name+"/", nil)
		wantErr(t, name, err, ErrAddress)
		equal(t, "final", Final(err), false)
	}
	_, err := c.Get(t.Context(), "https://absent.example/", nil)
	if err == nil || Final(err) {
		t.Errorf("no such name: %v", err)
	}
}

// TestX1_Rebinding: a name that was good is judged again when it is next dialled.
func TestX1_Rebinding(t *testing.T) {
	served := httptest.NewServer(serveAs(typeActivity, `{"type":"OrderedCollection"}`))
	defer served.Close()
	_, port, _ := net.SplitHostPort(served.Listener.Addr().String())
	n, resolver := newNames(t, map[string][]string{"peer.example": {"127.0.0.1", "127.0.0.2"}})
	c := newClient(t, func(cfg *ClientConfig) {
		cfg.AllowPrivate, cfg.resolver = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, resolver
	})
	at := "http://peer.example:" + port + "/"
	if _, err := c.Get(t.Context(), at, nil); err != nil {
		t.Fatal(err)
	}
	c.Close()
	_, err := c.Get(t.Context(), at, nil)
	wantErr(t, "after the name moved", err, ErrAddress)
	n.mu.Lock()
	defer n.mu.Unlock()
	equal(t, "looked up", n.asked, 2)
}

// TestX1_PlainOnlyPrivate: http leads to allowed private addresses and nowhere else.
func TestX1_PlainOnlyPrivate(t *testing.T) {
	_, resolver := newNames(t, map[string][]string{"public.example": {"93.184.215.14"}})
	c := newClient(t, func(cfg *ClientConfig) { cfg.resolver = resolver })
	_, err := c.Get(t.Context(), "http://public.example/", nil)
	wantErr(t, "http to a public address", err, ErrAddress)
	_, err = c.Get(t.Context(), "http://public.example:443/", nil)
	wantErr(t, "http to the port of https", err, ErrAddress)
	_, err = c.Get(t.Context(), "https://public.example:8443/", nil)
	wantErr(t, "another port of a public address", err, ErrAddress)
	_, err = c.Get(t.Context(), "http://93.184.215.14/", nil)
	wantErr(t, "http to a public number", err, ErrURL)
}
