//go:build e2e

package peer

import "testing"

func TestTwoFedifyServersUnderstandEachOther(t *testing.T) {
	_, here, there := pair(t)

	var found struct {
		Type string
		JSON map[string]any
	}
	if err := here.Call("lookup", map[string]any{"what": "@bob@there.test"}, &found); err != nil {
		t.Fatal(err)
	}
	if found.Type != "Person" || found.JSON["id"] != "https://there.test/users/bob" {
		t.Errorf("bob is %+v", found)
	}
	var id string
	if err := here.Call("follow", map[string]any{"user": "alice", "what": "@bob@there.test"}, &id); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Wait(20e9, 0, func(r Received) bool { return r.Activity()["type"] == "Accept" && r.Verified }); err != nil {
		t.Error(err)
	}
	var alice struct{ Following []string }
	if err := here.Call("person", map[string]any{"user": "alice"}, &alice); err != nil || len(alice.Following) != 1 {
		t.Errorf("alice: %+v %v", alice, err)
	}

	raw := func(sign string) int {
		var answer struct{ Status int }
		err := here.Call("raw", map[string]any{
			"user": "alice", "url": "https://there.test/users/bob/inbox", "sign": sign,
			"body": map[string]any{
				"@context": "https://www.w3.org/ns/activitystreams", "id": "https://here.test/likes/" + sign, "type": "Like",
				"actor": "https://here.test/users/alice", "object": "https://there.test/users/bob",
			},
		}, &answer)
		if err != nil {
			t.Error(err)
		}
		return answer.Status
	}
	for sign, want := range map[string]int{"right": 202, "wrong": 401, "none": 401} {
		if got := raw(sign); got != want {
			t.Errorf("signature %s: %d, want %d", sign, got, want)
		}
	}

	if err := there.Call("fault", map[string]any{"path": "/users/bob/inbox", "status": 500, "times": 1}, nil); err != nil {
		t.Fatal(err)
	}
	if got := raw("right"); got != 500 {
		t.Errorf("asked to fail: %d", got)
	}
	if got := raw("right"); got != 202 {
		t.Errorf("after failing once: %d", got)
	}
}
