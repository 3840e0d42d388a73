package activitypub

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/time/rate"
)

// Limits are how many requests are answered in a second, on average; a minute's worth
// may come at once. 0 is no limit.
type Limits struct {
	Address int // of one address: an IPv4 address, or the first 64 bits of an IPv6 one
	Host    int // activities of one server, whose signature was right
	// Proxies are whose X-Forwarded-For is believed. What they bring without one is not
	// limited by address: it would be everybody.
	Proxies []netip.Prefix
}

// limiter bounds each of many, and how many it remembers.
type limiter struct {
	each recent[*rate.Limiter]
	per  int
}

func (l *limiter) allow(key string) bool {
	if l.per <= 0 || key == "" {
		return true
	}
	return l.each.ensure(key, func() *rate.Limiter { return rate.NewLimiter(rate.Limit(l.per), 60*l.per) }).Allow()
}

// addressOf is where a request comes from, "" when only a proxy is known.
func (l Limits) addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	// Each proxy adds whom it heard at the end: what stands before the last one that we
	// do not know may be made up.
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for l.trusted(at) {
		if len(chain) == 0 {
			return ""
		}
		last := strings.TrimSpace(chain[len(chain)-1])
		chain = chain[:len(chain)-1]
		if at, err = netip.ParseAddr(last); err != nil {
			return ""
		}
	}
	if at = at.Unmap(); at.Is6() {
		p, _ := at.WithZone("").Prefix(64) // 64 fits
		return p.String()
	}
	return at.String()
}

func (l Limits) trusted(at netip.Addr) bool {
	return slices.ContainsFunc(l.Proxies, func(p netip.Prefix) bool { return p.Contains(at.Unmap()) })
}

// limited answers what comes too fast from one address with 429, before anything else
// is done for it.
func (s *server) limited(h http.Handler) http.Handler {
	if s.cfg.Limits.Address <= 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.addresses.allow(s.cfg.Limits.addressOf(r)) {
			s.fail(w, r, ErrTooMany)
			return
		}
		h.ServeHTTP(w, r)
	})
}
