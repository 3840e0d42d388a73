package activitypub

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Errors that a Handler returns and that the server makes itself; each is one
// line of the status table below.
var (
	ErrBadRequest = errors.New("activitypub: bad request")
	ErrSignature  = errors.New("activitypub: signature refused")
	ErrForbidden  = errors.New("activitypub: forbidden")
	ErrNotFound   = errors.New("activitypub: not found")
	ErrMethod     = errors.New("activitypub: method not allowed")
	ErrGone       = errors.New("activitypub: gone")
	ErrTooLarge   = errors.New("activitypub: too large")
	ErrMediaType  = errors.New("activitypub: unsupported media type")
	ErrTooMany    = errors.New("activitypub: too many requests") // row P10
	ErrBusy       = errors.New("activitypub: cannot tell now, try again")
)

// GoneError is ErrGone with the Tombstone that is shown.
type GoneError struct{ Body []byte }

func (*GoneError) Error() string   { return ErrGone.Error() }
func (*GoneError) Is(e error) bool { return e == ErrGone }

// statuses is every answer of the server that is not a success (row I9). Peers
// take most 4xx as final and come back after 401 and 503, so a passing trouble
// of ours, or of the peer's own server when we ask it for a key, is 503.
var statuses = []struct {
	err    error
	status int
	text   string
}{
	{ErrBadRequest, http.StatusBadRequest, "the request is malformed"},
	{ErrSignature, http.StatusUnauthorized, "the HTTP signature is missing or was refused"},
	{ErrForbidden, http.StatusForbidden, "this is not allowed"},
	{ErrNotFound, http.StatusNotFound, "there is nothing here"},
	{ErrMethod, http.StatusMethodNotAllowed, "this method is not allowed here"},
	{ErrGone, http.StatusGone, "this was here and is deleted"},
	{ErrTooLarge, http.StatusRequestEntityTooLarge, "the body is larger than 1 MiB"},
	{ErrMediaType, http.StatusUnsupportedMediaType, "send application/activity+json"},
	{ErrTooMany, http.StatusTooManyRequests, "too many requests"},
	{ErrBusy, http.StatusServiceUnavailable, "try again later"},
	{context.Canceled, http.StatusServiceUnavailable, "try again later"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "try again later"},
}

// The Retry-After of every 503, and of every 429.
const (
	busyRetry    = time.Minute
	tooManyRetry = 30 * time.Second
)

// refusal is an error whose detail the peer may see: it helps its author and
// says nothing of ours.
type refusal struct {
	kind   error
	detail string
}

func (e *refusal) Error() string { return e.kind.Error() + ": " + e.detail }
func (e *refusal) Unwrap() error { return e.kind }

func refuse(kind error, detail string) error { return &refusal{kind, detail} }

// statusOf gives what a peer sees of err.
func statusOf(err error) (status int, text string) {
	status, text = http.StatusInternalServerError, "something went wrong here"
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			status, text = s.status, s.text
			break
		}
	}
	if r := (*refusal)(nil); status < 500 && errors.As(err, &r) {
		text += ": " + r.detail
	}
	return status, text
}

// fail answers err: one line of JSON, one line in the log. A deleted thing
// answers with its Tombstone whatever was asked for (peers.md rule 9).
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, text := statusOf(err)
	level := slog.LevelInfo
	ours := status == http.StatusInternalServerError
	if ours && r.Method == http.MethodPost { // a fault of ours may pass: who delivers is to come again
		status, text = http.StatusServiceUnavailable, "try again later"
	}
	switch {
	case status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", strconv.Itoa(int(tooManyRetry.Seconds())))
		level = slog.LevelDebug // it may be a flood
	case status < 500 && r.Method != http.MethodPost:
		level = slog.LevelDebug // crawlers and typing errors
	case status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", strconv.Itoa(int(busyRetry.Seconds())))
		if level = slog.LevelWarn; ours {
			level = slog.LevelError
		}
	case status >= 500:
		level = slog.LevelError
	}
	s.log.LogAttrs(r.Context(), level, "refused", slog.String("request", requestID(r.Context())),
		slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", status), slog.Any("error", err))

	contentType := "application/json"
	body, _ := json.Marshal(map[string]string{"error": strings.ToValidUTF8(text, "?")}) // strings cannot fail
	body = append(body, '\n')
	if g := (*GoneError)(nil); errors.As(err, &g) && len(g.Body) > 0 {
		contentType, body = typeActivity, g.Body
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // nobody is left to tell when this fails
	}
}
