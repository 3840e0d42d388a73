package component

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// What one sender does keeps its order beside the lanes, and its questions do not
// wait for it.
func TestAsideOrder(t *testing.T) {
	var a aside
	var mu sync.Mutex
	var did []int
	release, asked := make(chan struct{}), make(chan struct{})
	for i := range 20 {
		if !a.offer("alice@example.org", 1, false, func() {
			<-release
			mu.Lock()
			defer mu.Unlock()
			did = append(did, i)
		}) {
			t.Fatalf("%d refused", i)
		}
	}
	if !a.offer("alice@example.org", 1, true, func() { close(asked) }) {
		t.Fatal("the question is refused")
	}
	<-asked
	close(release)
	a.wait()
	if len(did) != 20 || !slices.IsSorted(did) {
		t.Errorf("done in the order %v", did)
	}
	if a.bytes != 0 || len(a.senders) != 0 {
		t.Errorf("left: %d bytes, %d senders", a.bytes, len(a.senders))
	}
}

// One sender who has too much waiting is refused, and nobody else is.
func TestAsideFull(t *testing.T) {
	var a aside
	release := make(chan struct{})
	wait := func() { <-release }
	taken := 0
	for a.offer("flood@example.org", 1, taken%2 == 0, wait) {
		taken++
	}
	if taken != asideDepth {
		t.Errorf("%d taken, want %d", taken, asideDepth)
	}
	if !a.offer("alice@example.org", 1, true, wait) {
		t.Error("another sender is refused")
	}
	if a.offer("bob@example.org", asideBytes, true, wait) {
		t.Error("more than there is room for was taken")
	}
	for i := 0; a.total < asideTotal; i++ {
		a.offer(fmt.Sprint(i), 1, true, wait)
	}
	if a.offer("dave@example.org", 1, true, wait) {
		t.Error("more than may wait were taken")
	}
	close(release)
	a.wait()
	if a.total != 0 {
		t.Errorf("%d left", a.total)
	}
	if !a.offer("flood@example.org", 1, true, func() {}) {
		t.Error("still refused when all is done")
	}
	a.wait()
}

// A host that does not answer one user's question stops neither that user's other
// questions nor anybody in the same lane.
func TestSlowHostStopsNobody(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.chat = func(ctx context.Context, m Message) error {
			if m.Body == "find tar" {
				select {
				case <-release:
				case <-ctx.Done():
				}
			}
			return nil
		}
	})
	s.Send(`<message type='chat' from='slow@example.org/x' to='ap.example.org'><body>find tar</body></message>`)
	h.expect(t, "chat slow@example.org/x: find tar")
	// As many senders as there are lanes, so that one shares that of the slow one.
	for i := range 4 * laneCount {
		s.Send(fmt.Sprintf(`<message type='chat' from='u%d@example.org/x' to='ap.example.org'><body>hi</body></message>`, i))
	}
	deadline := time.After(20 * time.Second)
	for range 4 * laneCount {
		select {
		case <-h.calls:
		case <-deadline:
			t.Fatal("others wait for the slow one")
		}
	}
}
