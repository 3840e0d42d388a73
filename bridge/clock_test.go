package bridge

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// A clock that was a day ahead is put right, while the gateway runs or between two runs:
// what waited for a moment does not wait for a day.
func TestClockIsPutRight(t *testing.T) {
	t.Parallel()
	for _, stopped := range []bool{false, true} {
		var ahead atomic.Int64
		ahead.Store(int64(24 * time.Hour))
		w, p, _ := newFollowedBlog(t, func(c *Config) {
			c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			c.Delivery.RetryFirst = time.Second
		})
		p.mu.Lock()
		p.fail = []int{http.StatusServiceUnavailable}
		p.mu.Unlock()
		w.publish(louise, "one", note("one"))
		w.until("it waits", func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			st, err := w.db.QueueStats(t.Context())
			return err == nil && len(p.fail) == 0 && st.OldestDue > time.Now().Add(time.Hour).UnixMilli()
		})
		if stopped {
			w.stop()
		}
		ahead.Store(0)
		if stopped {
			w.restart()
		} else {
			w.b.pulse()
		}
		p.await("Create")
	}
}
