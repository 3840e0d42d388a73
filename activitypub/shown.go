package activitypub

import (
	"sync"
	"time"

	"isthmus/activitypub/vocab"
)

// How many documents wait for somebody who wants to know whose key it was, and for how
// long.
const (
	maxShown = 256
	shownFor = 10 * time.Second
)

// shown keeps the documents of actors that were read for their keys: who writes for the
// first time is looked at right after, and would be asked for the same again. Its zero
// value is ready; it is safe for concurrent use.
type shown struct {
	mu   sync.Mutex
	docs map[string]shownDoc
}

type shownDoc struct {
	doc   vocab.Doc
	until time.Time
}

func (s *shown) put(doc vocab.Doc, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.docs) >= maxShown {
		s.docs = nil // what was wanted is gone from it already
	}
	if s.docs == nil {
		s.docs = make(map[string]shownDoc)
	}
	s.docs[doc.ID()] = shownDoc{doc, now.Add(shownFor)}
}

func (s *shown) take(actor string, now time.Time) (vocab.Doc, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.docs[actor]
	delete(s.docs, actor)
	return d.doc, ok && now.Before(d.until)
}

// TakeActor gives, once, the document of an actor that was read less than ten seconds ago
// to verify a signature: at its own address, as Client.Get would.
func (v *Verifier) TakeActor(actor string) (vocab.Doc, bool) {
	return v.shown.take(actor, v.now())
}
