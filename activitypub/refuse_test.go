package activitypub

import (
	"errors"
	"net/http"
	"testing"
)

// A host that is refused is asked for nothing and sent nothing, nor is anybody who
// redirects there.
func TestRefusedHost(t *testing.T) {
	bad, good, c := newPeer(t), newPeer(t), newClient(t)
	at := bad.put("/users/bob", `{"id":"$BASE/users/bob","type":"Person"}`)
	good.on("/there", redirectTo(at))
	c.refuse = func(host string, _ bool) bool { return host == hostOf(bad.URL) }
	_, err := c.Get(t.Context(), at, nil)
	_, there := c.Get(t.Context(), good.URL+"/there", nil)
	_, _, file := c.File(t.Context(), at, 100, func(string) bool { return true })
	for what, err := range map[string]error{"get": err, "redirect": there, "file": file, "post": c.Post(t.Context(), bad.URL+"/inbox", []byte("{}"), nil)} {
		if !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := len(bad.requests()); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
}

// What an unwanted actor signed is dropped before its key is asked for.
func TestUnwantedIsDropped(t *testing.T) {
	g, p := newGateway(t), newPeer(t)
	eve := p.actor(t, "blocked/eve", "mallory")
	before := len(p.requests())
	equal(t, "status", g.post(t, "/ap/inbox", eve, like(p.URL+"/users/blocked/eve")).StatusCode, http.StatusAccepted)
	if len(g.received()) != 0 || len(p.requests()) != before {
		t.Errorf("received %d, asked %d times", len(g.received()), len(p.requests())-before)
	}
}
