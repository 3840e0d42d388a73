package bridge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// Tasks are long work that somebody asked for: they hear how it goes, and can end
// it. One goes on after a restart where it was.

// kindTask runs a task a step at a time; its key is the row.
const kindTask = "task"

// Task kinds and states.
const (
	taskBackfill = "backfill"
	taskImport   = "import"

	taskDone      = "done"
	taskCancelled = "cancelled"
)

// maxTasks bounds what one person can have running.
const maxTasks = 3

// beginTask stores a task and starts it.
func (b *Bridge) beginTask(ctx context.Context, t db.Task) (db.Task, error) {
	running, err := b.db.RunningTasks(ctx, t.BlogID, maxTasks)
	if err != nil {
		return t, err
	}
	if len(running) >= maxTasks {
		return t, errBusyTasks
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		t.Created = b.nowMS()
		if t, err = tx.AddTask(ctx, t); err != nil {
			return err
		}
		return tx.AddJob(ctx, db.Job{Kind: kindTask, Key: strconv.FormatInt(t.ID, 10), Due: b.nowMS()})
	})
	b.jobs.Kick()
	return t, err
}

var errBusyTasks = errors.New("too many tasks at once")

// step does a part of a task: so many are done and failed now. ended says that
// nothing is left.
type step func(ctx context.Context, t db.Task) (done, failed int64, ended bool, err error)

// taskPause lies between two steps, so that other servers are not overrun.
const taskPause = 200 * time.Millisecond

// runTask does steps until the task is done or cancelled, tells its owner at each
// quarter, and at the end.
func (b *Bridge) runTask(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	t, err := b.db.Task(ctx, id)
	if err != nil || t.State != "running" {
		return ignoreNotFound(err)
	}
	blog, err := b.db.BlogByID(ctx, t.BlogID)
	if err != nil {
		return err
	}
	do := map[string]step{taskBackfill: b.backfillStep, taskImport: b.importStep}[t.Kind]
	if do == nil {
		return fmt.Errorf("task %d is of no known kind: %s", t.ID, t.Kind)
	}
	for {
		before := t
		var ended bool
		if t.Done, t.Failed, ended, err = do(ctx, t); err != nil {
			return err
		}
		if ended {
			if err := b.db.EndTask(ctx, t.ID, taskDone); err != nil {
				return ignoreNotFound(err) // cancelled meanwhile, and told
			}
			b.tell(mustJID(blog.JID), b.textTaskEnd(b.speakTo(ctx, mustJID(blog.JID)), t))
			return nil
		}
		if err := b.db.SetProgress(ctx, t.ID, t.Done, t.Failed); err != nil {
			return ignoreNotFound(err)
		}
		if quarter(t) > quarter(before) {
			b.tell(mustJID(blog.JID), b.textTask(b.speakTo(ctx, mustJID(blog.JID)), t))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(taskPause):
		}
	}
}

// quarter is how many quarters of a task are done; of a short one nothing is told
// before its end.
func quarter(t db.Task) int64 {
	if t.Total < 40 {
		return 0
	}
	return (t.Done + t.Failed) * 4 / t.Total
}

func (b *Bridge) cmdCancel(ctx context.Context, a asking) (answer, error) {
	none := answer{Text: b.say(ctx, "task.none")}
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	if err != nil {
		return none, ignoreNotFound(err)
	}
	running, err := b.db.RunningTasks(ctx, blog.ID, maxTasks)
	if err != nil || len(running) == 0 {
		return none, err
	}
	var lines []string
	for _, t := range running {
		if word := a.word(0); word != "" && !strings.EqualFold(word, t.Kind) {
			continue
		}
		if err := b.db.EndTask(ctx, t.ID, taskCancelled); err != nil {
			if errors.Is(err, db.ErrNotFound) {
				continue
			}
			return answer{}, err
		}
		lines = append(lines, b.say(ctx, "task.cancelled", "task", b.textTask(ctx, t)))
	}
	if len(lines) == 0 {
		return none, nil
	}
	return answer{Text: strings.Join(lines, "\n")}, nil
}
