package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var errUnwanted = errors.New("db: it is another process's turn")

// Hold waits until this process has the lease of that name, and runs work with it, again
// and again until ctx ends. The context of work ends when the lease is lost, or not
// wanted any more; the lease goes when work has ended. It returns what work returns when
// that is an error and not due to one of these. With a file, work runs at once, and
// without a lease.
func (m *Member) Hold(ctx context.Context, name string, want func() bool, work func(context.Context, *Lease) error) error {
	if !m.several() {
		return work(ctx, nil)
	}
	lease := &Lease{name, m}
	for {
		freed := m.whenFreed()
		if want() && m.Sure() {
			got, err := m.acquire(ctx, name)
			if err == nil && got {
				if err := m.during(ctx, lease, want, work); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			} else if err != nil && ctx.Err() == nil {
				m.log.Warn("lease not asked for", "lease", name, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-freed:
		case <-time.After(time.Second):
		}
	}
}

// watchEvery is how often a lease is looked after.
const watchEvery = 200 * time.Millisecond

// during runs work while the lease is this process's.
func (m *Member) during(ctx context.Context, lease *Lease, want func() bool, work func(context.Context, *Lease) error) error {
	m.log.Info("lease taken", "lease", lease.name)
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-working.Done():
				return
			case <-tick.C:
			}
			switch {
			case !m.Sure():
				stop(ErrLost)
			case !want():
				stop(errUnwanted)
			}
		}
	}()
	err := work(working, lease)
	stop(nil)
	<-watched
	cause := context.Cause(working)
	m.log.Info("lease let go", "lease", lease.name, "why", cause)
	gone, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseDoubt/2)
	defer cancel()
	if _, rerr := m.db.read.db.ExecContext(gone, textGiveUp, lease.name, m.ID); rerr == nil {
		m.db.Wake(gone, TopicLease)
	}
	if errors.Is(cause, ErrLost) || errors.Is(cause, errUnwanted) || errors.Is(err, ErrLost) || ctx.Err() != nil {
		return nil
	}
	return err
}
