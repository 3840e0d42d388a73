package activitypub

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"time"
)

// What is kept of answers. A post that is boosted is asked for by every server at once.
const (
	maxAnswer  = 64 << 10 // bytes of one; a larger one is made anew each time
	maxAnswers = 16 << 20 // bytes of half of them
	answerLife = time.Second
)

// answers keeps what was answered to GETs, ready to be sent again while nothing that it
// was made from has changed: as long as ServerConfig.Changes says the same number, and
// for at most a second, as other processes change things, too.
type answers struct {
	changes func() uint64

	mu         sync.RWMutex
	size       int // bytes of young
	young, old map[string]*keptAnswer
}

type keptAnswer struct {
	changes uint64
	until   time.Time
	status  int
	header  http.Header
	body    []byte
}

// ready wraps everything: what is kept is sent before anybody looks where the request goes.
func (a *answers) ready(next http.Handler) http.Handler {
	if a.changes == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isPlain(r) {
			if kept := a.get(answerKey(r)); kept != nil && kept.changes == a.changes() && time.Now().Before(kept.until) {
				kept.send(w)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// keep wraps an endpoint whose answers depend on nothing but the address, the Accept and
// Accept-Language headers, and what the Handler has.
func (a *answers) keep(e http.Handler) http.Handler {
	if a.changes == nil {
		return e
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isPlain(r) {
			e.ServeHTTP(w, r)
			return
		}
		before := a.changes() // what changes while it is made is not in it
		made := &recorder{header: make(http.Header)}
		e.ServeHTTP(made, r)
		may := made.mayKeep()
		answer := &keptAnswer{before, time.Now().Add(answerLife), made.status, made.header, made.body.Bytes()}
		if may {
			a.put(answerKey(r), answer)
		}
		answer.send(w)
	})
}

func (k *keptAnswer) send(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range k.header {
		header[name] = values
	}
	w.WriteHeader(k.status)
	w.Write(k.body) // nobody is left to tell when this fails
}

func answerKey(r *http.Request) string {
	return r.URL.RequestURI() + "\n" + strings.Join(r.Header["Accept"], ",") + "\n" + strings.Join(r.Header["Accept-Language"], ",")
}

// isPlain tells a GET whose answer is the same for everybody: requests that are signed, that
// ask whether something has changed, or for a part, are not.
func isPlain(r *http.Request) bool { return r.Method == http.MethodGet && !isSpecial(r.Header) }

func isSpecial(h http.Header) bool {
	for _, name := range []string{signatureHeader, "Signature-Input", "Authorization", "If-None-Match", "If-Modified-Since", "Range"} {
		if len(h[name]) > 0 {
			return true
		}
	}
	return false
}

func (a *answers) get(key string) *keptAnswer {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if k := a.young[key]; k != nil {
		return k
	}
	return a.old[key]
}

func (a *answers) put(key string, k *keptAnswer) {
	size := len(key) + len(k.body) + 1000
	a.mu.Lock()
	defer a.mu.Unlock()
	if before := a.young[key]; before != nil {
		a.size -= len(key) + len(before.body) + 1000
	}
	if a.size+size > maxAnswers {
		a.old, a.young, a.size = a.young, nil, 0
	}
	if a.young == nil {
		a.young = make(map[string]*keptAnswer)
	}
	a.young[key] = k
	a.size += size
}

// recorder is a ResponseWriter that keeps what it is given.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// mayKeep is for what anybody may be shown.
func (r *recorder) mayKeep() bool {
	r.WriteHeader(http.StatusOK) // if it was given nothing at all
	return (r.status == http.StatusOK || r.status == http.StatusFound) && r.body.Len() <= maxAnswer &&
		!strings.Contains(r.header.Get("Cache-Control"), "no-store")
}
