package activitypub

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// choosy answers like a peer that takes one scheme alone, and says what came.
func choosy(t *testing.T, p *peer, path string, likes scheme, refusal int, k *Key) (at string, came *[]string) {
	t.Helper()
	came = &[]string{}
	return p.on(path, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		is, name := draft, "draft"
		if r.Header.Get("Signature-Input") != "" {
			is, name = message, "message"
		}
		*came = append(*came, name)
		// What our own verifier takes is looked at by others in e2e.
		if c, err := precheck(r, "https", body, time.Now()); err != nil || !c.matches(r, k.Private.Public()) {
			t.Errorf("%s: %v", name, err)
		}
		if is != likes {
			w.WriteHeader(refusal)
			return
		}
		w.Header().Set("Content-Type", typeActivity)
		if r.Method == http.MethodGet {
			io.WriteString(w, `{"type":"OrderedCollection"}`)
		}
	}), came
}

// TestSecondKnock: row S12. What the first signature is refused for is tried with
// the second, and what was taken is remembered for the host.
func TestSecondKnock(t *testing.T) {
	k := key(t, "alice", "https://ap.example.org/ap/actor/abc#main-key")
	for _, refusal := range []int{400, 401} {
		p, c := newPeer(t), newClient(t)
		inbox, posts := choosy(t, p, "/inbox", message, refusal, k)
		for range 2 {
			if err := c.Post(t.Context(), inbox, []byte(testBody), k); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "posts", strings.Join(*posts, " "), "draft message message")
		outbox, gets := choosy(t, p, "/outbox", message, refusal, k)
		if _, err := c.Get(t.Context(), outbox+"?page=1", k); err != nil {
			t.Fatal(err)
		}
		equal(t, "gets", strings.Join(*gets, " "), "message")
		// The peer's software changes back.
		inbox, posts = choosy(t, p, "/inbox", draft, refusal, k)
		for range 2 {
			if err := c.Post(t.Context(), inbox, []byte(testBody), k); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "posts after a change", strings.Join(*posts, " "), "message draft draft")
	}
}

// TestKnockRefused: what neither signature helps is told as it was refused first.
func TestKnockRefused(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	k := key(t, "alice", "https://ap.example.org/ap/actor/abc#main-key")
	n := 0
	inbox := p.on("/inbox", func(w http.ResponseWriter, r *http.Request) {
		n++
		w.WriteHeader(map[int]int{1: 400, 2: 401, 3: 403}[n])
	})
	var s *StatusError
	if err := c.Post(t.Context(), inbox, []byte(testBody), k); !asStatus(err, &s) || s.Code != 400 {
		t.Error(err)
	}
	if err := c.Post(t.Context(), inbox, []byte(testBody), k); !asStatus(err, &s) || s.Code != 403 {
		t.Error(err)
	}
	equal(t, "asked", n, 3) // a 403 is not about the signature
}

// Whose first signature was refused does not keep the place at the host that the
// second one needs: else as many at once would wait for each other.
func TestRefusedGiveTheirPlace(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	k := key(t, "alice", "https://ap.example.org/ap/actor/abc#main-key")
	var all sync.WaitGroup
	all.Add(readsAtOnce)
	at := p.on("/doc", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Signature-Input") != "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		all.Done()
		all.Wait() // each has a place
		w.WriteHeader(http.StatusUnauthorized)
	})
	answers := make(chan error, readsAtOnce)
	for range readsAtOnce {
		go func() {
			_, err := c.Get(t.Context(), at, k)
			answers <- err
		}()
	}
	for range readsAtOnce {
		if err := <-answers; !isStatus(err, http.StatusNotFound) {
			t.Error(err)
		}
	}
}
