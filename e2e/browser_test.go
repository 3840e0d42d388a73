//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"isthmus/e2e/browser"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// A visitor with a browser reads a blog and its comments, on a phone and on a desk, by day
// and by night, and follows with two clicks, without a script.
func TestPagesInABrowser(t *testing.T) {
	on(t, []xmppserver.Flavour{xmppserver.Prosody}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.PublishesItem("urn:xmpp:movim-banner:0", "current", `<metadata xmlns="urn:xmpp:avatar:metadata"><info id="sea" type="image/svg+xml" bytes="1" url="`+w.Gateway.URL("/icon.svg")+`"/></metadata>`,
			"pubsub#access_model=open", "pubsub#persist_items=true")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("a short one with averyveryveryverylongwordthatnobodywouldeverwritebutwhichmustnotmakethepagewiderthanthewindowofaphone")
		louise.Discusses("שלום, this one is discussed", world.OwnPEP)
		note := bob.Sees("Create", "is discussed")["object"].(world.JSON)
		louise.Says("pin " + fmt.Sprint(note["id"]))
		bob.Likes(fmt.Sprint(note["id"]))
		bob.Boosts(fmt.Sprint(note["id"]))
		bob.Replies(fmt.Sprint(note["id"]), "I read this in a browser")
		resp, _ := w.Request("GET", fmt.Sprint(note["id"]), "text/html", "", "")
		post := resp.Header.Get("Location")
		w.Until("the comment on the page", func() error {
			if _, page := w.Fetch(post, "text/html"); !strings.Contains(page, "I read this in a browser") || !strings.Contains(page, "Likes: 1") || !strings.Contains(page, "Boosts: 1") {
				return fmt.Errorf("the page is\n%s", page)
			}
			return nil
		})
		blog := w.Gateway.URL("/@" + louise.User)
		w.Until("header and pinned post on the page", func() error {
			if _, page := w.Fetch(blog, "text/html"); !strings.Contains(page, `class="banner`) || !strings.Contains(page, `id="pinned"`) {
				return fmt.Errorf("the page is\n%s", page)
			}
			return nil
		})
		of := strings.TrimPrefix(post, w.Gateway.URL(""))
		visitor := "visitor@" + w.Sink.Host("home")
		seen, err := browser.Look(browser.Task{
			DNS: ground.Lab.DNS(), Screens: os.Getenv("ISTHMUS_SCREENS"),
			Pages: []string{w.Gateway.URL("/"), blog, post, w.Gateway.URL("/interact/follow/@" + louise.User), w.Gateway.URL("/interact/reply" + of),
				blog + "/feed.atom/nothing"},
			Follow: &browser.Follow{Page: blog, Handle: visitor},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range seen.Looks {
			for _, p := range l.Problems {
				if strings.HasPrefix(l.Page, blog+"/feed.atom/") && strings.Contains(p, "status of 404") {
					continue
				}
				t.Errorf("%s, %s, %s: %s", l.Page, l.Size, l.Scheme, p)
			}
			if l.Links == 0 {
				t.Errorf("%s: no links", l.Page)
			}
		}
		want := "https://" + w.Sink.Host("home") + "/intents/follow?object=" + url.QueryEscape(louise.Actor()) + "&back=" + url.QueryEscape(blog)
		if seen.Follow.First != want || seen.Follow.Again != want {
			t.Errorf("who follows ends at %s and then at %s, want %s", seen.Follow.First, seen.Follow.Again, want)
		}
	})
}
