package component

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

const (
	laneCount = 64
	laneDepth = 1024     // stanzas waiting in one lane
	laneBytes = 64 << 20 // bytes of XML waiting in all lanes
)

// lanes keep order per sender without letting one sender stop the others. The
// reader only ever offers: a lane that is full refuses, and the reader answers
// for it (see overflow). That loses stanzas of a peer that sends faster than we
// can work, and nobody else's; blocking the reader instead would stop replies
// to our own IQs, and ejabberd kills components that read slowly.
type lanes struct {
	queue  [laneCount]chan job
	bytes  atomic.Int64
	seed   maphash.Seed
	handle func(job)
	wg     sync.WaitGroup
}

func newLanes(handle func(job)) *lanes {
	l := &lanes{seed: maphash.MakeSeed(), handle: handle}
	for i := range l.queue {
		l.queue[i] = make(chan job, laneDepth)
		l.wg.Go(func() {
			for j := range l.queue[i] {
				l.handle(j)
				l.bytes.Add(-j.size)
			}
		})
	}
	return l
}

// offer queues a job in the lane of key, or reports false at once.
func (l *lanes) offer(key string, j job) bool {
	if l.bytes.Load()+j.size > laneBytes {
		return false
	}
	l.bytes.Add(j.size)
	select {
	case l.queue[maphash.String(l.seed, key)%laneCount] <- j:
		return true
	default:
		l.bytes.Add(-j.size)
		return false
	}
}

// stop takes no more and waits for what runs; handle decides what becomes of
// the jobs still queued. Nobody may offer any more.
func (l *lanes) stop() {
	for _, q := range l.queue {
		close(q)
	}
	l.wg.Wait()
}
