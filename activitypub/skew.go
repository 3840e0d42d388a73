package activitypub

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// How many servers are remembered, and how many have to agree: one clock that is wrong is
// somebody else's.
const (
	skewHosts = 16
	skewAgree = 3
)

// skews is by how much the clock here differs from those of the servers that answered
// last, by their Date (RFC 9110 §6.6.1), which is good for a second or two.
type skews struct {
	mu    sync.Mutex
	hosts []string // the newest last
	by    map[string]time.Duration
}

// seen takes an answer into account.
func (s *skews) seen(host string, resp *http.Response, now time.Time) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil || resp.Header.Get("Age") != "" { // a cache's answer is as old as it says
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.hosts, host); i >= 0 {
		s.hosts = slices.Delete(s.hosts, i, i+1)
	} else if len(s.hosts) == skewHosts {
		delete(s.by, s.hosts[0])
		s.hosts = slices.Delete(s.hosts, 0, 1)
	}
	if s.by == nil {
		s.by = make(map[string]time.Duration)
	}
	s.hosts = append(s.hosts, host)
	s.by[host] = now.Sub(date)
}

// Skew says by how much the clock here is ahead of other servers' (behind, when it is
// negative): the median of those that answered last, 0 while they are few.
func (c *Client) Skew() time.Duration {
	c.skews.mu.Lock()
	defer c.skews.mu.Unlock()
	if len(c.skews.by) < skewAgree {
		return 0
	}
	var all []time.Duration
	for _, d := range c.skews.by {
		all = append(all, d)
	}
	slices.Sort(all)
	return all[len(all)/2]
}
