package db

import (
	"context"
	"fmt"
)

// What is due at a time that is still to come was made due by the clock as it was.
const (
	qBackJobs    = `update job set due = due - $2 where due > $1`
	qBackLeases  = `update job set lease = lease - $2 where lease > $1`
	qBackRetries = `update retry set due = due - $2 where due > $1 and due < $3`
	qBackInbound = `update inbox set due = due - $2 where not done and due > $1 and due < $3`
	qBackHosts   = `update host set since = since - $2, open_until = open_until - $2 where open_until > $1`
)

// ClockBack takes into account that the clock was set back by so many milliseconds, to now:
// what waits for a time would wait for so much longer. Only for who is alone with the
// database.
func (d *DB) ClockBack(ctx context.Context, now, by int64) error {
	err := d.Tx(ctx, func(tx *Tx) error {
		for _, s := range []struct {
			text string
			args []any
		}{
			{qBackJobs, []any{now, by}},
			{qBackLeases, []any{now, by}},
			{qBackRetries, []any{now, by, int64(WaitHost)}},
			{qBackInbound, []any{now, by, int64(waitTurn)}},
			{qBackHosts, []any{now, by}},
		} {
			if _, err := tx.exec(ctx, s.text, s.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("db: clock set back: %w", err)
	}
	return nil
}
