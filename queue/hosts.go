package queue

import (
	"context"
	"time"
)

// host is what the engine knows of a peer. Peers that are well and have nothing
// waiting are forgotten.
type host struct {
	Host
	inflight int
	probing  bool // the one attempt that an open circuit lets through
	slow     bool // the last attempt took longer than SlowAfter
	waiting  [kinds][]*group
	groups   int // groups of targets, waiting or ready
	held     int // claimed retries, in flight or waiting

	stored  bool // there is a row in the store
	backlog bool // rows wait for this host in the store
	parked  int  // number of the checkpoint that stores the newest of them
	waking  bool // a WakeHost is under way
	claims  int  // engine.claims when the last WakeHost came back
}

func (e *engine) host(name string) *host {
	h := e.hosts[name]
	if h == nil {
		if h = e.cp.hosts[name]; h == nil { // about to be forgotten: it knows that it has a row
			h = &host{Host: Host{Host: name}}
		}
		e.hosts[name] = h
	}
	return h
}

func (h *host) open() bool { return h.OpenUntil > 0 }

// blocked reports whether nothing may be sent: the circuit is open and it is not
// time for a probe, or one is under way.
func (h *host) blocked(now int64) bool { return h.open() && (h.probing || now < h.OpenUntil) }

// maxAfter bounds how long a peer can ask to be left alone.
const maxAfter = 24 * time.Hour

// fail counts a failure. The circuit opens when there were too many in a row
// within the window, or when the peer asked for a pause; each failed probe
// doubles the pause.
func (h *host) fail(now int64, probe bool, after time.Duration, why string, c *Config) {
	if h.open() && !probe && after == 0 {
		return // one that was in flight when it opened
	}
	if h.Failures == 0 || !h.open() && now-h.Since > c.BreakerWindow.Milliseconds() {
		h.Failures, h.Since = 0, now
	}
	h.Failures++
	h.LastError = why
	switch n := h.Failures - c.BreakerFailures; {
	case after > 0:
		h.OpenUntil = max(h.OpenUntil, now+min(after, maxAfter).Milliseconds())
	case n >= 0:
		pause := c.BreakerPause
		for ; n > 0 && pause < c.BreakerMax; n-- {
			pause *= 2
		}
		h.OpenUntil = now + min(pause, c.BreakerMax).Milliseconds()
	default:
		h.OpenUntil = 0 // a probe after a pause that was asked for
	}
}

// succeed closes the circuit.
func (h *host) succeed() {
	h.Failures, h.Since, h.OpenUntil, h.LastError = 0, 0, 0, ""
}

// judged takes an attempt's outcome into account.
func (e *engine) judged(h *host, probe bool, v verdict, after time.Duration, err error) {
	was := h.open()
	before := h.Host
	if v == failed {
		h.fail(e.now(), probe, after, clip(err.Error()), &e.cfg)
	} else if h.Failures > 0 {
		h.succeed()
	}
	if h.Host == before {
		return
	}
	e.cp.host(h)
	switch {
	case h.open() && !was:
		e.open.Add(1)
		e.log.Warn("host left alone", "host", h.Host.Host, "until", time.UnixMilli(h.OpenUntil).UTC(), "failures", h.Failures, "err", err)
	case was && !h.open():
		e.open.Add(-1)
		e.log.Info("host sent to again", "host", h.Host.Host)
	}
	if h.open() {
		e.probeAt(h.OpenUntil)
		e.parkWaiting(h, urgent, retry, fan)
	}
}

const maxErrorText = 200

func clip(s string) string {
	if len(s) > maxErrorText {
		return s[:maxErrorText]
	}
	return s
}

func (e *engine) probeAt(at int64) {
	if e.nextProbe == 0 || at < e.nextProbe {
		e.nextProbe = at
	}
}

// probe lets one waiting row go to each host whose pause is over.
func (e *engine) probe() {
	for name := range e.takeHeard() {
		if h := e.hosts[name]; h != nil && h.open() && h.OpenUntil > e.now() {
			h.OpenUntil = e.now()
			e.probeAt(h.OpenUntil)
		}
	}
	now := e.now()
	if e.nextProbe == 0 || now < e.nextProbe {
		return
	}
	e.nextProbe = 0
	for _, h := range e.hosts {
		switch {
		case !h.open():
		case now < h.OpenUntil:
			e.probeAt(h.OpenUntil)
		default:
			e.tend(h)
		}
	}
}

// maxWakes bounds the WakeHost calls under way.
const maxWakes = 4

// tend does what is next for a host: it wakes rows that wait for it, a few at a
// time, and forgets a host about which there is nothing to know.
func (e *engine) tend(h *host) {
	if h.waking || h.held > 0 || h.blocked(e.now()) || h.slow && h.inflight > 0 {
		return // whatever ends that calls again
	}
	if h.backlog {
		if e.wakes == maxWakes || h.parked > e.cp.saved || h.claims >= e.claims {
			e.untended[h] = true
			return
		}
		e.wake(h)
		return
	}
	if h.inflight > 0 || h.groups > 0 {
		return
	}
	if h.open() { // the time for a probe has come and there is nothing to send
		h.succeed()
		e.open.Add(-1)
		e.cp.host(h)
	}
	if h.Failures == 0 && e.hosts[h.Host.Host] == h {
		delete(e.hosts, h.Host.Host)
	}
}

// tendAll looks again after hosts that something stood in the way of.
func (e *engine) tendAll() {
	for h := range e.untended {
		if e.wakes == maxWakes {
			return
		}
		delete(e.untended, h)
		e.tend(h)
	}
}

// How many waiting rows are woken at once; a slow host gets one.
const wakeBatch = maxHeldHost

// wake makes rows that wait for a host due. One goes to an open host: the probe.
func (e *engine) wake(h *host) {
	n := wakeBatch
	if h.slow || h.open() {
		n = 1
	}
	h.waking = true
	e.wakes++
	now, name, parked := e.now(), h.Host.Host, h.parked
	e.look(func(ctx context.Context) func() {
		woken, err := e.store.WakeHost(ctx, name, now, n)
		return func() {
			h.waking = false
			e.wakes--
			h.claims = e.claims
			switch {
			case err != nil:
				e.complain("waiting retries not woken", "host", name, "err", err)
			case woken > 0:
				e.lookRetries = true
			case parked == h.parked:
				h.backlog = false
				e.cp.host(h)
			}
			e.tend(h)
			e.tendAll()
		}
	})
}

// forgetStale drops failures so old that the next one begins a new row.
func (e *engine) forgetStale() {
	now := e.now()
	for _, h := range e.hosts {
		if h.Failures > 0 && !h.open() && now-h.Since > e.cfg.BreakerWindow.Milliseconds() {
			h.succeed()
			e.cp.host(h)
		}
		e.tend(h)
	}
}
