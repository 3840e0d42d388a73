//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppclient"
)

// Somebody who has neither blog nor follows chats with a Fediverse account, with
// all that clients and servers do to messages.
func TestAChatWithTheFediverse(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		mark := louise.Client.Mark()
		louise.Chats(bob, "Hello *Bob*, see https://example.org/", world.WantsReceipt)
		note := bob.SeesObject("Create", "see ")
		id := fmt.Sprint(note["id"])
		if content := fmt.Sprint(note["content"]); !strings.Contains(content, "<strong>Bob</strong>") || !strings.Contains(content, "@"+bob.Handle()) || !strings.Contains(content, `href="https://example.org/"`) {
			t.Errorf("content %s", content)
		}
		if to := world.Flat(note["to"]); to != bob.ID+"\n" || note["cc"] != nil || !strings.Contains(world.Flat(note["tag"]), bob.ID) {
			t.Errorf("to %q cc %v tag %v", to, note["cc"], note["tag"])
		}
		louise.Got(bob, mark, "a receipt", func(e *xmppclient.Element) bool { return world.Has(e, "received") })
		louise.Hears(mark, "not end-to-end encrypted")
		for _, accept := range []string{"text/html", "application/activity+json"} {
			if status, body := w.Fetch(id, accept); status != 404 || strings.Contains(body, "Hello") {
				t.Errorf("strangers get %d", status)
			}
		}

		answer := bob.Writes(world.Note{Text: "Hello Louise", InReplyTo: id, Mentions: []string{louise.Handle()}, Visibility: "direct"})
		got := louise.Got(bob, mark, "the answer", func(e *xmppclient.Element) bool { return e.Value("body") == "Hello Louise" })
		next := louise.Chats(bob, "What about tea?")
		if o := bob.SeesObject("Create", "What about tea?"); o["inReplyTo"] != answer.ID {
			t.Errorf("the next message answers %v", o["inReplyTo"])
		}
		louise.Chats(bob, "What about coffee?", world.Replacing(next))
		tea := bob.SeesObject("Update", "What about coffee?")
		bob.Sends(louise.Handle(), world.JSON{"id": bob.URL("/reactions/" + louise.User), "type": "Like", "object": tea["id"], "content": "🍵"}) // Fedify likes what it can look up
		louise.Got(bob, mark, "a reaction", func(e *xmppclient.Element) bool {
			return world.Has(e, "reactions") && strings.Contains(world.Whole(e), "🍵") && strings.Contains(world.Whole(e), next)
		})
		louise.Chats(bob, "", world.Reacting(got.Attr["id"], "❤️"))
		like := bob.Sees("Like", answer.ID)
		louise.Chats(bob, "", world.Reacting(got.Attr["id"]))
		bob.Sees("Undo", fmt.Sprint(like["id"]))
		louise.Chats(bob, "taken back", world.Retracting(next))
		bob.Sees("Delete", fmt.Sprint(tea["id"]))

		bob.Edits(answer.ID, "Hello dear Louise")
		louise.Got(bob, mark, "a correction", func(e *xmppclient.Element) bool {
			return e.Value("body") == "Hello dear Louise" && world.Has(e, "replace") && strings.Contains(world.Whole(e), got.Attr["id"])
		})
		bob.Deletes(answer.ID)
		louise.Got(bob, mark, "a retraction", func(e *xmppclient.Element) bool {
			return world.Has(e, "retract") && strings.Contains(world.Whole(e), got.Attr["id"])
		})

		louise.Chats(bob, "https://files.example/tea.png", world.Sharing("https://files.example/tea.png", "A cup of tea"))
		if file := world.Flat(bob.SeesObject("Create", "files.example/tea.png")["attachment"]); !strings.Contains(file, "A cup of tea") || !strings.Contains(file, "image/png") {
			t.Errorf("attachment %q", file)
		}
		bob.Writes(world.Note{Text: "mine", Mentions: []string{louise.Handle()}, Visibility: "direct", More: world.JSON{
			"summary": "hot", "sensitive": true, "attachment": []any{world.JSON{"type": "Document", "mediaType": "image/png", "url": bob.URL("/media/bee.png"), "name": "A bee in a cup"}}}})
		louise.Got(bob, mark, "a warning", func(e *xmppclient.Element) bool { return e.Value("body") == "⚠ hot\n\nmine" })
		louise.Got(bob, mark, "a picture", func(e *xmppclient.Element) bool {
			return e.Value("body") == bob.URL("/media/bee.png") && world.Has(e, "file-sharing") && strings.Contains(world.Whole(e), "A bee in a cup")
		})
		if n := louise.Messages(bob, "Hello Louise"); n != 1 {
			t.Errorf("the answer came %d times", n)
		}
	})
}

