package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Job is work of a kind that a handler is registered for. Handlers may see a job
// again that they had done: a crash repeats what was running.
type Job struct {
	ID    int64
	Kind  string
	Key   string // with Kind unique
	Args  string
	Due   int64 // Unix ms
	Tries int   // this attempt counts
	Note  string
}

// JobStore keeps jobs. Times are Unix milliseconds.
type JobStore interface {
	// ClaimJobs takes what is due, oldest first, and holds it until leaseUntil.
	ClaimJobs(ctx context.Context, now, leaseUntil int64, limit int) ([]Job, error)
	LeaseJob(ctx context.Context, id, until int64) error
	FinishJob(ctx context.Context, id int64) error
	RetryJob(ctx context.Context, id, due int64, tries int, note string) error // tries is what Tries is from now on
	SnoozeJob(ctx context.Context, id, due int64, note string) error           // as RetryJob, for one that has not failed
}

// ErrSnooze asks for a job to run again after a while. It is no failure. Why is stored
// as its note, by which a store can find it earlier.
type ErrSnooze struct {
	After time.Duration
	Why   string
}

func (e ErrSnooze) Error() string { return fmt.Sprintf("again in %v", e.After) }

// Snooze returns an ErrSnooze.
func Snooze(after time.Duration) error { return ErrSnooze{After: after} }

// Jobs runs jobs: it looks for due ones each second and when kicked, so that
// another process that adds one to the store needs no other way to say so. An
// error makes the job run again later and later, one that is Final ends it.
// The fields may be changed before Run.
type Jobs struct {
	Parallel int           // jobs at a time (8)
	Lease    time.Duration // how long after a crash a job is taken up again (1 min)
	Poll     time.Duration // (1 s)
	First    time.Duration // wait after the first error (5 s), doubling
	Max      time.Duration // up to (1 h)
	Now      func() time.Time

	store    JobStore
	log      *slog.Logger
	handlers map[string]func(context.Context, Job) error
	kick     chan struct{}
}

// NewJobs makes a runner without handlers.
func NewJobs(store JobStore, log *slog.Logger) *Jobs {
	return &Jobs{
		Parallel: 8, Lease: time.Minute, Poll: time.Second, First: 5 * time.Second, Max: time.Hour, Now: time.Now,
		store: store, log: log, handlers: make(map[string]func(context.Context, Job) error), kick: make(chan struct{}, 1),
	}
}

// Handle registers what runs jobs of a kind; call it before Run.
func (j *Jobs) Handle(kind string, fn func(context.Context, Job) error) { j.handlers[kind] = fn }

// Kick makes the runner look for jobs at once.
func (j *Jobs) Kick() { poke(j.kick) }

// Run works until ctx ends, and then waits for the handlers, whose context ends
// with it.
func (j *Jobs) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, j.Parallel)
	poll := time.NewTicker(j.Poll)
	defer poll.Stop()
	for {
		full := j.claim(ctx, slots, &running)
		if full {
			select { // somebody has to finish first
			case <-ctx.Done():
				return nil
			case slots <- struct{}{}:
				<-slots
				continue
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
		case <-j.kick:
		}
	}
}

// claim starts what is due and reports whether it had to stop for want of slots.
func (j *Jobs) claim(ctx context.Context, slots chan struct{}, running *sync.WaitGroup) (full bool) {
	free := cap(slots) - len(slots)
	if free == 0 {
		return true
	}
	now := j.Now()
	jobs, err := j.store.ClaimJobs(ctx, now.UnixMilli(), now.Add(j.Lease).UnixMilli(), free)
	if err != nil {
		if ctx.Err() == nil {
			j.log.Error("jobs not read", "err", err)
		}
		return false
	}
	for _, job := range jobs {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			j.work(ctx, job)
		})
	}
	return len(jobs) == free
}

func (j *Jobs) work(ctx context.Context, job Job) {
	stop := j.hold(ctx, job)
	err := j.call(ctx, job)
	stop()
	log := j.log.With("job", job.Kind, "key", job.Key)
	switch now := j.Now(); {
	case err == nil: // also when shutting down: what is done need not wait for its lease
		err = j.store.FinishJob(context.WithoutCancel(ctx), job.ID)
	case ctx.Err() != nil: // shutting down: at once in the next process
		err = j.store.SnoozeJob(context.WithoutCancel(ctx), job.ID, job.Due, job.Note)
	case snooze(err) != nil:
		err = j.store.SnoozeJob(ctx, job.ID, now.Add(snooze(err).After).UnixMilli(), snooze(err).Why)
	case final(err):
		log.Error("job given up", "err", err)
		err = j.store.FinishJob(ctx, job.ID)
	default:
		n := failures(job) + 1
		wait := backoff(n, j.First, j.Max)
		log.Warn("job failed", "err", err, "failures", n, "again", wait)
		err = j.store.RetryJob(ctx, job.ID, now.Add(wait).UnixMilli(), n, fmt.Sprintf(failureNote, n)+": "+err.Error())
	}
	if err != nil {
		log.Error("end of job not stored: it runs again when its lease ends", "err", err)
	}
}

// failureNote is how the note of a job that failed begins. Tries counts crashes, too, and
// what ran when they happened has not failed: it need not wait.
const failureNote = "failure %d"

// failures is how often a job has failed since it last went well.
func failures(job Job) (n int) {
	fmt.Sscanf(job.Note, failureNote, &n)
	return n
}

// hold renews the lease while the job runs.
func (j *Jobs) hold(ctx context.Context, job Job) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		renew := time.NewTicker(j.Lease / 3)
		defer renew.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-renew.C:
				if err := j.store.LeaseJob(ctx, job.ID, j.Now().Add(j.Lease).UnixMilli()); err != nil && ctx.Err() == nil {
					j.log.Error("lease not renewed", "job", job.Kind, "err", err)
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}

func (j *Jobs) call(ctx context.Context, job Job) (err error) {
	fn := j.handlers[job.Kind]
	if fn == nil {
		return errors.New("this program does not know this kind of job")
	}
	defer recovered(&err)
	return fn(ctx, job)
}

func snooze(err error) *ErrSnooze {
	var s ErrSnooze
	if errors.As(err, &s) {
		return &s
	}
	return nil
}

// recovered turns a panic into an error: one bad input must not stop the rest.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
