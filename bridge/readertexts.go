package bridge

import (
	"context"

	"isthmus/db"
)

// What readers are told of long work. ctx is about whom it is told.

// textTask is how far a task is.
func (b *Bridge) textTask(ctx context.Context, t db.Task) string {
	if t.Failed > 0 {
		return b.say(ctx, "task.is.failed", "kind", t.Kind, "done", t.Done+t.Failed, "total", t.Total, "failed", t.Failed)
	}
	return b.say(ctx, "task.is", "kind", t.Kind, "done", t.Done+t.Failed, "total", t.Total)
}

// textTaskEnd is what came of it.
func (b *Bridge) textTaskEnd(ctx context.Context, t db.Task) string {
	switch {
	case t.Kind == taskBackfill && t.Done < t.Total:
		return b.say(ctx, "task.backfill.all", "number", t.Done)
	case t.Kind == taskBackfill:
		return b.say(ctx, "task.backfill.done", "number", t.Done)
	case t.Failed > 0:
		return b.say(ctx, "task.import.failed", "done", t.Done, "total", t.Total, "failed", t.Failed)
	}
	return b.say(ctx, "task.import.done", "done", t.Done, "total", t.Total)
}
