package monitor

import (
	"sync"
	"time"
)

// Span is how long one part of a History is, and spans how many are kept: a day.
const (
	Span  = 10 * time.Minute
	spans = 144
)

// Counted is what happened within one Span.
type Counted struct {
	From                        time.Time
	Delivered, Failed, Received int
}

// History counts by time what happened since the program began, for charts. The zero
// value has nothing.
type History struct {
	mu   sync.Mutex
	list []Counted // without those in which nothing happened
}

// add counts one thing that happened now.
func (h *History) add(now time.Time, count func(*Counted)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	from := now.UTC().Truncate(Span)
	if n := len(h.list); n == 0 || !h.list[n-1].From.Equal(from) {
		if n == spans {
			h.list = append(h.list[:0], h.list[1:]...)
		}
		h.list = append(h.list, Counted{From: from})
	}
	count(&h.list[len(h.list)-1])
}

// Lately is the day before now, each Span of it, the oldest first.
func (h *History) Lately(now time.Time) []Counted {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := map[time.Time]Counted{}
	for _, c := range h.list {
		at[c.From] = c
	}
	out := make([]Counted, spans)
	first := now.UTC().Truncate(Span).Add(-(spans - 1) * Span)
	for i := range out {
		from := first.Add(time.Duration(i) * Span)
		out[i] = at[from]
		out[i].From = from
	}
	return out
}
