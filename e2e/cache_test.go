//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/netlab"
	"isthmus/e2e/proc"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// An nginx that keeps whatever it may, even redirects and errors, gives everybody what they
// asked for: pages to people in their language, documents to servers.
func TestBehindACachingProxy(t *testing.T) {
	on(t, []xmppserver.Flavour{xmppserver.Prosody}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("a post to be kept")
		note := fmt.Sprint(bob.Sees("Create", "to be kept")["object"].(world.JSON)["id"])
		proxy := cachingProxy(t, w)
		ask := func(path, accept, language, cookie string) *http.Response {
			t.Helper()
			req, err := http.NewRequest("GET", "http://"+proxy+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = w.Gateway.Component
			for name, v := range map[string]string{"Accept": accept, "Accept-Language": language, "Cookie": cookie} {
				if v != "" {
					req.Header.Set(name, v)
				}
			}
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			return resp
		}
		const json, html = "application/activity+json", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
		object, page := strings.TrimPrefix(note, w.Gateway.URL("")), "/@"+louise.User
		for _, order := range [][]string{{json, html}, {html, json}, {json, html}} {
			for _, accept := range order {
				doc, profile := ask(object, accept, "", ""), ask(page, accept, "", "")
				if accept == json {
					if doc.StatusCode != 200 || doc.Header.Get("Content-Type") != json || profile.StatusCode != 302 || profile.Header.Get("Location") != louise.Actor() {
						t.Errorf("a server gets %v and %v", doc, profile)
					}
				} else if doc.StatusCode != 302 || profile.StatusCode != 200 || !strings.HasPrefix(profile.Header.Get("Content-Type"), "text/html") {
					t.Errorf("somebody gets %v and %v", doc, profile)
				}
			}
		}
		for _, language := range []string{"de", "fr", "de"} {
			if got := ask(page, html, language, "").Header.Get("Content-Language"); got != language {
				t.Errorf("who wants %s gets %s", language, got)
			}
		}
		// What one visitor's account leads to is nobody else's.
		button := "/interact/follow/@" + louise.User
		visitor := "home=visitor%40" + w.Sink.Host("home")
		if got := ask(button, html, "", visitor); got.StatusCode != 303 {
			t.Errorf("a visitor who was here before gets %v", got)
		}
		if got := ask(button, html, "", ""); got.StatusCode != 200 {
			t.Errorf("another one gets %v", got)
		}
		if got := ask(button, html, "", visitor); got.StatusCode != 303 {
			t.Errorf("the first one gets what was said to the other: %v", got)
		}
		// And it does keep something: what is for everybody.
		ask("/icon.svg", "*/*", "", "")
		if kept := ask("/icon.svg", "*/*", "", "").Header.Get("X-Kept"); kept != "HIT" {
			t.Errorf("the icon was asked for again: %q", kept)
		}
	})
}

// cachingProxy starts nginx before the gateway; X-Kept says whether an answer was kept.
func cachingProxy(t *testing.T, w *world.World) (addr string) {
	t.Helper()
	port, err := netlab.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	addr = fmt.Sprintf("127.0.0.1:%d", port)
	p, err := proc.StartNginx(t.TempDir(), fmt.Sprintf(`
proxy_cache_path kept keys_zone=pages:1m;
server {
	listen %s;
	location / {
		proxy_pass http://%s;
		proxy_set_header Host $host;
		proxy_cache pages;
		proxy_cache_valid any 10m;
		add_header X-Kept $upstream_cache_status always;
	}
}
`, addr, w.Gateway.Listen))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(time.Second) })
	await.True(t, 10*time.Second, "nginx", func() error {
		resp, err := http.Get("http://" + addr + "/icon.svg?up")
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
	return addr
}
