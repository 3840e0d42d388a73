//go:build e2e

package peer

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"isthmus/e2e/netlab"
)

// pair is two servers; each knows the other only by HTTPS.
func pair(t *testing.T) (lab *netlab.Lab, here, there *Peer) {
	t.Helper()
	lab, err := netlab.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lab.Close)
	start := func(host string) *Peer {
		p, err := Start(lab, host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("%s:\n%s", host, p.Log())
			}
			p.Close()
		})
		return p
	}
	return lab, start("here.test"), start("there.test")
}

// asks makes a control call whose answer is one string.
func asks(t *testing.T, p *Peer, call string, args map[string]any) string {
	t.Helper()
	var out string
	if err := p.Call(call, args, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

type written struct{ ID, Activity string }

func writes(t *testing.T, p *Peer, args map[string]any) written {
	t.Helper()
	var out written
	if err := p.Call("write", args, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAConversationBetweenTwoServers(t *testing.T) {
	lab, here, there := pair(t)
	got := func(p *Peer, mark int, typ, text string) Received {
		t.Helper()
		r, err := p.Wait(20e9, mark, func(r Received) bool {
			return r.Verified && r.Activity()["type"] == typ && strings.Contains(r.Body, text)
		})
		if err != nil {
			t.Fatalf("%s waits for %s %q: %v", p.Host, typ, text, err)
		}
		return r
	}
	served := func(url string) (int, string) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "application/activity+json")
		resp, err := lab.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body := make([]byte, 1<<16)
		n, _ := resp.Body.Read(body)
		return resp.StatusCode, string(body[:n])
	}

	post := writes(t, there, map[string]any{"user": "alice", "text": "the tide is <high>"})
	if code, body := served(post.ID); code != 200 || !strings.Contains(body, "&#60;high&#62;") {
		t.Errorf("the note is served as %d %s", code, body)
	}
	reply := writes(t, here, map[string]any{"user": "bob", "text": "so it is", "inReplyTo": post.ID})
	create := got(there, 0, "Create", "so it is")
	if create.Path != "/inbox" {
		t.Errorf("the reply came to %s, want the shared inbox", create.Path)
	}
	note := create.Activity()["object"].(map[string]any)
	if note["id"] != reply.ID || note["inReplyTo"] != post.ID || note["attributedTo"] != "https://here.test/users/bob" {
		t.Errorf("the reply is %v", note)
	}
	if s := fmt.Sprint(note["tag"]); !strings.Contains(s, "@alice@there.test") || !strings.Contains(s, "https://there.test/users/alice") {
		t.Errorf("the reply's tags are %s, want a Mention of alice", s)
	}
	if create.Activity()["signature"] == nil || create.Activity()["proof"] == nil {
		t.Errorf("the reply carries no proof that would outlive forwarding: %v", create.Body)
	}

	asks(t, here, "edit", map[string]any{"user": "bob", "id": reply.ID, "text": "so it was"})
	update := got(there, create.N, "Update", "so it was").Activity()["object"].(map[string]any)
	if update["id"] != reply.ID || update["published"] != note["published"] || update["updated"] == nil || update["updated"] == note["published"] {
		t.Errorf("the edit is %v, the note was %v", update, note)
	}
	if _, body := served(reply.ID); !strings.Contains(body, "so it was") {
		t.Errorf("after the edit the note is served as %s", body)
	}

	for call, typ := range map[string]string{"like": "Like", "react": "EmojiReact", "boost": "Announce"} {
		id := asks(t, here, call, map[string]any{"user": "bob", "object": post.ID, "content": "🎉"})
		if o := got(there, create.N, typ, id).Activity()["object"]; o != post.ID {
			t.Errorf("%s is of %v, want %s", typ, o, post.ID)
		}
		undo := asks(t, here, "undo", map[string]any{"user": "bob", "activity": id})
		if inner, _ := got(there, create.N, "Undo", undo).Activity()["object"].(map[string]any); inner["id"] != id || inner["type"] != typ {
			t.Errorf("the Undo of %s holds %v", typ, inner)
		}
	}

	request := asks(t, here, "quote", map[string]any{"user": "bob", "object": post.ID, "by": reply.ID})
	if q := got(there, create.N, "QuoteRequest", request).Activity(); q["object"] != post.ID || q["instrument"] != reply.ID {
		t.Errorf("the quote request is %v", q)
	}

	asks(t, here, "remove", map[string]any{"user": "bob", "id": reply.ID})
	if o, _ := got(there, create.N, "Delete", reply.ID).Activity()["object"].(map[string]any); o["type"] != "Tombstone" || o["id"] != reply.ID {
		t.Errorf("the Delete is of %v", o)
	}
	if code, body := served(reply.ID); code != 410 || !strings.Contains(body, "Tombstone") {
		t.Errorf("a deleted note is served as %d %s", code, body)
	}
}

func TestActivitiesTravelAsTold(t *testing.T) {
	_, here, there := pair(t)
	count := func(activity string) map[string]int {
		t.Helper()
		all, err := there.Since(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		n := map[string]int{}
		for _, r := range all {
			if r.Verified && r.Activity()["id"] == activity {
				n[r.Path]++
			}
		}
		return n
	}
	mention := func(more map[string]any) written {
		args := map[string]any{"user": "bob", "text": "hello", "mentions": []string{"@alice@there.test"}}
		for k, v := range more {
			args[k] = v
		}
		return writes(t, here, args)
	}
	thrice := mention(map[string]any{"via": "both", "times": 3})
	if n := count(thrice.Activity); n["/inbox"] != 3 || n["/users/alice/inbox"] != 3 {
		t.Errorf("three times by both inboxes came as %v", n)
	}
	held := mention(map[string]any{"held": true, "visibility": "direct"})
	if n := count(held.Activity); len(n) != 0 {
		t.Errorf("what is held back came as %v", n)
	}
	asks(t, here, "again", map[string]any{"user": "bob", "activity": held.Activity, "via": "personal"})
	if n := count(held.Activity); n["/users/alice/inbox"] != 1 || len(n) != 1 {
		t.Errorf("what was held back came as %v", n)
	}
	if err := here.Call("again", map[string]any{"user": "eve", "activity": held.Activity}, nil); err == nil {
		t.Error("eve sent again what bob did")
	}

	if err := here.Call("follow", map[string]any{"user": "carol", "what": "@alice@there.test"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Wait(20e9, 0, func(r Received) bool { return r.Activity()["type"] == "Accept" && r.Verified }); err != nil {
		t.Fatal(err)
	}
	post := writes(t, there, map[string]any{"user": "alice", "text": "to my followers"})
	if _, err := here.Wait(20e9, 0, func(r Received) bool { return r.Verified && r.Activity()["id"] == post.Activity }); err != nil {
		t.Error(err)
	}
}
