package bridge

import (
	"context"

	"golang.org/x/sync/errgroup"

	"isthmus/db"
)

// CrashTries is how often a job may have begun before it has to wait for the end of
// its lease after a crash: it may be what crashes us.
const CrashTries = 4

// StreamLease is held by the process that has the XMPP stream.
const StreamLease = "stream"

// lead runs the XMPP stream, and the jobs that need it, in turn with other processes: one
// at a time, or two would answer everything twice.
func (b *Bridge) lead(ctx context.Context) error {
	always := func() bool { return true }
	return b.member.Hold(ctx, StreamLease, always, func(ctx context.Context, _ *db.Lease) error {
		if err := b.db.ReleaseJobs(ctx, CrashTries, false); err != nil { // the lease says that nobody has them
			return err
		}
		b.leads.Store(true)
		defer b.leads.Store(false)
		g, ctx := errgroup.WithContext(ctx)
		g.Go(func() error { return b.stream(ctx) })
		g.Go(func() error { return b.jobs.stream.Run(ctx) })
		g.Go(func() error { return b.relayed(ctx) })
		return g.Wait()
	})
}
