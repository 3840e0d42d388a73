package bridge

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"isthmus/db"
	"isthmus/queue"
)

// Job kinds about a discussion. Their key is the thread, or the thread and an
// item of its node.
const (
	kindThread     = "thread"      // watch it
	kindThreadGone = "thread-gone" // its node was purged or deleted
	kindUncomment  = "uncomment"   // an item was retracted
	kindHeard      = "heard"       // an item was announced without its payload
)

func threadJob(thread, due int64) db.Job {
	return db.Job{Kind: kindThread, Key: strconv.FormatInt(thread, 10), Due: due}
}

func threadItemKey(thread int64, item string) string { return fmt.Sprintf("%d:%s", thread, item) }

func threadItemJob(kind string, thread int64, item string, due int64) db.Job {
	return db.Job{Kind: kind, Key: threadItemKey(thread, item), Due: due}
}

// onThread runs jobs about threads; item is "" in those about the whole.
func (b *Bridge) onThread(fn func(ctx context.Context, t *db.Thread, item string) error) func(context.Context, queue.Job) error {
	return func(ctx context.Context, j queue.Job) error {
		key, item, _ := strings.Cut(j.Key, ":")
		id, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return err
		}
		t, err := b.db.ThreadByID(ctx, id)
		if err != nil {
			return ignoreNotFound(err)
		}
		return fn(ctx, &t, item)
	}
}
