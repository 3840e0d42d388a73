package activitypub

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestPost(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	k := key(t, "alice", "https://ap.example.org/ap/actor/abc#main-key")
	got := make(chan string, 1)
	at := p.on("/inbox", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := Verify(r, body, &k.Private.PublicKey); err != nil {
			t.Error(err)
		}
		got <- string(body)
		w.WriteHeader(http.StatusAccepted)
	})
	if err := c.Post(t.Context(), at, []byte(testBody), k); err != nil {
		t.Fatal(err)
	}
	equal(t, "body", <-got, testBody)
	r := p.request(0)
	// rows S1, O35
	equal(t, "Content-Type", r.Header.Get("Content-Type"), "application/activity+json")
	equal(t, "User-Agent", r.Header.Get("User-Agent"), "Isthmus/test (+https://ap.example.org/)")
	equal(t, "Digest", r.Header.Get("Digest"), digestOf(testBody))
	equal(t, "Idempotency-Key is only for net/http", len(r.Header.Values("Idempotency-Key")), 0)
	h, err := parseSignature(r.Header.Get("Signature"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "keyId", h.keyID, k.ID)
	equal(t, "signed", strings.Join(h.signed, " "), "(request-target) host date digest content-type")
}

// TestPostStatus: what is success, what is final (row O32).
func TestPostStatus(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	k := key(t, "alice", "https://ap.example.org/ap/actor/abc#main-key")
	for status, want := range map[int]string{
		200: "ok", 201: "ok", 202: "ok", 204: "ok",
		301: "again", 302: "again", 307: "again", 308: "again",
		400: "final", 401: "again", 403: "final", 404: "gone", 405: "final", 406: "final", 408: "again", 410: "gone", 413: "final",
		415: "final", 418: "final", 422: "final", 429: "again",
		500: "again", 501: "final", 502: "again", 503: "again", 504: "again", 599: "again",
	} {
		at := p.on("/inbox", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", p.URL+"/elsewhere")
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(status)
		})
		err := c.Post(t.Context(), at, []byte(testBody), k)
		got := "again"
		switch {
		case err == nil:
			got = "ok"
		case Gone(err) && Final(err):
			got = "gone"
		case Final(err):
			got = "final"
		}
		equal(t, fmt.Sprint(status), got, want)
		var s *StatusError
		if err != nil && (!asStatus(err, &s) || s.Code != status || s.RetryAfter != 2*time.Minute) {
			t.Errorf("%d: %#v", status, err)
		}
	}
	for _, r := range p.requests() {
		equal(t, "a POST follows nothing", r, "POST /inbox")
	}
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	err = c.Post(t.Context(), "https://"+dead.Addr().String()+"/inbox", []byte(testBody), k)
	equal(t, "refused connection is not final", err != nil && !Final(err) && !Gone(err), true)
}

func asStatus(err error, s **StatusError) bool {
	e, ok := err.(*StatusError)
	*s = e
	return ok
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, "Fri, 20 Nov 2026 12:05:00 GMT": 5 * time.Minute, "Fri, 20 Nov 2026 11:00:00 GMT": 0,
		"-5": 0, "soon": 0, "1e9": 0, "99999999": maxRetryAfter, "99999999999999999999": 0,
	} {
		equal(t, fmt.Sprintf("%q", s), retryAfter(s, now), want)
	}
}

// TestPostKeptConnection: a peer that closes an idle connection just as we write
// costs no delivery.
func TestPostKeptConnection(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	k := key(t, "alice", "https://ap.example.org/ap/actor/abc#main-key")
	var n atomic.Int32
	at := p.on("/inbox", func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 2 { // the second on a kept connection: hang up without an answer
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	for range 2 {
		if err := c.Post(t.Context(), at, []byte(testBody), k); err != nil {
			t.Error(err)
		}
	}
	equal(t, "requests", n.Load(), 3)
}
