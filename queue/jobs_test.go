package queue_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

// runner is a job runner on the world's database and clock.
func (w *world) runner(setUp func(j *queue.Jobs)) *queue.Jobs {
	j := queue.NewJobs(w.db, slog.New(slog.DiscardHandler))
	j.Now, j.Poll = w.clock.Now, 5*time.Millisecond
	setUp(j)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	return j
}

func (w *world) addJob(j db.Job) {
	w.t.Helper()
	if err := w.db.AddJob(context.Background(), j); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) noJobs() {
	w.t.Helper()
	w.until("no job left", func() bool { return w.stats().Jobs == 0 })
}

func TestJobRuns(t *testing.T) {
	w := newWorld(t)
	got := make(chan queue.Job, 1)
	w.runner(func(j *queue.Jobs) {
		j.Handle("import", func(_ context.Context, job queue.Job) error { got <- job; return nil })
	})
	// Nobody kicks: another process may have added it.
	w.addJob(db.Job{Kind: "import", Key: "7", Args: `{"from":1}`, Due: w.clock.Now().UnixMilli()})
	if job := <-got; job.Key != "7" || job.Args != `{"from":1}` || job.Tries != 1 {
		t.Errorf("got %+v", job)
	}
	w.noJobs()
}

func TestJobFailsAndComesBack(t *testing.T) {
	w := newWorld(t)
	var runs atomic.Int64
	w.runner(func(j *queue.Jobs) {
		j.Handle("x", func(_ context.Context, job queue.Job) error {
			if runs.Add(1); job.Tries == 1 {
				return errors.New("not yet")
			}
			if job.Tries == 2 {
				panic("a bug")
			}
			return nil
		})
	})
	w.addJob(db.Job{Kind: "x"})
	note := func(want string) func() bool {
		return func() bool {
			job, err := w.db.JobByKey(context.Background(), "x", "")
			return err == nil && strings.HasPrefix(job.Note, want) && job.Due > w.clock.Now().UnixMilli()
		}
	}
	w.until("the first error noted", note("failure 1: not yet"))
	w.clock.add(7 * time.Second)
	w.until("the panic noted", note("failure 2: panic: a bug"))
	if n := runs.Load(); n != 2 {
		t.Fatalf("%d runs, want 2", n)
	}
	w.clock.add(13 * time.Second)
	w.noJobs()
}

// What ran when the program crashed has not failed: its first failure is its first.
func TestCrashesAreNoFailures(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	w.addJob(db.Job{Kind: "x"})
	for range 100 {
		w.clock.add(time.Minute)
		now := w.clock.Now()
		if jobs, err := w.db.ClaimJobs(ctx, now.UnixMilli(), now.Add(time.Second).UnixMilli(), 1); err != nil || len(jobs) != 1 {
			t.Fatal(jobs, err)
		}
	}
	w.clock.add(time.Minute)
	w.runner(func(j *queue.Jobs) {
		j.Handle("x", func(_ context.Context, job queue.Job) error {
			if job.Tries > 100 {
				return errors.New("not yet")
			}
			return nil
		})
	})
	w.until("the error noted", func() bool {
		job, err := w.db.JobByKey(ctx, "x", "")
		return err == nil && strings.HasPrefix(job.Note, "failure 1: not yet") && job.Due <= w.clock.Now().Add(7*time.Second).UnixMilli()
	})
	w.clock.add(7 * time.Second)
	w.noJobs()
}

func TestJobSnoozesAsOftenAsItLikes(t *testing.T) {
	w := newWorld(t)
	var runs atomic.Int64
	w.runner(func(j *queue.Jobs) {
		j.Handle("poll", func(_ context.Context, job queue.Job) error {
			if job.Tries != 1 {
				t.Errorf("try %d: a snooze counted", job.Tries)
			}
			if runs.Add(1) == 4 {
				return nil
			}
			return queue.Snooze(time.Hour)
		})
	})
	w.addJob(db.Job{Kind: "poll"})
	for n := int64(1); n < 4; n++ {
		w.until("asleep", func() bool {
			job, err := w.db.JobByKey(context.Background(), "poll", "")
			return err == nil && runs.Load() == n && job.Due == w.clock.Now().Add(time.Hour).UnixMilli()
		})
		w.clock.add(time.Hour)
	}
	w.noJobs()
}

