package activitypub

import (
	"net/http/httptest"
	"testing"
	"time"
)

// BenchmarkActor is a GET of an actor with everything but the network.
func BenchmarkActor(b *testing.B) {
	s := newSite(b)
	r := httptest.NewRequest("GET", "/ap/actor/AbC123", nil)
	r.Header.Set("Accept", acceptObjects)
	b.ReportAllocs()
	for b.Loop() {
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// BenchmarkVerify is a POST to an inbox with a known key, up to the Handler.
func BenchmarkVerify(b *testing.B) {
	store := &keyShelf{}
	k := key(b, "alice", "https://peer.example/users/alice#main-key")
	store.SaveRemoteKey(b.Context(), RemoteKey{ID: k.ID, Owner: "https://peer.example/users/alice", PEM: k.PublicPEM()})
	v := &Verifier{Store: store}
	r := from(b, k, testBody, time.Now())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), r, []byte(testBody)); err != nil {
			b.Fatal(err)
		}
	}
}
