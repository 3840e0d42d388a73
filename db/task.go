package db

import (
	"context"
	"fmt"
)

const (
	taskColumns = `id, blog_id, kind, args, state, done, failed, total, created`

	qAddTask      = `insert into task (blog_id, kind, args, state, done, failed, total, created) values ($1, $2, $3, 'running', 0, 0, $4, $5) returning ` + taskColumns
	qTask         = `select ` + taskColumns + ` from task where id = $1`
	qRunningTasks = `select ` + taskColumns + ` from task where blog_id = $1 and state = 'running' order by id limit $2`
	qSetProgress  = `update task set done = $2, failed = $3 where id = $1 and state = 'running'`
	qEndTask      = `update task set state = $2, args = '' where id = $1 and state = 'running'`
)

func scanTask(s scanner) (t Task, err error) {
	err = s.Scan(&t.ID, &t.BlogID, &t.Kind, &t.Args, &t.State, &t.Done, &t.Failed, &t.Total, &t.Created)
	return t, err
}

// AddTask stores a task that runs from now on.
func (q *queries) AddTask(ctx context.Context, t Task) (Task, error) {
	made, err := change(ctx, q, scanTask, qAddTask, t.BlogID, t.Kind, t.Args, t.Total, t.Created)
	if err != nil {
		return Task{}, fmt.Errorf("task %s: %w", t.Kind, err)
	}
	return made, nil
}

// Task returns a task, running or not, or ErrNotFound.
func (q *queries) Task(ctx context.Context, id int64) (Task, error) {
	return one(ctx, q, scanTask, qTask, id)
}

// RunningTasks returns the tasks of a blog that run.
func (q *queries) RunningTasks(ctx context.Context, blogID int64, limit int) ([]Task, error) {
	return all(ctx, q, scanTask, qRunningTasks, blogID, limit)
}

// SetProgress notes how far a task is; ErrNotFound when it does not run any more.
func (q *queries) SetProgress(ctx context.Context, id, done, failed int64) error {
	return q.touch(ctx, qSetProgress, id, done, failed)
}

// EndTask ends a task, as done or cancelled, and forgets its arguments;
// ErrNotFound when it ended before.
func (q *queries) EndTask(ctx context.Context, id int64, state string) error {
	return q.touch(ctx, qEndTask, id, state)
}
