package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/queue"
)

// sink is every other server at once: one HTTP server that answers for any host
// and remembers what it was sent.
type sink struct {
	*httptest.Server
	mu     sync.Mutex
	got    []queue.Place // accepted
	at     []time.Time   // when
	asked  map[string]int
	answer func(host string, n int) (status int, header http.Header) // n counts the host's requests from 1
	hold   map[string]chan struct{}                                  // hosts that answer when told
}

func newSink(t testing.TB) *sink {
	s := &sink{asked: make(map[string]int), hold: make(map[string]chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *sink) serve(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	s.mu.Lock()
	s.asked[host]++
	n, wait := s.asked[host], s.hold[host]
	s.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-r.Context().Done():
			return
		}
	}
	status := http.StatusAccepted
	if s.answer != nil {
		var h http.Header
		status, h = s.answer(host, n)
		for k, v := range h {
			w.Header()[k] = v
		}
	}
	if status/100 == 2 {
		id, _ := strconv.ParseInt(r.Header.Get("Delivery"), 10, 64)
		s.mu.Lock()
		s.got = append(s.got, queue.Place{Delivery: id, Target: queue.Target{Host: host, Inbox: "https://" + host + r.URL.Path}})
		s.at = append(s.at, time.Now())
		s.mu.Unlock()
	}
	w.WriteHeader(status)
}

// stall makes a host hang until the returned function is called.
func (s *sink) stall(host string) (release func()) {
	c := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold[host] = c
	return sync.OnceFunc(func() {
		s.mu.Lock()
		delete(s.hold, host)
		s.mu.Unlock()
		close(c)
	})
}

func (s *sink) accepted() []queue.Place {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]queue.Place(nil), s.got...)
}

func (s *sink) requests(host string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[host]
}

// times counts how often each place was accepted.
func (s *sink) times() map[queue.Place]int {
	n := make(map[queue.Place]int)
	for _, p := range s.accepted() {
		n[p]++
	}
	return n
}

// since counts what was accepted after a time.
func (s *sink) since(t time.Time) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.at {
		if at.After(t) {
			n++
		}
	}
	return n
}

// sinkAt is a sink that runs in another process.
func sinkAt(url string) *httptest.Server {
	return &httptest.Server{URL: url, Config: &http.Server{}}
}

// post is the attempt: an HTTP request to the sink in the name of the target.
func (s *sink) post(ctx context.Context, delivery int64, to queue.Target) error {
	path := strings.TrimPrefix(to.Inbox, "https://"+to.Host)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, bytes.NewReader([]byte("{}")))
	if err != nil {
		return err
	}
	req.Host = to.Host
	req.Header.Set("Delivery", strconv.FormatInt(delivery, 10))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return nil
	}
	after, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return statusError{resp.StatusCode, time.Duration(after) * time.Second}
}

// statusError says of itself what activitypub's errors say.
type statusError struct {
	code  int
	after time.Duration
}

func (e statusError) Error() string        { return fmt.Sprint("status ", e.code) }
func (e statusError) Gone() bool           { return e.code == 404 || e.code == 410 }
func (e statusError) Final() bool          { return e.code/100 == 4 && e.code != 429 }
func (e statusError) After() time.Duration { return e.after }
