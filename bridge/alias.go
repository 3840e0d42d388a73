package bridge

import (
	"sync"
	"time"
)

// aliases remembers for a while which actor another name of it leads to: a handle
// at the domain where its server is, for example. It is not stored.
type aliases struct {
	mu    sync.Mutex
	known map[string]alias
}

type alias struct {
	actor string
	until time.Time
}

const (
	aliasFor = time.Hour
	aliasMax = 10_000
)

func (a *aliases) get(handle string, now time.Time) (actor string, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	it, ok := a.known[handle]
	return it.actor, ok && now.Before(it.until)
}

func (a *aliases) put(handle, actor string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil || len(a.known) >= aliasMax {
		a.known = make(map[string]alias)
	}
	a.known[handle] = alias{actor, now.Add(aliasFor)}
}
