package bridge

import (
	"context"
	"errors"
	"strconv"
	"time"

	"isthmus/component"
	"isthmus/db"
	"isthmus/queue"
)

// Job kinds about a blog. Their key is the blog, so that asking twice is asking
// once; the others stand beside what they do.
const (
	kindTend     = "tend"
	kindProfile  = "profile"
	kindVanished = "vanished"
	kindTell     = "tell"
	kindRetract  = "retract"
)

func blogJob(kind string, blog, due int64) db.Job {
	return db.Job{Kind: kind, Key: strconv.FormatInt(blog, 10), Due: due}
}

func tendJob(blog, due int64) db.Job     { return blogJob(kindTend, blog, due) }
func profileJob(blog, due int64) db.Job  { return blogJob(kindProfile, blog, due) }
func vanishedJob(blog, due int64) db.Job { return blogJob(kindVanished, blog, due) }
func tellJob(blog, due int64) db.Job     { return blogJob(kindTell, blog, due) }

// noteNoStream is the note of jobs that wait for the XMPP stream. That is no failure of
// theirs: they run as soon as there is one (Up), or look again by themselves.
const noteNoStream = "no stream"

// whenUp lets a job wait for the stream. Up may come just before this is stored, so it
// looks by itself, too: soon at first, and then ever more rarely.
func (b *Bridge) whenUp() error {
	down := b.now().Sub(b.xmpp.Status().Since)
	return queue.ErrSnooze{After: min(max(down/4, time.Second), time.Minute), Why: noteNoStream}
}

func (b *Bridge) registerJobs() {
	handle := func(kind string, run func(context.Context, queue.Job) error) {
		b.jobs.stream.Handle(kind, func(ctx context.Context, j queue.Job) error {
			err := run(b.with(ctx, "job", kind+":"+j.Key), j)
			if errors.Is(err, component.ErrDown) {
				return b.whenUp()
			}
			return err
		})
	}
	anywhere := func(kind string, run func(context.Context, queue.Job) error) {
		b.jobs.anywhere.Handle(kind, func(ctx context.Context, j queue.Job) error {
			return run(b.with(ctx, "job", kind+":"+j.Key), j)
		})
	}
	handle(kindTend, func(ctx context.Context, j queue.Job) error {
		blog, err := b.jobBlog(ctx, j)
		if err != nil {
			return ignoreNotFound(err)
		}
		if _, err := b.db.JobByKey(ctx, kindTell, j.Key); err == nil { // nothing goes out before its owner is told
			return queue.Snooze(tellPause)
		}
		if err := b.tend(ctx, &blog); err != nil {
			return err
		}
		if blog, err = b.jobBlog(ctx, j); err != nil { // it may have been paused meanwhile
			return ignoreNotFound(err)
		}
		if again := b.tendAgain(&blog); again > 0 {
			return queue.Snooze(again)
		}
		return nil
	})
	handle(kindProfile, b.onBlog(b.refreshProfile))
	handle(kindVanished, b.onBlog(b.vanished))
	handle(kindTell, b.onBlog(b.tellEnrolled))
	handle(kindRetract, b.retract)
	anywhere(kindRotate, b.rotate)
	anywhere(kindRules, b.rulesChanged)
	anywhere(kindLists, b.readLists)
	handle(kindNews, b.onBlog(b.tellNews))
	handle(kindDigest, b.onBlog(b.tellDigest))
	handle(kindPlace, b.place)
	handle(kindMark, b.mark)
	handle(kindThread, b.onThread(b.tendThread))
	handle(kindUncomment, b.onThread(b.uncomment))
	handle(kindHeard, b.onThread(b.heard))
	handle(kindRepeat, b.repeat)
	handle(kindThreadGone, b.onThread(b.threadGone))
	handle(kindFeed, b.tellFeed)
	handle(kindComment, b.commentTold)
	anywhere(kindReplies, b.rereadReplies)
	anywhere(kindProve, b.onBlog(b.prove))
	handle(kindAccount, b.accountChanged)
	anywhere(kindFill, b.refill)
	anywhere(kindRefresh, b.refresh)
	handle(kindTask, b.runTask)
	anywhere(kindForget, b.forgetAccount)
	handle(kindAccepted, b.tellAccepted)
	handle(kindRefused, b.tellRefused)
	handle(kindDirectEnd, b.tellDirectEnd)
	handle(kindDirectLate, b.lookLate)
	handle(kindDirectLiked, b.tellDirectLiked)
	b.safetyJobs(handle)
	handle(kindRoster, b.keepRoster)
	anywhere(kindInboxGone, b.confirmGone)
	anywhere(kindInboxMissing, b.confirmGone)
}

// tellPause is how long a blog waits for its owner to be told that it is on.
const tellPause = 500 * time.Millisecond

func (b *Bridge) onBlog(fn func(context.Context, *db.Blog) error) func(context.Context, queue.Job) error {
	return func(ctx context.Context, j queue.Job) error {
		blog, err := b.jobBlog(ctx, j)
		if err != nil {
			return ignoreNotFound(err)
		}
		if blog.State == db.Gone {
			return nil
		}
		return fn(ctx, &blog)
	}
}

func (b *Bridge) jobBlog(ctx context.Context, j queue.Job) (db.Blog, error) {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return db.Blog{}, err
	}
	return b.db.BlogByID(ctx, id)
}

// soon stores a job and wakes the runner. A job that cannot be stored is lost
// to the next slow timer, not for good: tend finds what it would have found.
func (b *Bridge) soon(ctx context.Context, j db.Job) {
	if err := b.db.AddJob(ctx, j); err != nil {
		b.logger(ctx).Error("job not stored", "job", j.Kind, "err", err)
		return
	}
	b.jobs.Kick()
}
