package bridge

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"isthmus/activitypub"
	"isthmus/db"
	"isthmus/queue"
)

// Refreshing keeps what is known of accounts true, a few at a time, whoever asks:
// profiles, posts that did not come by themselves, and accounts that are no more.

// Kinds of jobs about accounts. The key of kindFill is the actor.
const (
	kindRefresh = "refresh"
	kindFill    = "fill"
	kindForget  = "forget" // key: the actor
)

// forgetDelay leaves the events of a deleted account's posts time to go out, in ms.
const forgetDelay = 60_000

const (
	refreshKey    = "accounts"
	refreshEvery  = 5 * time.Minute
	refreshBudget = 40 // accounts in one round
	forgetAfter   = 30 * dayMS
	giveUpAfter   = 30 * dayMS // of an account that cannot be reached
	goneAfter     = dayMS      // of one that is not found: a proxy may be set up wrongly
)

func fillJob(actor string, due int64) db.Job {
	return db.Job{Kind: kindFill, Anywhere: true, Key: actor, Due: due}
}

// refill reads an account's newest posts. Those that were written since they were
// last read and did not come by themselves are told to who follows it.
func (b *Bridge) refill(ctx context.Context, j queue.Job) error {
	acc, err := b.db.Account(ctx, j.Key)
	if err != nil {
		return ignoreNotFound(err)
	}
	if _, err := b.fill(ctx, acc, b.cfg.Backfill); err != nil {
		b.logger(ctx).Info("posts not read", "actor", acc.Actor, "why", err)
		if j.Tries < 3 && !activitypub.Final(err) {
			return err
		}
		return nil
	}
	if acc.Filled == 0 {
		return nil // all of them are old
	}
	return b.tellMissed(ctx, acc, acc.Filled)
}

// tellMissed tells an account's followers here of posts of since then, in ms, that
// were found in its outbox.
func (b *Bridge) tellMissed(ctx context.Context, acc db.Account, since int64) error {
	if followed, err := b.db.FollowedHere(ctx, acc.Actor); err != nil || !followed {
		return err
	}
	newest, err := b.db.FeedBefore(ctx, acc.Actor, true, db.FeedPlace{Published: math.MaxInt64, ID: math.MaxInt64}, b.cfg.Backfill)
	if err != nil {
		return err
	}
	for _, f := range slices.Backward(newest) { // in the order they were written
		if !f.Quiet || f.Told != "" || f.Published <= since {
			continue
		}
		if err := b.db.Tx(ctx, func(tx *db.Tx) error {
			if err := tx.WakeFeed(ctx, f.ID); err != nil {
				return err
			}
			return tx.AddJob(ctx, feedJob(f.ID, b.nowMS()))
		}); err != nil {
			return err
		}
	}
	b.jobs.Kick()
	return nil
}

// refresh is one round: the accounts that were not looked at for longest.
func (b *Bridge) refresh(ctx context.Context, _ queue.Job) error {
	stale, err := b.db.StaleAccounts(ctx, b.nowMS()-b.cfg.Refresh.Milliseconds(), refreshBudget)
	if err != nil {
		return err
	}
	for _, acc := range stale {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := b.refreshAccount(ctx, acc); err != nil {
			return err
		}
		gone, err := b.db.TrimFeed(ctx, acc.Actor, b.cfg.Keep)
		if err != nil {
			return err
		}
		if gone > 0 {
			b.logger(ctx).Info("old posts forgotten", "actor", acc.Actor, "posts", gone)
		}
	}
	idle, err := b.db.IdleAccounts(ctx, b.nowMS()-forgetAfter, refreshBudget)
	if err != nil {
		return err
	}
	for _, acc := range idle {
		if err := b.db.RemoveAccount(ctx, acc); err != nil {
			return err
		}
		b.logger(ctx).Info("account forgotten: nobody follows it or asks for it", "actor", acc.Actor)
	}
	if len(stale)+len(idle) > 0 {
		b.logger(ctx).Info("accounts refreshed", "read", len(stale), "forgotten", len(idle))
	}
	return queue.Snooze(min(refreshEvery, max(b.cfg.Refresh, time.Second)))
}

func (b *Bridge) refreshAccount(ctx context.Context, acc db.Account) error {
	ctx, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	fresh, err := b.readAccount(ctx, acc.Actor)
	var status *activitypub.StatusError
	switch {
	case err == nil:
		if p := profileOf(fresh); p.MovedTo != "" {
			return b.movedTo(ctx, fresh, p.MovedTo)
		}
		return b.db.AddJob(ctx, fillJob(fresh.Actor, b.nowMS()))
	case errors.Is(err, errRefusesBridges):
		return b.tidyUp(ctx, acc, goneFor{key: "follow.gone.bridged"}, b.unfollow)
	}
	if err := b.db.SetAccountFailing(ctx, acc.Actor, b.nowMS()); err != nil {
		return err
	}
	failing := int64(0)
	if acc.Failing != 0 {
		failing = b.nowMS() - acc.Failing
	}
	b.logger(ctx).Info("account not refreshed", "actor", acc.Actor, "why", err)
	_, host, _ := strings.Cut(b.handleAt(acc), "@")
	switch {
	case errors.As(err, &status) && status.Code == http.StatusGone,
		activitypub.Gone(err) && failing >= goneAfter:
		return b.tidyUp(ctx, acc, goneFor{key: "follow.gone.deleted"}, b.forgetFollow)
	case failing >= giveUpAfter:
		return b.tidyUp(ctx, acc, goneFor{"follow.gone.server", host, msTime(acc.Failing).Format("2006-01-02")}, b.forgetFollow)
	}
	return nil
}

// forgetAccount forgets a deleted account; its address will be looked up again.
func (b *Bridge) forgetAccount(ctx context.Context, j queue.Job) error {
	acc, err := b.db.Account(ctx, j.Key)
	if err != nil {
		return ignoreNotFound(err)
	}
	return b.db.RemoveAccount(ctx, acc)
}

// forgetFollow ends a follow of an account that is no more: nobody is there to be told.
func (b *Bridge) forgetFollow(ctx context.Context, blog *db.Blog, f db.Following, acc db.Account, told bool) error {
	if err := ignoreNotFound(b.db.RemoveFollowing(ctx, f.ID)); err != nil {
		return err
	}
	b.followEnded(ctx, mustJID(blog.JID), f, acc, told)
	return nil
}

// goneFor is why an account is no more for its followers: a sentence of the catalogue.
type goneFor struct{ key, host, since string }

// tidyUp ends that people here follow an account, each with end, and says so.
func (b *Bridge) tidyUp(ctx context.Context, acc db.Account, why goneFor,
	end func(context.Context, *db.Blog, db.Following, db.Account, bool) error) error {
	for _, state := range []string{followerAccepted, followerPending} {
		for {
			rows, err := b.db.FollowersHere(ctx, acc.Actor, state, 0, 100)
			if err != nil || len(rows) == 0 {
				if err != nil {
					return err
				}
				break
			}
			for _, f := range rows {
				blog, err := b.db.BlogByID(ctx, f.BlogID)
				if err != nil {
					return err
				}
				if err := end(ctx, &blog, f, acc, true); err != nil {
					return err
				}
				who := mustJID(blog.JID)
				b.tell(who, b.say(b.speakTo(ctx, who), why.key, "handle", b.handleAt(acc), "host", why.host, "day", why.since))
			}
		}
	}
	b.logger(ctx).Info("account is gone for its followers here", "actor", acc.Actor, "why", why.key)
	return b.dropPrivate(ctx, acc.Actor)
}
