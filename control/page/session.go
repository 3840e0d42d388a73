package page

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"
)

// sessionFor is how long somebody stays in, and most how many sessions there are.
const (
	sessionFor = 12 * time.Hour
	most       = 100
)

const cookieName = "isthmus-admin"

// sessions remembers who is in, and which links were used. All of it is gone with the
// process: then a new link is needed.
type sessions struct {
	mu   sync.Mutex
	in   map[string]time.Time // session → end
	used map[string]time.Time // link's token → when it may be forgotten
}

// open begins a session with a link's token, which works once.
func (s *sessions) open(token string, admit func(string) bool, now time.Time) (id string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == nil {
		s.in, s.used = map[string]time.Time{}, map[string]time.Time{}
	}
	for _, list := range []map[string]time.Time{s.in, s.used} {
		for k, end := range list {
			if now.After(end) {
				delete(list, k)
			}
		}
	}
	if _, used := s.used[token]; used || !admit(token) || len(s.in) >= most {
		return "", false
	}
	s.used[token] = now.Add(time.Hour)
	id = rand.Text()
	s.in[id] = now.Add(sessionFor)
	return id, true
}

func (s *sessions) known(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	end, ok := s.in[id]
	return ok && now.Before(end)
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.in, id)
}

// known lets in who has a session; others are told how to get one.
func (s *server) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(cookieName)
		if err != nil || !s.sessions.known(c.Value, time.Now()) {
			s.show(w, http.StatusForbidden, "said.html", frame{Title: "Who are you?", Body: said{Text: "Get a link that lets you in: say “page” to the gateway in the chat, as one of [admin] jids, or run “gateway page”. It works once."}})
			return
		}
		next(w, r)
	}
}

// door asks to press a button: what looks at links before people do must not use them up.
func (s *server) door(w http.ResponseWriter, r *http.Request) {
	s.show(w, http.StatusOK, "door.html", frame{Title: "Welcome", Body: r.FormValue("token")})
}

func (s *server) enter(w http.ResponseWriter, r *http.Request) {
	id, ok := s.sessions.open(r.PostFormValue("token"), s.Admit, time.Now())
	if !ok {
		s.show(w, http.StatusForbidden, "said.html", frame{Title: "This link is used up", Body: said{Text: "It works once, and for ten minutes. Say “page” to the gateway in the chat for another, or run “gateway page”."}})
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: id, Path: Path, HttpOnly: true, Secure: s.HTTPS, SameSite: http.SameSiteStrictMode, MaxAge: int(sessionFor.Seconds())})
	http.Redirect(w, r, Path, http.StatusSeeOther)
}

func (s *server) leave(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		s.sessions.end(c.Value)
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: Path, MaxAge: -1})
	s.show(w, http.StatusOK, "said.html", frame{Title: "Goodbye", Body: said{Text: "You are out."}})
}
