//go:build e2e

package peer

import (
	"fmt"
	"testing"
)

// An outbox lists what its owner published, the newest first, in pages, and nothing
// that is not for everybody; a post lists what answers it.
func TestAnOutboxIsReadFromOutside(t *testing.T) {
	_, here, there := pair(t)
	if err := here.Call("fill", map[string]any{"user": "ada", "count": 45, "text": "old"}, nil); err != nil {
		t.Fatal(err)
	}
	post := writes(t, here, map[string]any{"user": "ada", "text": "new"})
	writes(t, here, map[string]any{"user": "ada", "text": "among us", "visibility": "followers"})
	answer := writes(t, here, map[string]any{"user": "bob", "text": "I agree", "inReplyTo": post.ID})
	boost := asks(t, here, "boost", map[string]any{"user": "ada", "object": answer.ID})
	get := func(url string) map[string]any {
		var doc map[string]any
		if err := there.Call("get", map[string]any{"user": "carol", "url": url}, &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	outbox := get("https://here.test/users/ada/outbox")
	if n := fmt.Sprint(outbox["totalItems"]); n != "47" {
		t.Errorf("%s items in all", n)
	}
	var texts []string
	pages := 0
	for next := outbox["first"]; next != nil; pages++ {
		page := get(fmt.Sprint(next))
		list, _ := page["orderedItems"].([]any)
		for _, item := range list {
			a, _ := item.(map[string]any)
			o, _ := a["object"].(map[string]any)
			texts = append(texts, fmt.Sprint(a["type"], " ", o["content"]))
			if a["type"] == "Announce" && a["id"] != boost {
				t.Errorf("boost %v", a)
			}
		}
		next = page["next"]
	}
	if len(texts) != 47 || pages != 3 || texts[1] != "Create <p>new</p>" || texts[2] != "Create <p>old 45</p>" || texts[46] != "Create <p>old 1</p>" {
		t.Errorf("%d pages: %q", pages, texts)
	}
	replies := get(post.ID + "/replies")
	first, _ := replies["first"].(map[string]any)
	if got := fmt.Sprint(first["items"]); got != fmt.Sprint([]any{answer.ID}) && got != answer.ID {
		t.Errorf("replies %v", replies)
	}
}

// A person who decides by hand is followed once they said so.
func TestFollowersAreAcceptedByHand(t *testing.T) {
	_, here, there := pair(t)
	call := func(p *Peer, name string, args map[string]any, out any) {
		t.Helper()
		if err := p.Call(name, args, out); err != nil {
			t.Fatal(err)
		}
	}
	var ada struct{ Followers []string }
	call(here, "person", map[string]any{"user": "ada", "manual": true}, nil)
	mark, err := here.Mark()
	if err != nil {
		t.Fatal(err)
	}
	asks(t, there, "follow", map[string]any{"user": "bob", "what": "@ada@here.test"})
	if _, err := here.Wait(30e9, mark, func(r Received) bool { return r.Activity()["type"] == "Follow" && r.Verified }); err != nil {
		t.Fatal(err)
	}
	if call(here, "person", map[string]any{"user": "ada"}, &ada); len(ada.Followers) != 0 {
		t.Errorf("followers before the word: %v", ada.Followers)
	}
	call(here, "decide", map[string]any{"user": "ada", "follower": "https://there.test/users/bob", "accept": true}, nil)
	if call(here, "person", map[string]any{"user": "ada"}, &ada); len(ada.Followers) != 1 {
		t.Errorf("followers after it: %v", ada.Followers)
	}
	var bob struct{ Following []string }
	if call(there, "person", map[string]any{"user": "bob"}, &bob); len(bob.Following) != 1 {
		t.Errorf("bob follows %v", bob.Following)
	}
}