// What cannot be delivered comes back with a sentence, and nothing that is
// encrypted goes anywhere.
func TestMessagesThatCannotBeDelivered(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		for id, want := range map[string]string{
			louise.ChatsTo(`nobody\40`+world.PeerHost+"@"+w.Gateway.Component, "Anybody there?"): "item-not-found",
			louise.ChatsTo("just-a-word@"+w.Gateway.Component, "Anybody there?"):                 "item-not-found",
			louise.Chats(bob, "I sent you an OMEMO encrypted message", world.OMEMO):              "not-acceptable",
			louise.Chats(bob, "", world.OMEMO2):                                                  "not-acceptable",
			louise.Chats(bob, "?OTR:AAIDAAAAAAMAAAAB"):                                           "not-acceptable",
			louise.Chats(bob, "", world.Retracting("never-sent")):                                "item-not-found",
		} {
			if condition, text := louise.Bounced(id); condition != want || text == "" {
				t.Errorf("%s comes back as %s with %q, want %s", id, condition, text, want)
			}
		}
		carol := w.FanAt(world.SecondHost, "carol")
		for status, want := range map[int]string{403: "forbidden", 410: "item-not-found", 413: "policy-violation"} {
			carol.Fails(world.JSON{"path": "/users/" + carol.User + "/inbox", "status": status, "times": 1})
			id := louise.Chats(carol, fmt.Sprint("refused with ", status), world.WantsReceipt)
			if condition, text := louise.Bounced(id); condition != want || !strings.Contains(text, world.SecondHost) {
				t.Errorf("%d comes back as %s with %q, want %s", status, condition, text, want)
			}
		}
		louise.Chats(bob, "", `<composing xmlns="http://jabber.org/protocol/chatstates"/>`)
		louise.Chats(bob, "", `<displayed xmlns="urn:xmpp:chat-markers:0" id="x"/>`)
		louise.Chats(bob, "and now in plain words")
		bob.SeesObject("Create", "and now in plain words")
		bob.SawNothing("OMEMO")
		bob.SawNothing("OTR")
		if n := bob.GotPosts("Create", ""); n != 1 {
			t.Errorf("%d notes arrived, want one", n)
		}
	})
}

// Strangers get one message through; several people here get one each.
func TestStrangersWrite(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, paul, bob := w.Person("louise"), w.Person("paul"), w.Fan("bob")
		mark := louise.Client.Mark()
		louise.Opens()
		louise.Starts()
		paul.FollowsFan(bob)
		bob.Whispers("to both of you", louise, paul)
		for who, other := range map[*world.Person]*world.Person{louise: paul, paul: louise} {
			if text := who.GetsMessage(bob, "to both of you"); !strings.Contains(text, "(Also to @"+other.Handle()+")") {
				t.Errorf("%s reads %q", who.User, text)
			}
		}
		louise.Hears(mark, "whom you do not follow, wrote to you for the first time")
		bob.Whispers("buy something", louise)
		bob.Whispers("are you there, Paul?", paul)
		paul.GetsMessage(bob, "are you there, Paul?")
		bob.Settled(louise)
		louise.Hears(0, bob.Handle()+") follows you now") // to be settled with her
		if n := louise.Messages(bob, "buy something"); n != 0 {
			t.Error("the second message of a stranger came through")
		}
		if answer := louise.Says("accept @" + bob.Handle()); !strings.Contains(answer, "can write to you now") {
			t.Errorf("accept is answered with %q", answer)
		}
		louise.GetsMessage(bob, "buy something")
	})
}
