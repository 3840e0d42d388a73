//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
)

func TestBadRequestsAtTheInbox(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		inbox, actor := w.Inbox(louise.Actor()), louise.Actor()
		follow := func(id string) world.JSON {
			return world.JSON{"@context": "https://www.w3.org/ns/activitystreams", "id": "https://" + world.PeerHost + "/x/" + id, "type": "Follow", "actor": bob.ID, "object": actor}
		}
		cases := []struct {
			name string
			raw  world.JSON
			want []int
		}{
			{"unsigned", world.JSON{"sign": "none", "body": follow("1")}, []int{401}},
			{"wrong signature", world.JSON{"sign": "wrong", "body": follow("2")}, []int{401}},
			{"digest of another body", world.JSON{"digestOf": "other", "body": follow("3")}, []int{400, 401}},
			{"no digest", world.JSON{"headers": world.JSON{"digest": nil}, "covered": []string{"(request-target)", "host", "date"}, "body": follow("4")}, []int{400, 401}},
			{"only the date signed", world.JSON{"covered": []string{"date"}, "body": follow("5")}, []int{401}},
			{"a date of last week", world.JSON{"dateOffset": -7 * 86400, "body": follow("6")}, []int{401}},
			{"a date of next week", world.JSON{"dateOffset": 7 * 86400, "body": follow("7")}, []int{401}},
			{"somebody else's key", world.JSON{"keyId": "https://" + world.PeerHost + "/users/eve#main-key", "body": follow("8")}, []int{401, 403}},
			{"signed by eve in bob's name", world.JSON{"user": "eve", "body": follow("9")}, []int{401, 403}},
			{"not JSON", world.JSON{"body": "{"}, []int{400}},
			{"an array", world.JSON{"body": "[1,2]"}, []int{400}},
			{"two types for one key", world.JSON{"body": `{"type":"Follow","type":"Undo","id":"https://` + world.PeerHost + `/x/10","actor":"` + bob.ID + `","object":"` + actor + `"}`}, []int{400}},
			{"a tower of arrays", world.JSON{"body": `{"type":"Like","id":"https://` + world.PeerHost + `/x/11","actor":"` + bob.ID + `","object":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`}, []int{400}},
			{"two megabytes", world.JSON{"body": world.JSON{"id": "https://" + world.PeerHost + "/x/12", "type": "Like", "actor": bob.ID, "object": actor, "content": strings.Repeat("x", 2<<20)}}, []int{413}},
			{"a form", world.JSON{"headers": world.JSON{"content-type": "application/x-www-form-urlencoded"}, "body": "a=b"}, []int{415, 400, 406}},
		}
		for _, c := range cases {
			var answer struct {
				Status int
				Body   string
			}
			args := world.JSON{"user": bob.User, "url": inbox}
			for k, v := range c.raw {
				args[k] = v
			}
			if err := w.Peer.Call("raw", args, &answer); err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if !contains(c.want, answer.Status) {
				t.Errorf("%s: %d, want %v: %.200s", c.name, answer.Status, c.want, answer.Body)
			}
		}
		if err := followers(w, bob, louise, 0); err != nil {
			t.Error(err)
		}
		bob.Follows(louise.Handle()) // and nothing else was disturbed
		louise.Publishes("still here")
		bob.Sees("Create", "still here")
	})
}

func contains(list []int, n int) bool {
	for _, e := range list {
		if e == n {
			return true
		}
	}
	return false
}

func TestInboxOfNobody(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		resp, _ := w.Request("POST", w.Gateway.URL("/ap/actor/nobody/inbox"), "", "application/activity+json", "{}")
		if resp.StatusCode != 404 {
			t.Errorf("inbox of nobody: %d, want 404", resp.StatusCode)
		}
		resp, _ = w.Request("GET", w.Gateway.URL("/ap/inbox"), "", "", "")
		if resp.StatusCode != 405 {
			t.Errorf("GET of the inbox: %d, want 405", resp.StatusCode)
		}
	})
}

func TestOddEntriesDisturbNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		const atom = `<entry xmlns="http://www.w3.org/2005/Atom">`
		for i, payload := range []string{
			atom + `</entry>`,
			atom + `<title/><content type="xhtml"/><updated>yesterday</updated></entry>`,
			`<event xmlns="urn:example:calendar"><when/></event>`,
			atom + `<title>` + strings.Repeat("long ", 20000) + `</title></entry>`,
			atom + `<title>x</title><link href="javascript:alert(1)"/><link rel="enclosure" href="::::"/><link rel="replies"/><category/></entry>`,
			strings.Repeat(`<a xmlns="urn:example:deep">`, 60) + strings.Repeat(`</a>`, 60),
		} {
			louise.PublishesItem(world.Microblog, fmt.Sprintf("odd-%s-%d", louise.User, i), payload)
		}
		louise.Publishes("a plain post")
		bob.Sees("Create", "a plain post")
		for _, s := range w.Tap.Since(0, func(s world.Tapped) bool { return !s.ToGateway && s.Size > 256<<10 }) {
			t.Errorf("a stanza of %d bytes was sent", s.Size)
		}
	})
}

// Row S16 of the checklist: everybody tells everybody of deleted accounts. It is
// neither an error nor worth a request that can only fail.
func TestADeleteOfSomebodyUnknownIsAcceptedUnread(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		ghost := w.Fan("ghost")
		if err := w.Peer.Call("person", world.JSON{"user": ghost.User, "gone": true}, nil); err != nil {
			t.Fatal(err)
		}
		var answer struct{ Status int }
		err := w.Peer.Call("raw", world.JSON{"user": ghost.User, "url": w.Gateway.URL("/ap/inbox"), "body": world.JSON{
			"@context": "https://www.w3.org/ns/activitystreams", "id": ghost.ID + "#delete", "type": "Delete", "actor": ghost.ID, "object": ghost.ID,
		}}, &answer)
		if err != nil || answer.Status != 202 {
			t.Errorf("answered %d, %v", answer.Status, err)
		}
	})
}

// What one user sends must not cost anybody else the stream.
func TestPoisonStanzasDoNotEndTheStream(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		gw := w.Gateway.Component
		for _, xml := range []string{
			`<message to="` + gw + `"/>`,
			`<message to="` + gw + `" type="error" id="e1"/>`,
			`<iq to="` + gw + `" type="error" id="e2"/>`,
			`<iq to="` + gw + `" type="result" id="e3"/>`,
			`<iq to="` + gw + `" type="get" id="e4"><query xmlns="http://jabber.org/protocol/disco#info" node="☃"/></iq>`,
			`<iq to="` + gw + `" type="set" id="e5"><pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node="x"/></pubsub></iq>`,
			`<iq to="` + gw + `" type="set" id="e6"><command xmlns="http://jabber.org/protocol/commands" node="start" sessionid="nope" action="next"/></iq>`,
			`<iq to="` + gw + `" type="set" id="e7"><query xmlns="jabber:iq:register"><x xmlns="jabber:x:data" type="cancel"/></query></iq>`,
			`<presence to="♥@` + gw + `" type="subscribe"/>`,
			`<presence to="` + gw + `" type="probe"/>`,
			`<presence to="` + gw + `/☃"/>`,
			`<message to="a\20b@` + gw + `" type="chat"><body>x</body></message>`,
			`<message to="abc\40d@` + gw + `" type="chat"><body>x</body></message>`,
			`<message to="` + gw + `" type="chat"><body>` + strings.Repeat("status ", 20000) + `</body></message>`,
			`<message to="` + gw + `" type="headline"><event xmlns="http://jabber.org/protocol/pubsub#event"><items node="urn:xmpp:microblog:0"><item/></items></event></message>`,
			`<message to="` + gw + `" type="headline"><event xmlns="http://jabber.org/protocol/pubsub#event"/></message>`,
			`<message to="` + gw + `" type="chat"><body>start</body><encryption xmlns="urn:xmpp:eme:0" namespace="eu.siacs.conversations.axolotl"/></message>`,
		} {
			if err := louise.Client.Raw(xml); err != nil {
				t.Fatalf("%.80s: %v", xml, err)
			}
		}
		louise.Settled()
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("none the worse")
		bob.Sees("Create", "none the worse")
		shakes := w.Tap.Since(0, func(s world.Tapped) bool { return s.ToGateway && s.Name == "handshake" })
		if len(shakes) != 1 {
			t.Errorf("the gateway connected %d times", len(shakes))
		}
	})
}
