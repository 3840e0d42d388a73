package bridge

import (
	"context"
	"sync"
	"time"
)

// quota bounds what strangers can make us do, by whom and in an hour. It is not
// stored: a restart forgives.
type quota struct {
	mu    sync.Mutex
	hour  int64
	spent map[string]int
}

// maxQuotaKeys bounds what one hour remembers.
const maxQuotaKeys = 100_000

// take spends one of most under a key, and reports whether there was one left.
func (q *quota) take(key string, most int, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if hour := now.Unix() / 3600; q.spent == nil || hour != q.hour {
		q.hour, q.spent = hour, make(map[string]int)
	}
	if _, known := q.spent[key]; !known && len(q.spent) >= maxQuotaKeys {
		key, most = "", 100*most // all others share
	}
	n := q.spent[key]
	if n >= most {
		return false
	}
	q.spent[key] = n + 1
	return true
}

// What one host may cause in an hour: posts of its people that we fetch because
// somebody else brought them, posts of theirs that we pass on, messages to one of
// our bloggers, and messages to the admin.
const (
	fetchesPerHour  = 600
	forwardsPerHour = 300
	lettersPerHour  = 120
	reportsPerHour  = 20
)

// deedsPerHour is how much one person here likes, boosts, answers and follows by
// command in an hour.
const deedsPerHour = 300

// tooMuch says that somebody did too much in this hour, and when they can go on.
func (b *Bridge) tooMuch(ctx context.Context) string {
	return b.say(ctx, "safety.toomuch", "minutes", b.nextHour())
}

// nextHour is in how many minutes a new hour of quotas begins.
func (b *Bridge) nextHour() int64 { return 60 - b.now().Unix()/60%60 }
