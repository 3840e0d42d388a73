package monitor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// aliveFor is how old a sign of life may be, and readyFor how long a check may take.
const (
	aliveFor = time.Minute
	readyFor = 3 * time.Second
)

// Check says what is wrong with one part of the program, nil when it works.
type Check func(context.Context) error

// Health is what the program says of itself. The zero value says that it is starting.
type Health struct {
	beat atomic.Int64 // last sign of life, Unix ms

	mu     sync.Mutex
	phase  string // what it is doing until it is ready, "" when it is
	checks []namedCheck
}

type namedCheck struct {
	name  string
	check Check
}

// Phase says what the program is doing that must end before it is ready, such as
// "opening the database"; "" when nothing is.
func (h *Health) Phase(doing string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.phase = doing
	h.Beat()
}

// Watch adds a part that has to work.
func (h *Health) Watch(name string, check Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, namedCheck{name, check})
}

// Beat is a sign of life, given now and then by what must not get stuck.
func (h *Health) Beat() { h.beat.Store(time.Now().UnixMilli()) }

// Alive reports whether there was a sign of life lately.
func (h *Health) Alive() bool { return time.Since(time.UnixMilli(h.beat.Load())) < aliveFor }

// Problems lists what is not as it should be, one line for each part, in their order.
func (h *Health) Problems(ctx context.Context) []string {
	h.mu.Lock()
	phase, checks := h.phase, slices.Clone(h.checks)
	h.mu.Unlock()
	if phase != "" {
		return []string{"starting: " + phase}
	}
	ctx, cancel := context.WithTimeout(ctx, readyFor)
	defer cancel()
	var out []string
	for _, c := range checks {
		if err := c.check(ctx); err != nil {
			out = append(out, c.name+": "+err.Error())
		}
	}
	return out
}

// Handler serves /livez, /readyz and, unless m is nil, /metrics.
func (h *Health) Handler(m *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, r *http.Request) {
		if !h.Alive() {
			http.Error(w, "stuck: no sign of life for a minute", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "alive")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if problems := h.Problems(r.Context()); len(problems) > 0 {
			http.Error(w, strings.Join(problems, "\n"), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	if m != nil {
		mux.Handle("GET /metrics", m.handler())
	}
	return mux
}
