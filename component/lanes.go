package component

import (
	"context"
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
	queue  [laneCount]chan *job    // pointers: most of the room is never used
	lost   [laneCount]atomic.Int64 // refused
	bytes  atomic.Int64
	mu     sync.RWMutex // closed is not written while somebody settles
	closed bool
	seed   maphash.Seed
	handle func(job)
	wg     sync.WaitGroup
}

func newLanes(handle func(job)) *lanes {
	l := &lanes{seed: maphash.MakeSeed(), handle: handle}
	for i := range l.queue {
		l.queue[i] = make(chan *job, laneDepth)
		l.wg.Go(func() {
			for j := range l.queue[i] {
				if j.reached != nil {
					close(j.reached)
					continue
				}
				l.handle(*j)
				l.bytes.Add(-j.size)
			}
		})
	}
	return l
}

// offer queues a job in the lane of key, or reports false at once.
func (l *lanes) offer(key string, j job) bool {
	i := l.lane(key)
	if l.bytes.Load()+j.size > laneBytes {
		l.lost[i].Add(1)
		return false
	}
	l.bytes.Add(j.size)
	select {
	case l.queue[i] <- &j:
		return true
	default:
		l.bytes.Add(-j.size)
		l.lost[i].Add(1)
		return false
	}
}

func (l *lanes) lane(key string) uint64 { return maphash.String(l.seed, key) % laneCount }

// settle waits until what lies in the lane of key now is handled, and returns how
// much that lane refused so far. It must not be called from that lane.
func (l *lanes) settle(ctx context.Context, key string) (lost int64, err error) {
	j := &job{reached: make(chan struct{})}
	i := l.lane(key)
	l.mu.RLock()
	if l.closed {
		l.mu.RUnlock()
		return 0, ErrDown
	}
	select {
	case l.queue[i] <- j:
		l.mu.RUnlock()
	case <-ctx.Done():
		l.mu.RUnlock()
		return 0, ctx.Err()
	}
	select {
	case <-j.reached:
		return l.lost[i].Load(), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// stop takes no more and waits for what runs; handle decides what becomes of
// the jobs still queued. Nobody may offer any more.
func (l *lanes) stop() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	for _, q := range l.queue {
		close(q)
	}
	l.wg.Wait()
}
