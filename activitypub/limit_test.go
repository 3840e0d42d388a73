package activitypub

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestX17_TooMany: who floods is told to come later, and nobody else (row P10; the guards
// are server.limited and the limiter in server.receive).
func TestX17_TooMany(t *testing.T) {
	loop := netip.MustParsePrefix("127.0.0.0/8")
	g := newGateway(t, func(c *ServerConfig) { c.Limits = Limits{Address: 1, Proxies: []netip.Prefix{loop}} })
	ask := func(forwarded string) *http.Response {
		t.Helper()
		req, _ := http.NewRequest("GET", g.URL+"/nodeinfo/2.1", nil)
		if forwarded != "" {
			req.Header.Set("X-Forwarded-For", forwarded)
		}
		resp, err := g.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	for range 60 {
		equal(t, "a minute's worth", ask("198.51.100.1").StatusCode, 200)
	}
	r := ask("198.51.100.1")
	equal(t, "more", r.StatusCode, 429)
	equal(t, "when to come back", r.Header.Get("Retry-After"), "30")
	equal(t, "with an address made up", ask("203.0.113.5, 198.51.100.1").StatusCode, 429)
	equal(t, "another address", ask("198.51.100.2").StatusCode, 200)
	for range 100 {
		equal(t, "a proxy that does not say", ask("").StatusCode, 200)
	}

	g = newGateway(t, func(c *ServerConfig) { c.Limits = Limits{Host: 1} })
	p, other := newPeer(t), newPeer(t)
	alice, bob := p.actor(t, "alice", "alice"), other.actor(t, "bob", "mallory")
	for i := range 60 {
		equal(t, "a minute's activities", g.post(t, "/ap/inbox", alice, numbered(p, "alice", i)).StatusCode, 202)
	}
	equal(t, "one more", g.post(t, "/ap/inbox", alice, numbered(p, "alice", 61)).StatusCode, 429)
	equal(t, "handed on", len(g.received()), 60)
	equal(t, "of another server", g.post(t, "/ap/inbox", bob, numbered(other, "bob", 1)).StatusCode, 202)
	// Who only claims to be alice uses nothing up.
	equal(t, "forged", g.post(t, "/ap/inbox", alice.as(bob.ID), numbered(other, "bob", 2)).StatusCode, 401)
}

func numbered(p *peer, user string, i int) string {
	actor := p.URL + "/users/" + user
	return fmt.Sprintf(`{"id":"%s/likes/%d","type":"Like","actor":%q,"object":"https://x.example/1"}`, actor, i, actor)
}

func TestAddressOf(t *testing.T) {
	l := Limits{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"198.51.100.1:5", "", "198.51.100.1"},
		{"198.51.100.1:5", "203.0.113.5", "198.51.100.1"}, // no proxy of ours
		{"127.0.0.1:5", "203.0.113.5", "203.0.113.5"},
		{"127.0.0.1:5", "1.1.1.1, 203.0.113.5, 10.1.2.3", "203.0.113.5"},
		{"127.0.0.1:5", "10.1.2.3", ""},
		{"127.0.0.1:5", "unknown", ""},
		{"127.0.0.1:5", "", ""},
		{"[::ffff:127.0.0.1]:5", "203.0.113.5", "203.0.113.5"},
		{"[2001:db8:1:2:3::4]:5", "", "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:5", "", "fe80::/64"},
		{"@", "203.0.113.5", ""}, // a socket
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		equal(t, c.remote+" "+c.forwarded, l.addressOf(r), c.want)
	}
}
