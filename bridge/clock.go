package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"isthmus/db"
)

// How far clocks may differ: signatures are good for an hour, more or less, so that this
// is early enough to say so.
const (
	maxSkew = 5 * time.Minute
	maxJump = 30 * time.Second
)

// clockTrouble says what is wrong with the clock here.
func (b *Bridge) clockTrouble() error {
	if off := b.member.Skew(); off != 0 {
		return fmt.Errorf("it differs from the database server's by %v: set both by NTP", off.Round(time.Second))
	}
	off, way := b.client.Skew(), "ahead of"
	if off < 0 {
		way = "behind"
	}
	if off.Abs() < maxSkew {
		return nil
	}
	return fmt.Errorf("it is %v %s other servers': set it by NTP (timedatectl); until then others refuse what this gateway signs, and it refuses theirs", off.Abs().Round(time.Second), way)
}

// clock notices when the wall clock jumps.
type clock struct {
	wall time.Time // of the last look, by b.now
	at   time.Time // likewise, with the monotonic clock's reading
	said bool      // that it is wrong
}

// look returns by how much the wall clock was set since the last look, negative when it was
// set back.
func (c *clock) look(wall time.Time) time.Duration {
	wall, at := wall.Round(0), time.Now()
	was := *c
	c.wall, c.at = wall, at
	if was.wall.IsZero() {
		return 0
	}
	return wall.Sub(was.wall) - at.Sub(was.at)
}

// lookAtClock says when the clock jumps or is wrong. When it was set back, what waits for a
// time is not made to wait for so much longer.
func (b *Bridge) lookAtClock(ctx context.Context, c *clock) {
	jump := c.look(b.now())
	if jump.Abs() > maxJump {
		b.log.Warn("the clock was set", "by", jump.Round(time.Second))
	}
	if jump < -maxJump {
		b.clockBack(ctx, -jump)
	}
	err := b.clockTrouble()
	if err != nil && !c.said {
		b.log.Error("the clock is wrong", "err", err)
	}
	c.said = err != nil
}

func (b *Bridge) clockBack(ctx context.Context, by time.Duration) {
	if !b.member.Alone() {
		return // the others' clocks are right
	}
	if err := b.db.ClockBack(ctx, b.nowMS(), by.Milliseconds()); err != nil {
		b.log.Error("what waits was not told that the clock was set back: it waits for longer", "by", by, "err", err)
		return
	}
	b.jobs.Kick()
	b.mail.Kick()
}

// clockSinceLast is clockBack for what happened while no gateway ran: the last sign of life
// is later than now.
func (b *Bridge) clockSinceLast(ctx context.Context) {
	last, err := ReadHeartbeat(ctx, b.db)
	if err != nil {
		if !errors.Is(err, db.ErrNotFound) {
			b.log.Warn("last sign of life not read", "err", err)
		}
		return
	}
	if ahead := msTime(last.At).Sub(b.now()); ahead > maxJump {
		b.log.Warn("the clock was set back since the gateway last ran", "by", ahead.Round(time.Second))
		b.clockBack(ctx, ahead)
	}
}
