package activitypub

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// The clock here is wrong when most servers say so, and not when one does, or an answer
// out of a cache.
func TestSkew(t *testing.T) {
	var c Client
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	answers := func(host string, at time.Time, more ...string) {
		h := http.Header{"Date": {at.Format(http.TimeFormat)}}
		for _, name := range more {
			h.Set(name, "1000")
		}
		c.skews.seen(host, &http.Response{Header: h}, now)
	}
	expect := func(want time.Duration) {
		t.Helper()
		if got := c.Skew(); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	answers("a", now.Add(-time.Hour))
	answers("b", now.Add(-time.Hour))
	expect(0) // two may be wrong
	answers("c", now.Add(-time.Hour))
	expect(time.Hour)
	answers("a", now)
	answers("b", now, "Age")
	c.skews.seen("b", &http.Response{Header: http.Header{"Date": {"yesterday"}}}, now)
	expect(time.Hour)
	for i := range 2 * skewHosts {
		answers(fmt.Sprint("host", i), now.Add(time.Minute))
	}
	expect(-time.Minute)
	if len(c.skews.by) != skewHosts || len(c.skews.hosts) != skewHosts {
		t.Errorf("%d and %d are remembered", len(c.skews.by), len(c.skews.hosts))
	}
}
