package monitor

import (
	"testing"
	"time"
)

// A day of counts is kept, with the hours in which nothing happened, and no more.
func TestHistory(t *testing.T) {
	var h History
	now := time.Date(2026, 3, 1, 12, 3, 0, 0, time.UTC)
	h.add(now.Add(-30*time.Hour), func(c *Counted) { c.Received++ })
	h.add(now.Add(-2*time.Hour), func(c *Counted) { c.Received++ })
	h.add(now, func(c *Counted) { c.Delivered++ })
	h.add(now, func(c *Counted) { c.Delivered++ })
	list := h.Lately(now)
	last, earlier := list[len(list)-1], list[len(list)-1-12]
	if len(list) != spans || last.Delivered != 2 || !last.From.Equal(now.Truncate(Span)) || earlier.Received != 1 || list[0].Received != 0 {
		t.Errorf("%d spans, last %+v, two hours before %+v, first %+v", len(list), last, earlier, list[0])
	}
	for i := range 3 * spans {
		h.add(now.Add(time.Duration(i)*Span), func(c *Counted) { c.Failed++ })
	}
	if len(h.list) != spans {
		t.Errorf("%d are kept", len(h.list))
	}
}
