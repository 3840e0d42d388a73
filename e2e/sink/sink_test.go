package sink

import (
	"errors"
	"strings"
	"testing"

	"isthmus/e2e/netlab"
)

// twoZones are two sinks that can follow each other.
func twoZones(t *testing.T) (a, b *Sink) {
	t.Helper()
	lab, err := netlab.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lab.Close)
	if a, err = New(lab, "a.test"); err != nil {
		t.Fatal(err)
	}
	if b, err = New(lab, "b.test"); err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestFollowArrivesVerified(t *testing.T) {
	a, b := twoZones(t)
	target := b.Actor("h1", "bob")
	id, err := a.Follow("h9", "alice", target, "https://h1.b.test/inbox")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Unfollow("h9", "alice", target, target+"/inbox", id); err != nil {
		t.Fatal(err)
	}
	got := b.Received(nil)
	if len(got) != 2 {
		t.Fatalf("%d deliveries", len(got))
	}
	if d := got[0]; d.Bad != nil || d.Type() != "Follow" || d.Path != "/inbox" || d.Host != "h1.b.test" || d.ID() != id {
		t.Errorf("follow: %+v", d)
	}
	if d := got[1]; d.Bad != nil || d.Type() != "Undo" || d.Path != "/users/bob/inbox" {
		t.Errorf("undo: %+v", d)
	}
}

func TestForgedRequestsAreToldApart(t *testing.T) {
	a, b := twoZones(t)
	activity := map[string]any{"id": "https://h9.a.test/1", "type": "Like"}
	a.key = b.key // what a.test publishes now is not what is fetched below
	if err := a.Post("h9", "alice", "https://h1.b.test/inbox", activity); err != nil {
		t.Fatal(err)
	}
	other, _ := twoZones(t)
	a.key = other.key // b.test has cached the key above
	err := a.Post("h9", "alice", "https://h1.b.test/inbox", activity)
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "401") {
		t.Errorf("a forged request: %v", err)
	}
	got := b.Received(func(d Delivery) bool { return d.Bad != nil })
	if len(got) != 1 || !errors.Is(got[0].Bad, ErrSignature) {
		t.Errorf("recorded %+v", got)
	}
}

func TestFaultsAreGivenAsOftenAsAsked(t *testing.T) {
	a, b := twoZones(t)
	b.Fail(Fault{Host: "h1.b.test", Status: 429, Times: 2, RetryAfter: "7"})
	var codes []string
	for range 3 {
		err := a.Post("h9", "alice", "https://h1.b.test/inbox", map[string]any{"id": "https://h9.a.test/1", "type": "Like"})
		if err == nil {
			codes = append(codes, "ok")
		} else if strings.Contains(err.Error(), "429") {
			codes = append(codes, "429")
		}
	}
	if strings.Join(codes, " ") != "429 429 ok" {
		t.Errorf("answers: %v", codes)
	}
	b.Fail(Fault{}) // cut
	if err := a.Post("h9", "alice", "https://h2.b.test/inbox", map[string]any{"id": "x"}); err == nil {
		t.Error("a cut connection went unnoticed")
	}
	b.Heal()
	if err := a.Post("h9", "alice", "https://h2.b.test/inbox", map[string]any{"id": "x"}); err != nil {
		t.Error(err)
	}
}
