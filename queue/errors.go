package queue

import (
	"errors"
	"math/rand/v2"
	"time"
)

// What an attempt came to.
type verdict int

const (
	sent    verdict = iota
	dropped         // the peer will never take it
	gone            // nor anything else for that inbox
	failed          // it may work later
)

// judge classifies an attempt's error by what it says of itself; an error that
// says nothing may be over later (activitypub.md O32).
func judge(err error) (v verdict, after time.Duration) {
	if err == nil {
		return sent, 0
	}
	var g interface{ Gone() bool }
	if errors.As(err, &g) && g.Gone() {
		return gone, 0
	}
	if final(err) {
		return dropped, 0
	}
	var a interface{ After() time.Duration }
	if errors.As(err, &a) {
		after = a.After()
	}
	return failed, after
}

// final reports whether an error says that trying again is of no use.
func final(err error) bool {
	var f interface{ Final() bool }
	return errors.As(err, &f) && f.Final()
}

// backoff is the wait after the nth failure (from 1): first, doubling up to most,
// give or take a fifth so that failures do not come back in step.
func backoff(n int, first, most time.Duration) time.Duration {
	d := first
	for i := 1; i < n && d < most; i++ {
		d *= 2
	}
	d = min(d, most)
	return d - d/5 + rand.N(2*d/5+1)
}
