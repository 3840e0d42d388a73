package component

import (
	"strings"
	"sync"
	"time"
)

const (
	sessionTTL  = 20 * time.Minute // without a step
	sessionCap  = 1000             // all together
	sessionsOne = 8                // of one bare JID
)

// sessions holds the open ad-hoc commands. A session belongs to the full JID
// that opened it; to anybody else it does not exist. When there are too many,
// the one that was idle longest gives way: of the same account first, so that
// nobody can crowd out others with one account.
type sessions struct {
	now func() time.Time

	mu   sync.Mutex
	byID map[string]*session
}

type session struct {
	owner, node string
	actions     []string // allowed next, first the default
	used        time.Time
}

type sessionState int

const (
	sessionUnknown sessionState = iota
	sessionExpired
	sessionOpen
)

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, byID: make(map[string]*session)}
}

// open starts a session and returns its id. Expired ones are swept here, so
// that until then their owners can be told.
func (s *sessions) open(owner, node string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	account, _, _ := strings.Cut(owner, "/")
	mine, all := idlest{}, idlest{}
	for id, o := range s.byID {
		if now.Sub(o.used) > sessionTTL {
			delete(s.byID, id)
			continue
		}
		all.look(id, o)
		if bare, _, _ := strings.Cut(o.owner, "/"); bare == account {
			mine.look(id, o)
		}
	}
	if mine.n >= sessionsOne {
		delete(s.byID, mine.id)
	} else if all.n >= sessionCap {
		delete(s.byID, all.id)
	}
	id := newID()
	s.byID[id] = &session{owner: owner, node: node, actions: []string{"complete"}, used: now}
	return id
}

// idlest finds the session nobody has used for the longest time.
type idlest struct {
	n    int
	id   string
	used time.Time
}

func (i *idlest) look(id string, o *session) {
	i.n++
	if i.id == "" || o.used.Before(i.used) {
		i.id, i.used = id, o.used
	}
}

// find looks a session up for its owner and returns what may be done next.
func (s *sessions) find(id, owner, node string) ([]string, sessionState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.byID[id]
	switch {
	case o == nil || o.owner != owner || o.node != node:
		return nil, sessionUnknown
	case s.now().Sub(o.used) > sessionTTL:
		delete(s.byID, id)
		return nil, sessionExpired
	}
	o.used = s.now()
	return o.actions, sessionOpen
}

// allow sets what may be done next.
func (s *sessions) allow(id string, actions []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.byID[id]; o != nil {
		o.actions, o.used = actions, s.now()
	}
}

// end forgets a session.
func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}
