package activitypub

import "sync"

// maxRecent bounds every table whose keys peers choose.
const maxRecent = 20_000

// recent is a map that forgets: it holds the maxRecent/2 newest entries for
// sure and never more than maxRecent. Its zero value is ready; it is safe for
// concurrent use. Two generations cost less than a list and keep what is asked
// for often.
type recent[V any] struct {
	mu         sync.Mutex
	young, old map[string]V
}

func (r *recent[V]) get(key string) (v V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok = r.young[key]; ok {
		return v, true
	}
	if v, ok = r.old[key]; ok {
		r.add(key, v)
	}
	return v, ok
}

// ensure gives what is there, or what make makes.
func (r *recent[V]) ensure(key string, make func() V) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.young[key]
	if ok {
		return v
	}
	if v, ok = r.old[key]; !ok {
		v = make()
	}
	r.add(key, v)
	return v
}

func (r *recent[V]) put(key string, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(key, v)
}

func (r *recent[V]) forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.young, key)
	delete(r.old, key)
}

func (r *recent[V]) add(key string, v V) {
	if _, there := r.young[key]; !there && len(r.young) >= maxRecent/2 {
		r.old, r.young = r.young, nil
	}
	if r.young == nil {
		r.young = make(map[string]V)
	}
	r.young[key] = v
}
