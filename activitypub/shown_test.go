package activitypub

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// The document that a key was found in is there for who asks next, once and not for long;
// of a key that stands alone it is the owner's.
func TestTakeActor(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	alice := key(t, "alice", "")
	pem := alice.PublicPEM()
	for _, name := range []string{"anna", "bert", "cleo"} {
		p.put("/"+name, fmt.Sprintf(`{"id":"$BASE/%s","type":"Person","inbox":"$BASE/inbox","publicKey":{"id":"$BASE/%s#main-key","owner":"$BASE/%s","publicKeyPem":%q}}`, name, name, name, pem))
	}
	p.put("/dora", fmt.Sprintf(`{"id":"$BASE/dora","type":"Person","inbox":"$BASE/inbox","publicKey":{"id":"$BASE/dora/key","owner":"$BASE/dora","publicKeyPem":%q}}`, pem))
	p.put("/dora/key", fmt.Sprintf(`{"id":"$BASE/dora/key","owner":"$BASE/dora","publicKeyPem":%q}`, pem))
	v, clk := newVerifier(t, &keyShelf{})
	for _, id := range []string{"/anna#main-key", "/bert#main-key", "/dora/key"} {
		if _, err := v.fetch(context.Background(), p.URL+id); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"/anna", "/dora"} {
		if doc, ok := v.TakeActor(p.URL + name); !ok || doc.ID() != p.URL+name || doc.Str("inbox") != p.URL+"/inbox" {
			t.Errorf("%s: %v %v", name, doc, ok)
		}
		if _, ok := v.TakeActor(p.URL + name); ok {
			t.Errorf("%s is there twice", name)
		}
	}
	clk.add(shownFor + time.Millisecond)
	for _, name := range []string{"/bert", "/cleo"} {
		if doc, ok := v.TakeActor(p.URL + name); ok {
			t.Errorf("%s is still there: %v", name, doc)
		}
	}
	for i := range 3 * maxShown {
		doc, _ := v.TakeActor("none")
		if doc == nil {
			doc = map[string]any{"id": fmt.Sprint(i)}
		}
		v.shown.put(doc, clk.Now())
	}
	if n := len(v.shown.docs); n > maxShown {
		t.Errorf("%d documents wait", n)
	}
}
