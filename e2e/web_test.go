//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

func TestWhatAStrangerFindsOnTheWeb(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("low tide & <b>mud</b>")
		note := bob.Sees("Create", "low tide")["object"].(world.JSON)

		for _, path := range []string{"/@" + louise.User, "/@" + louise.User + "/feed.atom"} {
			if code, page := w.Fetch(w.Gateway.URL(path), "text/html,*/*;q=0.8"); code != 200 || !strings.Contains(page, "low tide") {
				t.Errorf("%s: %d, without the post: %.300s", path, code, page)
			}
		}
		if code, _ := w.Fetch(w.Gateway.URL("/"), "text/html"); code != 200 {
			t.Errorf("front page: %d", code)
		}
		resp, _ := w.Request("GET", fmt.Sprint(note["id"]), "text/html", "", "")
		where := resp.Header.Get("Location")
		if resp.StatusCode != 302 || !strings.Contains(where, "/@"+louise.User+"/") {
			t.Fatalf("a browser that opens the post's id gets %d %q", resp.StatusCode, where)
		}
		if strings.HasPrefix(where, "/") {
			where = w.Gateway.URL(where)
		}
		code, page := w.Fetch(where, "text/html")
		if code != 200 || !strings.Contains(page, "low tide") || strings.Contains(page, "<b>mud</b>") {
			t.Errorf("the post's page: %d %.500s", code, page)
		}

		if code, body := w.Fetch(w.Gateway.URL("/.well-known/host-meta"), ""); code != 200 || !strings.Contains(body, "/.well-known/webfinger?resource={uri}") {
			t.Errorf("host-meta: %d %s", code, body)
		}
		if code, body := w.Fetch(w.Gateway.URL("/.well-known/host-meta.json"), ""); code != 200 || !strings.Contains(body, "lrdd") {
			t.Errorf("host-meta.json: %d %s", code, body)
		}
		var links struct {
			Links []struct{ Rel, Href string }
		}
		_, body := w.Fetch(w.Gateway.URL("/.well-known/nodeinfo"), "")
		if err := json.Unmarshal([]byte(body), &links); err != nil || len(links.Links) < 2 {
			t.Fatalf("nodeinfo: %s", body)
		}
		for _, l := range links.Links {
			if !strings.Contains(l.Rel, "nodeinfo") {
				continue // the instance's actor
			}
			var info struct {
				Version   string
				Protocols []string
				Usage     struct {
					Users      struct{ Total int }
					LocalPosts int
				}
			}
			_, body := w.Fetch(l.Href, "application/json")
			if err := json.Unmarshal([]byte(body), &info); err != nil || !strings.HasSuffix(l.Rel, info.Version) || fmt.Sprint(info.Protocols) != "[activitypub]" || info.Usage.LocalPosts != 1 {
				t.Errorf("%s: %s", l.Href, body)
			}
		}
	})
}

func TestUnknownNamesAreNotFound(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		for _, path := range []string{
			"/.well-known/webfinger?resource=acct:nobody@" + w.Gateway.Component, "/@nobody", "/@nobody/x", "/@nobody/feed.atom",
			"/ap/actor/nobody", "/ap/actor/nobody/outbox", "/ap/post/nothing", "/ap/activity/nothing", "/media/nothing", "/no/such/page",
			"/.well-known/webfinger?resource=acct:louise@elsewhere.test",
		} {
			for _, accept := range []string{"application/activity+json", "text/html", "*/*"} {
				if code, _ := w.Fetch(w.Gateway.URL(path), accept); code != 404 {
					t.Errorf("%s for %s: %d, want 404", path, accept, code)
				}
			}
		}
		for _, query := range []string{"", "?resource=", "?resource=%00", "?resource=acct:"} {
			if code, _ := w.Fetch(w.Gateway.URL("/.well-known/webfinger"+query), ""); code != 400 && code != 404 {
				t.Errorf("WebFinger %q: %d", query, code)
			}
		}
	})
}

func TestTheInstanceActorSigns(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		bob := w.Fan("bob")
		actor := bob.Gets(w.Gateway.URL("/ap/actor/gateway"))
		key, _ := actor["publicKey"].(world.JSON)
		if actor["type"] != "Application" || key["id"] != fmt.Sprint(actor["id"])+"#main-key" || !strings.Contains(fmt.Sprint(key["publicKeyPem"]), "PUBLIC KEY") {
			t.Errorf("the instance actor is %v", actor)
		}
	})
}

func TestSearchAnyWay(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		id := bob.Finds(louise.Handle())["id"]
		for _, what := range []string{fmt.Sprint(id), w.Gateway.URL("/@" + louise.User), strings.ToUpper(louise.User) + "@" + w.Gateway.Component} {
			if got := bob.Finds(what)["id"]; got != id {
				t.Errorf("%s finds %v, want %v", what, got, id)
			}
		}
	})
}

// The XMPP domain is the handle's domain; its web server forwards the
// well-known paths and nothing else.
func TestHandlesOfTheApexDomain(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.Prepare(t, ground, f)
		w.Gateway.Apex()
		w.Gateway.Start()
		louise, bob := w.Person("louise"), w.Fan("bob")
		if louise.Handle() != louise.JID {
			t.Fatalf("handle %s, JID %s", louise.Handle(), louise.JID)
		}
		louise.Opens()
		louise.Starts()
		id := bob.Finds(louise.Handle())["id"]
		if other := bob.Finds(louise.User + "@" + w.Gateway.Component)["id"]; other != id {
			t.Errorf("the gateway's own domain finds %v, want %v", other, id)
		}
		bob.Follows(louise.Handle())
		louise.Publishes("one address for both")
		bob.Sees("Create", "one address for both")
	})
}

func TestKeysOutliveRestarts(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		key := func(actor string) string { return fmt.Sprint(bob.Gets(actor)["publicKey"]) }
		instance, before := w.Gateway.URL("/ap/actor/gateway"), louise.Actor()
		keys := key(instance) + key(before)
		w.Gateway.Kill()
		w.Gateway.Start()
		if key(instance)+key(louise.Actor()) != keys || louise.Actor() != before {
			t.Error("a restart changed keys or ids")
		}
	})
}
