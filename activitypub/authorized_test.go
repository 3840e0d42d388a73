package activitypub

import (
	"io"
	"net/http"
	"testing"
)

// TestAuthorizedFetch: who sees what in this mode (row S15).
func TestAuthorizedFetch(t *testing.T) {
	g, p := newGateway(t, func(c *ServerConfig) { c.AuthorizedFetch = true }), newPeer(t)
	alice, mallory := p.actor(t, "alice", "alice"), p.actor(t, "mallory", "mallory")
	banned := alice.as(p.URL + "/blocked/x#main-key")
	get := func(path string, k *Key, sign func(*http.Request, []byte, Key) error, accept string) *http.Response {
		t.Helper()
		req, err := http.NewRequest("GET", g.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", accept)
		if k != nil {
			if err := sign(req, nil, *k); err != nil {
				t.Fatal(err)
			}
		}
		g.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, err := g.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return resp
	}
	for path, want := range map[string][4]int{ // unsigned, alice, mallory (blocked by the owner), a banned server
		"/ap/actor/AbC123":               {401, 200, 403, 403},
		"/ap/actor/AbC123/outbox":        {401, 200, 403, 403},
		"/ap/actor/AbC123/outbox?page=1": {401, 200, 403, 403},
		"/ap/post/p1":                    {401, 200, 403, 403},
		"/ap/post/p1/replies":            {401, 200, 403, 403},
		"/ap/activity/a1":                {401, 200, 403, 403},
		"/ap/actor/gateway":              {200, 200, 200, 200}, // else nobody could check who asks
		"/ap/actor/gone1":                {410, 410, 410, 410}, // peers.md rule 9
		"/ap/post/nothing":               {404, 404, 404, 404},
		"/.well-known/webfinger?resource=acct:alice@" + g.domain: {200, 200, 200, 200},
		"/nodeinfo/2.1": {200, 200, 200, 200},
	} {
		for i, k := range []*Key{nil, alice, mallory, banned} {
			equal(t, path, get(path, k, Sign, typeActivity).StatusCode, want[i])
			if k == alice {
				equal(t, path+" with RFC 9421", get(path, k, SignMessage, typeActivity).StatusCode, want[i])
			}
		}
	}
	equal(t, "with another's key", get("/ap/post/p1", mallory.as(alice.ID), Sign, typeActivity).StatusCode, 401)
	equal(t, "with a key that is not to be had", get("/ap/post/p1", alice.as(p.URL+"/broken#main-key"), Sign, typeActivity).StatusCode, 401)
	r := get("/ap/post/p1", alice, Sign, typeActivity)
	equal(t, "Cache-Control", r.Header.Get("Cache-Control"), "private, no-store")
	equal(t, "no script of others reads it", r.Header.Get("Access-Control-Allow-Origin"), "")
	equal(t, "a browser is led to the page", get("/ap/post/p1", nil, nil, "text/html").StatusCode, 302)
	other := newGateway(t)
	g = other
	equal(t, "without the mode", get("/ap/post/p1", nil, nil, typeActivity).StatusCode, 200)
}
