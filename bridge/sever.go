package bridge

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

// Jobs that follow a block. The key of the first three is severKey.
const (
	kindSever     = "sever"     // ends follows in both directions
	kindSevered   = "severed"   // tells an owner that the admin's block did so; args: how the subject is called
	kindBlocklist = "blocklist" // XEP-0191
	kindBlocks    = "blocks"    // reads that list; key: the blog
)

// adminBlog stands for the admin in severKey: everybody's follows end.
const adminBlog = 0

func severKey(blog int64, subject string) string { return strconv.FormatInt(blog, 10) + " " + subject }

func cutSeverKey(key string) (blog int64, subject string, err error) {
	id, subject, _ := strings.Cut(key, " ")
	blog, err = strconv.ParseInt(id, 10, 64)
	return blog, subject, err
}

// safetyJobs registers the jobs of blocks, reports and announcements.
func (b *Bridge) safetyJobs(handle func(string, func(context.Context, queue.Job) error)) {
	handle(kindSever, b.sever)
	handle(kindSevered, b.severed)
	handle(kindBlocklist, b.tellBlocklist)
	handle(kindBlocks, b.readBlocklist)
	handle(kindReport, b.tellReport)
	handle(kindAnnounce, b.announce)
}

// meant reports whether a blog's block of a subject is about an actor: the admin's
// of a host is about all below it, too.
func (b *Bridge) meant(ctx context.Context, blog int64, subject, actor, handle string) bool {
	if handle == "" && strings.HasPrefix(subject, "@") {
		if r, err := b.db.Remote(ctx, actor); err == nil {
			handle = r.Handle
		}
	}
	if blog == adminBlog {
		return under(subject, actor, handle)
	}
	_, domain, _ := cutHandle(handle)
	return subject == actor || subject == "@"+hostOf(actor) || domain != "" && subject == "@"+domain
}

// severChunk is how many relations are read at a time.
const severChunk = 500

// related calls with for each relation, to and from a blog or anybody (adminBlog),
// that a subject is about.
func (b *Bridge) related(ctx context.Context, blog int64, subject string, follower func(db.Follower) error, following func(db.Following) error) error {
	theirs := func(f db.Follower) error {
		if b.meant(ctx, blog, subject, f.Actor, f.Handle) {
			return follower(f)
		}
		return nil
	}
	ours := func(f db.Following) error {
		if b.meant(ctx, blog, subject, f.Actor, "") {
			return following(f)
		}
		return nil
	}
	if blog == adminBlog {
		return everyRelation(ctx, b.db, theirs, ours)
	}
	for _, state := range []string{followerAccepted, followerPending} {
		err := chunks(func(after int64) ([]db.Follower, error) {
			return b.db.Followers(ctx, blog, state, after, severChunk)
		}, func(f db.Follower) (int64, error) { return f.ID, theirs(f) })
		if err != nil {
			return err
		}
	}
	return chunks(func(after int64) ([]db.Following, error) {
		return b.db.FollowingPage(ctx, blog, after, severChunk)
	}, func(f db.Following) (int64, error) { return f.ID, ours(f) })
}

// everyRelation calls with for each follower and each follow of anybody here.
func everyRelation(ctx context.Context, d *db.DB, follower func(db.Follower) error, following func(db.Following) error) error {
	err := chunks(func(after int64) ([]db.Follower, error) { return d.AllFollowers(ctx, after, severChunk) },
		func(f db.Follower) (int64, error) { return f.ID, follower(f) })
	if err != nil {
		return err
	}
	return chunks(func(after int64) ([]db.Following, error) { return d.AllFollowing(ctx, after, severChunk) },
		func(f db.Following) (int64, error) { return f.ID, following(f) })
}

// chunks calls with for each row, read severChunk at a time; it gives the row's id.
func chunks[T any](read func(after int64) ([]T, error), with func(T) (id int64, err error)) error {
	for after := int64(0); ; {
		list, err := read(after)
		if err != nil {
			return err
		}
		for _, row := range list {
			if after, err = with(row); err != nil {
				return err
			}
		}
		if len(list) < severChunk {
			return nil
		}
	}
}

// affected counts whom a block of a subject parts: followers, follows, and people
// here.
func (b *Bridge) affected(ctx context.Context, blog int64, subject string) (followers, following, people int, err error) {
	whose := map[int64]bool{}
	err = b.related(ctx, blog, subject, func(f db.Follower) error {
		followers++
		whose[f.BlogID] = true
		return nil
	}, func(f db.Following) error {
		following++
		whose[f.BlogID] = true
		return nil
	})
	return followers, following, len(whose), err
}

// sever ends the follows between a blog, or everybody, and a subject. A person's
// block refuses the follower as “reject” does; where the admin blocks, nothing goes
// any more, and people here are told.
func (b *Bridge) sever(ctx context.Context, j queue.Job) error {
	blogID, subject, err := cutSeverKey(j.Key)
	if err != nil {
		return err
	}
	tell := func(tx *db.Tx, blog int64) error {
		if blogID != adminBlog {
			return nil
		}
		return tx.AddJob(ctx, db.Job{Kind: kindSevered, Key: severKey(blog, subject), Args: b.subjectName(ctx, subject), Due: b.nowMS() + time.Second.Milliseconds()/2})
	}
	n := 0
	err = b.related(ctx, blogID, subject, func(f db.Follower) error {
		blog, err := b.db.BlogByID(ctx, f.BlogID)
		if err != nil {
			return err
		}
		n++
		return b.db.Tx(ctx, func(tx *db.Tx) error {
			if err := tx.SetFollowerState(ctx, f.BlogID, f.Actor, followerRemoved); err != nil {
				return err
			}
			if blogID != adminBlog {
				return b.answer(ctx, tx, &blog, f, "Reject")
			}
			return tell(tx, f.BlogID)
		})
	}, func(f db.Following) error {
		blog, err := b.db.BlogByID(ctx, f.BlogID)
		if err != nil {
			return err
		}
		acc, err := b.db.Account(ctx, f.Actor)
		if err != nil {
			return ignoreNotFound(err)
		}
		n++
		if blogID != adminBlog {
			return b.unfollow(ctx, &blog, f, acc, true)
		}
		if err := b.db.Tx(ctx, func(tx *db.Tx) error { return tell(tx, f.BlogID) }); err != nil {
			return err
		}
		return b.forgetFollow(ctx, &blog, f, acc, true)
	})
	b.mail.Kick()
	b.jobs.Kick()
	if err != nil {
		return fmt.Errorf("end what is between %d and %s: %w", blogID, subject, err)
	}
	b.logger(ctx).Info("blocked", "blog", blogID, "subject", subject, "ended", n)
	return nil
}

// severed tells an owner once that the admin's block ended follows of theirs.
func (b *Bridge) severed(ctx context.Context, j queue.Job) error {
	id, _, err := cutSeverKey(j.Key)
	if err != nil {
		return err
	}
	blog, err := b.db.BlogByID(ctx, id)
	if err != nil {
		return ignoreNotFound(err)
	}
	if !b.xmpp.Status().Up {
		return errTrouble
	}
	if to := ownerJID(&blog); to.Local != "" {
		b.tell(to, b.say(b.speakTo(ctx, to), "safety.severed", "who", j.Args))
	}
	return nil
}
