package component

import (
	"math/rand/v2"
	"time"
)

// backoff says how long to wait before the next connect: doubling from min to
// max, each with jitter so that two gateways do not knock in step.
type backoff struct {
	min, max, cur time.Duration
}

// next takes how long the last attempt lived. A stream that lasted longer than
// the longest wait was a good one and starts over; a short one does not, or two
// gateways that kick each other would do it every second.
func (b *backoff) next(lived time.Duration) time.Duration {
	if b.cur == 0 || lived > b.max {
		b.cur = b.min
	}
	d := b.cur/2 + rand.N(b.cur/2+1)
	b.cur = min(2*b.cur, b.max)
	return d
}
