package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"isthmus/activitypub"
	"isthmus/component/stanza"
	"isthmus/db"
)

// maxBackfill bounds how many old posts one command brings.
const maxBackfill = 5000

// cmdBackfill brings older posts of an account, quietly.
func (b *Bridge) cmdBackfill(ctx context.Context, a asking) (answer, error) {
	n, err := strconv.Atoi(a.word(1))
	if err != nil || n < 1 || n > maxBackfill {
		return answer{Text: b.say(ctx, "task.backfill.how", "most", maxBackfill)}, nil
	}
	a.Words = a.Words[:1]
	f, err := b.findKnown(ctx, a)
	if err != nil {
		return inWords(err)
	}
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	var follows bool
	if err == nil {
		_, err = b.db.Following(ctx, blog.ID, f.acc.Actor)
		follows = err == nil
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return answer{}, err
	}
	if !follows {
		return answer{Text: b.say(ctx, "follow.first", "handle", b.handleAt(f.acc)), Next: []string{"follow @" + b.handleAt(f.acc), "following"}}, nil
	}
	args, _ := json.Marshal(backfillArgs{f.acc.Actor})
	t, err := b.beginTask(ctx, db.Task{BlogID: blog.ID, Kind: taskBackfill, Args: string(args), Total: int64(n)})
	if errors.Is(err, errBusyTasks) {
		return answer{Text: b.say(ctx, "task.busy"), Next: []string{"cancel", "following"}}, nil
	}
	return answer{Text: b.say(ctx, "task.backfill.begun", "number", t.Total, "handle", b.handleAt(f.acc))}, err
}

type backfillArgs struct{ Actor string }

// backfillStep reads on in an outbox until there are as many posts as wanted.
func (b *Bridge) backfillStep(ctx context.Context, t db.Task) (done, failed int64, ended bool, err error) {
	var args backfillArgs
	if err := json.Unmarshal([]byte(t.Args), &args); err != nil {
		return 0, 0, false, err
	}
	acc, err := b.db.Account(ctx, args.Actor)
	if errors.Is(err, db.ErrNotFound) {
		return t.Done, t.Failed, true, nil
	}
	if err != nil {
		return 0, 0, false, err
	}
	before, err := b.db.FeedCount(ctx, acc.Actor, true)
	if err != nil {
		return 0, 0, false, err
	}
	if acc.Filled == 0 {
		acc, err = b.fill(ctx, acc, pageItems)
	} else {
		acc, err = b.dig(ctx, acc, pageItems)
	}
	if err != nil {
		if activitypub.Final(err) || !retriable(err) {
			return t.Done, t.Failed, true, nil
		}
		return 0, 0, false, err
	}
	after, err := b.db.FeedCount(ctx, acc.Actor, true)
	done = t.Done + int64(after-before)
	return done, t.Failed, acc.More == "" || done >= t.Total, err
}
