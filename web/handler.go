package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// server answers requests for pages. It keeps nothing between them.
type server struct {
	src   Source
	style []byte
}

// New serves GET and HEAD of /, /@handle, /@handle/TOKEN and its replies and replies.atom, /@handle/feed.atom,
// /style.css and /icon.svg, and also POST of /interact/DEED/@handle and
// /interact/DEED/@handle/TOKEN; every other path is a 404 page. Failures of src are
// logged through slog's default logger. style is a stylesheet of the admin's, nil for
// the one that is built in.
func New(src Source, style []byte) http.Handler {
	if style == nil {
		style = styleCSS
	}
	s := server{src, style}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.front)
	mux.HandleFunc("GET /style.css", s.asset("text/css; charset=utf-8", style))
	mux.HandleFunc("GET /icon.svg", s.asset("image/svg+xml", iconSVG))
	for _, path := range []string{"/interact/{do}/{at}", "/interact/{do}/{at}/{token}"} {
		mux.HandleFunc("GET "+path, s.ask)
		mux.HandleFunc("POST "+path, s.answer)
	}
	mux.HandleFunc("GET /{at}", s.profile)
	mux.HandleFunc("GET /{at}/{$}", s.trim)
	mux.HandleFunc("GET /{at}/feed.atom", s.feed)
	mux.HandleFunc("GET /{at}/{token}", s.post("", postPage))
	replies := s.post("/replies", repliesPage)
	mux.HandleFunc("GET /{at}/{token}/{what}", func(w http.ResponseWriter, r *http.Request) {
		switch r.PathValue("what") {
		case "replies":
			replies(w, r)
		case "replies.atom":
			s.repliesFeed(w, r)
		default:
			s.fail(w, r, ErrNotFound)
		}
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, ErrNotFound) })
	return secured(mux)
}

// policy lets a page show pictures and play media, and do nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' https:; media-src 'self' https:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func (s server) front(w http.ResponseWriter, r *http.Request) {
	v, err := s.src.Front(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, frontPage(tongueOf(r), v))
}

func (s server) profile(w http.ResponseWriter, r *http.Request) {
	v, before, ok := s.lookUp(w, r, "")
	if !ok {
		return
	}
	s.show(w, r, http.StatusOK, profilePage(tongueOf(r), v, before))
}

const atomType = "application/atom+xml; charset=utf-8"

// trim sends /@handle/ to /@handle.
func (s server) trim(w http.ResponseWriter, r *http.Request) {
	handle, ok := handleOf(r)
	if !ok {
		s.fail(w, r, ErrNotFound)
		return
	}
	http.Redirect(w, r, "/@"+url.PathEscape(handle), http.StatusMovedPermanently)
}

func (s server) feed(w http.ResponseWriter, r *http.Request) {
	v, before, ok := s.lookUp(w, r, "/feed.atom")
	if !ok {
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	s.send(w, r, atomType, v.Updated, atomFeed(v, before))
}

// lookUp finds the profile that the request names, or answers the request.
func (s server) lookUp(w http.ResponseWriter, r *http.Request, suffix string) (v Profile, before string, ok bool) {
	handle, ok := handleOf(r)
	before = r.URL.Query().Get("before")
	if !ok || !cursor.MatchString(before) {
		s.fail(w, r, ErrNotFound)
		return v, "", false
	}
	v, err := s.src.Profile(r.Context(), handle, before)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case v.Handle != handle:
		http.Redirect(w, r, v.URL+suffix, http.StatusFound)
	default:
		return tidyProfile(v), before, true
	}
	return v, "", false
}

// post serves a page about a post, at its address and suffix.
func (s server) post(suffix string, of func(tongue, Post) page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if v, ok := s.lookUpPost(w, r, suffix); ok {
			s.show(w, r, http.StatusOK, of(tongueOf(r), v))
		}
	}
}

func (s server) repliesFeed(w http.ResponseWriter, r *http.Request) {
	v, ok := s.lookUpPost(w, r, "/replies.atom")
	if !ok {
		return
	}
	w.Header().Set("X-Robots-Tag", "noindex") // as the page of the same
	w.Header().Set("Cache-Control", "public, max-age=300")
	s.send(w, r, atomType, time.Time{}, atomReplies(v))
}

// lookUpPost finds the post that the request names, or answers the request.
func (s server) lookUpPost(w http.ResponseWriter, r *http.Request, suffix string) (v Post, ok bool) {
	handle, ok := handleOf(r)
	token := r.PathValue("token")
	if !ok || len(token) > maxName {
		s.fail(w, r, ErrNotFound)
		return v, false
	}
	v, err := s.src.Post(r.Context(), handle, token)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case v.Author.Handle != handle:
		http.Redirect(w, r, v.URL+suffix, http.StatusFound)
	default:
		return tidyPost(v), true
	}
	return v, false
}

// cursor is what the before= of a page may look like.
var cursor = regexp.MustCompile(`^[A-Za-z0-9_.:-]{0,128}$`)

// maxName bounds handles and tokens before anybody looks them up.
const maxName = 128

func handleOf(r *http.Request) (handle string, ok bool) {
	handle, ok = strings.CutPrefix(r.PathValue("at"), "@")
	return handle, ok && handle != "" && len(handle) <= maxName
}

// fail answers with a page that says what is the matter.
func (s server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusServiceUnavailable
	switch {
	case errors.Is(err, ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, ErrGone):
		status = http.StatusGone
	case errors.Is(err, context.Canceled): // the visitor has left
	default:
		slog.ErrorContext(r.Context(), "a page failed", "path", r.URL.Path, "err", err)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "120")
	}
	s.show(w, r, status, errorPage(tongueOf(r), status))
}

// show renders a page and sends it with the headers that belong to it.
func (s server) show(w http.ResponseWriter, r *http.Request, status int, p page) {
	p.Style = styled(s.style)
	body, err := p.render()
	if err != nil { // a template that does not fit its data: a bug
		slog.ErrorContext(r.Context(), "a page cannot be rendered", "path", r.URL.Path, "err", err)
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	// The same address gives JSON to other servers: a cache must keep the two
	// apart, and a shared one is better off without them.
	h.Set("Vary", "Accept, Accept-Language")
	h.Set("Content-Language", string(p.Tongue))
	h.Set("Cache-Control", "private, max-age=60")
	if p.ActivityPub != "" {
		h.Set("Link", "<"+headerURL(p.ActivityPub)+`>; rel="alternate"; type="application/activity+json"`) // RFC 8288
	}
	if p.Personal {
		h.Set("Cache-Control", "no-store")
	}
	if status != http.StatusOK {
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Type", htmlType)
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
		return
	}
	s.send(w, r, htmlType, time.Time{}, body)
}

const htmlType = "text/html; charset=utf-8"

// send writes a good answer, or 304 when the visitor has it.
func (s server) send(w http.ResponseWriter, r *http.Request, contentType string, modified time.Time, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("ETag", `"`+digest(body)+`"`)
	http.ServeContent(w, r, "", modified, bytes.NewReader(body))
}

// asset serves a built-in file. Pages name it with its digest, which may be kept
// for good; without it an hour must do.
func (s server) asset(contentType string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		if r.URL.Query().Get("v") == digest(body) {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		s.send(w, r, contentType, time.Time{}, body)
	}
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// headerURL keeps an address from ending its place in a header early.
func headerURL(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f || r == '<' || r == '>' || r == '"' {
			return -1
		}
		return r
	}, s)
}
