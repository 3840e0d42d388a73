//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
)

// Whatever somebody types or pastes, and wherever, the answer is the same address.
func TestAReaderFindsAFediverseAccount(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		bob.Tells(world.JSON{"displayName": "Bob B.", "summary": "<p>Boats &amp; bees</p>"})
		post := bob.Writes(world.Note{Text: "My first post"})
		jid := w.Virtual(bob)
		for _, what := range []string{"@" + bob.Handle(), bob.Handle(), jid, bob.ID, bob.URL("/@" + bob.User)} {
			card := louise.FindsByChat(what)
			if what == bob.URL("/@"+bob.User) { // Fedify shows people a page there, and nothing else
				if !strings.Contains(card, "nothing of the Fediverse") {
					t.Errorf("a page: %s", card)
				}
				continue
			}
			for _, want := range []string{"Bob B. (@" + bob.Handle() + ")", "Boats & bees", "Followers: 0", jid, "xmpp:" + jid} {
				if !strings.Contains(card, want) {
					t.Errorf("find %s: the card lacks %q:\n%s", what, want, card)
				}
			}
		}
		if card := louise.FindsByChat(post.ID); !strings.Contains(card, "My first post") || !strings.Contains(card, jid) {
			t.Errorf("a post's address:\n%s", card)
		}
		if got := louise.FindsBySearch("@" + bob.Handle()); got != jid {
			t.Errorf("search: %q", got)
		}
		if got := louise.FindsByPrompt(bob.Handle()); got != jid {
			t.Errorf("prompt: %q", got)
		}
		answer, err := louise.Client.Command(w.Gateway.Component, "find", map[string]string{"what": "@" + bob.Handle()})
		if err != nil || !strings.Contains(answer.Words(), jid) {
			t.Errorf("command: %+v, %v", answer, err)
		}
		carol := w.Fan("carol") // typed, and nothing before
		info, err := louise.Client.Info(w.Virtual(carol), "")
		pep := false
		for _, i := range info.Identities {
			pep = pep || i.Category == "pubsub" && i.Type == "pep"
		}
		if err != nil || !pep || !strings.Contains(info.XML, "@"+carol.Handle()) {
			t.Errorf("typing the address: %s, %v", info.XML, err)
		}
	})
}

func TestSearchSaysWhyNobodyIsFound(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, hermit := w.Person("louise"), w.Fan("hermit")
		hermit.Tells(world.JSON{"summary": "<p>no bots, #nobridge</p>"})
		for what, want := range map[string]string{
			"@nobody@" + world.PeerHost: "There is no account",
			"@bob@gone.invalid":         "no server called gone.invalid",
			"@" + hermit.Handle():       "asks not to be shown",
			"hello":                     "@user@host",
		} {
			if card := louise.FindsByChat(what); !strings.Contains(card, want) {
				t.Errorf("%s: %q", what, card)
			}
		}
		if _, failed := louise.ReadsNode(`nobody\40`+world.PeerHost+"@"+w.Gateway.Component, world.Microblog, "", ""); failed != "cancel/item-not-found" {
			t.Errorf("reading nobody: %s", failed)
		}
	})
}

// What an account says of itself is where clients look for it.
func TestAReaderSeesAProfile(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		icon := bob.Serves("/media/"+bob.User+".png", "image/png", pixel)
		bob.Tells(world.JSON{"displayName": "Bob B.", "summary": "<p>Boats</p>", "icon": icon, "header": icon})
		jid := w.Virtual(bob)
		if pic := louise.Picture(jid); len(pic) == 0 {
			t.Error("no picture")
		}
		page, failed := louise.ReadsNode(jid, "urn:xmpp:vcard4", "", "")
		if failed != "" || page.Items[0].XML.Value("vcard/fn/text") != "Bob B." || page.Items[0].XML.Value("vcard/note/text") != "Boats" {
			t.Errorf("vCard4: %s %+v", failed, page)
		}
		page, failed = louise.ReadsNode(jid, "http://jabber.org/protocol/nick", "", "")
		if failed != "" || page.Items[0].XML.Value("nick") != "Bob B." {
			t.Errorf("nick: %s", failed)
		}
		page, failed = louise.ReadsNode(jid, "urn:xmpp:movim-banner:0", "", "")
		if failed != "" || page.Items[0].XML.Find("metadata/info").Attr["url"] != icon {
			t.Errorf("header: %s", failed)
		}
		card, err := louise.Client.Must("get", jid, `<vCard xmlns="vcard-temp"/>`)
		if err != nil || card.Value("vCard/FN") != "Bob B." || card.Value("vCard/PHOTO/BINVAL") == "" {
			t.Errorf("vcard-temp: %v", err)
		}
		mark := louise.FollowsFan(bob)
		bob.Tells(world.JSON{"displayName": "Robert"})
		bob.Announces("")
		w.Until("louise's client is told the new name", func() error {
			for _, e := range louise.Client.Since(mark) {
				if e.Value("event/items/item/nick") == "Robert" {
					return nil
				}
			}
			return fmt.Errorf("not yet")
		})
	})
}
