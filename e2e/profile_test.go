//go:build e2e

package e2e

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
)

// pixel is a PNG of one pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func vcard4(name, note string) string {
	return `<vcard xmlns="urn:ietf:params:xml:ns:vcard-4.0"><fn><text>` + name + `</text></fn><note><text>` + note + `</text></note></vcard>`
}

func TestTheProfileFollowsVCardAndAvatar(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		open := []string{"pubsub#access_model=open", "pubsub#persist_items=true"}
		louise.PublishesItem("urn:xmpp:vcard4", "current", vcard4("Louise Colet", "Writes about tides"), open...)
		data, err := base64.StdEncoding.DecodeString(pixel)
		if err != nil {
			t.Fatal(err)
		}
		hash := fmt.Sprintf("%x", sha1.Sum(data)) // XEP-0084 §4.2.2
		louise.PublishesItem("urn:xmpp:avatar:data", hash, `<data xmlns="urn:xmpp:avatar:data">`+pixel+`</data>`, open...)
		louise.PublishesItem("urn:xmpp:avatar:metadata", hash, fmt.Sprintf(
			`<metadata xmlns="urn:xmpp:avatar:metadata"><info id="%s" type="image/png" bytes="%d" width="1" height="1"/></metadata>`, hash, len(data)), open...)
		louise.Opens()
		louise.Starts()
		louise.Armed()
		bob.Follows(louise.Handle())
		w.Until("the actor has name, note and picture", func() error {
			a := bob.Gets(louise.Actor())
			if a["name"] != "Louise Colet" || !strings.Contains(fmt.Sprint(a["summary"]), "tides") {
				return fmt.Errorf("name %v, summary %v", a["name"], a["summary"])
			}
			icon, _ := a["icon"].(world.JSON)
			if icon["url"] == nil {
				return fmt.Errorf("icon %v", a["icon"])
			}
			if code, body := w.Fetch(fmt.Sprint(icon["url"]), "image/*"); code != 200 || body != string(data) {
				return fmt.Errorf("the icon answers %d with %d bytes", code, len(body))
			}
			return nil
		})

		louise.PublishesItem("urn:xmpp:movim-banner:0", "current", `<metadata xmlns="urn:xmpp:avatar:metadata"><info id="sea" type="image/jpeg" bytes="1" url="https://upload.test/sea.jpg"/></metadata>`, open...)
		louise.Publishes("first on the page")
		post := fmt.Sprint(bob.Sees("Create", "first on the page")["object"].(world.JSON)["id"])
		if answer := louise.Says("pin " + post); !strings.Contains(answer, "1 of 5") {
			t.Errorf("pin is answered with %q", answer)
		}
		if add := bob.Sees("Add", post); add["target"] != louise.Actor()+"/featured" {
			t.Errorf("Add is %v", add)
		}
		w.Until("the header picture", func() error {
			if image, _ := bob.Gets(louise.Actor())["image"].(world.JSON); image["url"] != "https://upload.test/sea.jpg" {
				return fmt.Errorf("it is %v", image)
			}
			return nil
		})
		louise.PublishesItem("urn:xmpp:vcard4", "current", vcard4("Louise C.", "Moved to the lighthouse"))
		update := bob.Sees("Update", "Moved to the lighthouse")
		if a, _ := update["object"].(world.JSON); a["id"] != louise.Actor() || a["name"] != "Louise C." {
			t.Errorf("Update holds %v", update["object"])
		}
	})
}

func TestTheProfileOfANodeIsItsTitle(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		admin, bob := w.Admin(), w.Fan("bob")
		node := admin.Community("gardeners", "pubsub#title=The Gardeners", "pubsub#description=Seeds and weeds")
		if out, code := w.Gateway.Run("enrol", w.Server.Pubsub, node); code != 0 {
			t.Fatalf("enrol: %d %s", code, out)
		}
		handle := w.HandleOf(node)
		w.Until("the group has the node's title and description", func() error {
			a := bob.Finds(handle)
			if a["name"] != "The Gardeners" || !strings.Contains(fmt.Sprint(a["summary"]), "Seeds and weeds") {
				return fmt.Errorf("name %v, summary %v", a["name"], a["summary"])
			}
			return nil
		})
	})
}

func TestTheProfileFromVCardTempAndFeed(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		if _, err := louise.Client.Must("set", "", `<vCard xmlns="vcard-temp"><FN>Louise of Old</FN><DESC>Still on vcard-temp</DESC></vCard>`); err != nil {
			t.Fatal(err)
		}
		louise.Opens()
		louise.Starts()
		w.Until("the actor has the vCard's name", func() error {
			if a := bob.Gets(louise.Actor()); a["name"] != "Louise of Old" {
				return fmt.Errorf("name %v, summary %v", a["name"], a["summary"])
			}
			return nil
		})
		// XEP-0277 §3.2: item "0" of the node describes the blog, it is no post
		bob.Follows(louise.Handle())
		louise.PublishesItem(world.Microblog, "0", `<feed xmlns="http://www.w3.org/2005/Atom"><title>Tides and Times</title><subtitle>A diary</subtitle></feed>`)
		louise.Publishes("a real post")
		bob.Sees("Create", "a real post")
		for _, r := range w.FromGateway() {
			if a := r.Activity(); a["type"] == "Create" && strings.Contains(world.Flat(a), "Tides and Times") {
				t.Errorf("the feed's description went out as a post: %v", a)
			}
		}
	})
}
