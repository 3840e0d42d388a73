package activitypub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// ErrResting is a host that is not asked for a while, because it did not answer
// several times. It is not final.
var ErrResting = errors.New("activitypub: this host does not answer and is left alone for a while")

// What one host is asked at most. Deliveries are the queue's, which has bounds of its
// own; these are for everything that is read.
const (
	readsAtOnce   = 8
	readsPerSec   = 20
	readsBurst    = 200
	restAfter     = 5 // failures on end, without an answer between
	restFirst     = 30 * time.Second
	restMost      = 15 * time.Minute
	failuresCount = 10 * time.Minute // older ones are forgiven
)

// hostGate lets requests to hosts pass, each host by itself. What it remembers is
// bounded, whatever hosts and ports peers make up.
type hostGate struct {
	hosts recent[*hostState]
	now   func() time.Time
}

type hostState struct {
	slots chan struct{}
	rate  *rate.Limiter

	mu       sync.Mutex
	failures int
	last     time.Time     // failure
	rest     time.Duration // the last one
	until    time.Time     // it rests
}

func newHostState() *hostState {
	return &hostState{slots: make(chan struct{}, readsAtOnce), rate: rate.NewLimiter(readsPerSec, readsBurst)}
}

// outcome is what a request says of its host.
type outcome int

const (
	unknown  outcome = iota // who asked went away, or it was not let out
	answered                // whatever the answer was
	silent                  // no connection, or no answer in time
)

// enter waits until a host may be asked; leave must be called with what came of it.
func (g *hostGate) enter(ctx context.Context, host string) (leave func(outcome), err error) {
	s := g.hosts.ensure(host, newHostState)
	if !s.awake(g.now()) {
		return nil, fmt.Errorf("%w: %s", ErrResting, host)
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := s.rate.Wait(ctx); err != nil {
		<-s.slots
		return nil, fmt.Errorf("activitypub: too much is read from %s: %w", host, err)
	}
	var once sync.Once
	return func(came outcome) {
		once.Do(func() {
			s.settle(came, g.now())
			<-s.slots
		})
	}, nil
}

// awake says whether a host may be asked; when its rest is over, one request goes
// first to try.
func (s *hostState) awake(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until.IsZero() {
		return true
	}
	if now.Before(s.until) {
		return false
	}
	s.until = now.Add(s.rest) // the others wait for what comes of it
	return true
}

func (s *hostState) settle(came outcome, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch came {
	case unknown:
		return
	case answered:
		s.failures, s.rest, s.until = 0, 0, time.Time{}
		return
	}
	if now.Sub(s.last) > failuresCount {
		s.failures, s.rest = 0, 0
	}
	s.failures, s.last = s.failures+1, now
	if s.failures >= restAfter {
		s.rest = min(max(2*s.rest, restFirst), restMost)
		s.until = now.Add(s.rest)
	}
}

// gatedBody leaves the gate when the answer is read.
type gatedBody struct {
	io.ReadCloser
	leave func(outcome)
}

func (b *gatedBody) Close() error {
	b.leave(answered)
	return b.ReadCloser.Close()
}

// roundTrip sends a request; one that reads, within its budget and through the gate.
func (c *Client) roundTrip(transport http.RoundTripper, req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPost {
		return transport.RoundTrip(req)
	}
	if err := spend(req.Context()); err != nil {
		return nil, err
	}
	leave, err := c.gate.enter(req.Context(), req.URL.Host)
	if err != nil {
		return nil, err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		if errors.Is(req.Context().Err(), context.Canceled) || errors.Is(err, ErrAddress) {
			leave(unknown)
		} else {
			leave(silent)
		}
		return nil, err
	}
	resp.Body = &gatedBody{resp.Body, leave}
	return resp, nil
}