type finalError struct{ error }

func (finalError) Final() bool { return true }

func TestJobGivesUp(t *testing.T) {
	w := newWorld(t)
	w.runner(func(j *queue.Jobs) {
		j.Handle("x", func(context.Context, queue.Job) error { return finalError{errors.New("never")} })
	})
	w.addJob(db.Job{Kind: "x"})
	w.noJobs()
}

// A job that is added while it runs has missed something: it runs again.
func TestJobAddedWhileItRuns(t *testing.T) {
	w := newWorld(t)
	var runs atomic.Int64
	began, goOn := make(chan struct{}, 2), make(chan struct{})
	w.runner(func(j *queue.Jobs) {
		j.Handle("x", func(context.Context, queue.Job) error {
			runs.Add(1)
			began <- struct{}{}
			<-goOn
			return nil
		})
	})
	w.addJob(db.Job{Kind: "x"})
	<-began
	w.addJob(db.Job{Kind: "x"})
	w.addJob(db.Job{Kind: "x"})
	close(goOn)
	<-began
	w.noJobs()
	if n := runs.Load(); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
}

func TestJobsInParallelUpToTheLimit(t *testing.T) {
	w := newWorld(t)
	var now, most atomic.Int64
	w.runner(func(j *queue.Jobs) {
		j.Parallel = 3
		j.Handle("x", func(context.Context, queue.Job) error {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(time.Millisecond)
			now.Add(-1)
			return nil
		})
	})
	for _, key := range strings.Split("abcdefghijklmnopqrst", "") {
		w.addJob(db.Job{Kind: "x", Key: key})
	}
	w.noJobs()
	if m := most.Load(); m > 3 {
		t.Errorf("%d at the same time, want 3 at most", m)
	}
}

// A job whose process died is taken up when its lease ends, and one whose
// process lives is not, however long it takes.
func TestJobLease(t *testing.T) {
	w := newWorld(t)
	w.addJob(db.Job{Kind: "x"})
	now := w.clock.Now()
	if jobs, err := w.db.ClaimJobs(t.Context(), now.UnixMilli(), now.Add(time.Minute).UnixMilli(), 1); err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err) // by a process that then dies
	}
	var runs atomic.Int64
	goOn := make(chan struct{})
	w.runner(func(j *queue.Jobs) {
		j.Lease = 30 * time.Millisecond // by the real clock renewed each 10
		j.Handle("x", func(context.Context, queue.Job) error { runs.Add(1); <-goOn; return nil })
	})
	w.clock.add(59 * time.Second)
	if n := runs.Load(); n != 0 {
		t.Error("taken from a process that may still live")
	}
	w.clock.add(2 * time.Second)
	w.until("taken up", func() bool { return runs.Load() == 1 })
	for range 20 {
		w.clock.add(10 * time.Millisecond)
		time.Sleep(12 * time.Millisecond)
	}
	if n := runs.Load(); n != 1 {
		t.Errorf("%d runs at the same time", n)
	}
	close(goOn)
	w.noJobs()
}

// A job that ends well while the program stops is done: it does not come back when
// its lease ends.
func TestJobEndsWhileStopping(t *testing.T) {
	w := newWorld(t)
	j := queue.NewJobs(w.db, slog.New(slog.DiscardHandler))
	j.Now, j.Poll = w.clock.Now, 5*time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	j.Handle("last", func(context.Context, queue.Job) error { cancel(); return nil })
	w.addJob(db.Job{Kind: "last", Due: w.clock.Now().UnixMilli()})
	if err := j.Run(ctx); err != nil {
		t.Error(err)
	}
	if n := w.stats().Jobs; n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

func TestJobOfUnknownKindWaits(t *testing.T) {
	w := newWorld(t)
	w.runner(func(*queue.Jobs) {})
	w.addJob(db.Job{Kind: "from the future"})
	w.until("noted", func() bool {
		job, err := w.db.JobByKey(context.Background(), "from the future", "")
		return err == nil && job.Note != ""
	})
}
