package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"isthmus/db"
)

// Heartbeat is what a running gateway leaves in the database for the command
// line to read.
type Heartbeat struct {
	At, Since  int64 // ms
	Up         bool
	Error      string
	Reconnects int
	Version    string
}

const metaHeartbeat = "heartbeat"

// ReadHeartbeat returns the newest one; ErrNotFound when no gateway ever ran.
func ReadHeartbeat(ctx context.Context, d *db.DB) (Heartbeat, error) {
	s, err := d.Meta(ctx, metaHeartbeat)
	if err != nil {
		return Heartbeat{}, err
	}
	if s == "" {
		return Heartbeat{}, db.ErrNotFound
	}
	var h Heartbeat
	return h, json.Unmarshal([]byte(s), &h)
}

// heartbeat writes the state of the stream, and clears away what is old.
func (b *Bridge) heartbeat(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	var pruned time.Time
	var c clock
	for {
		b.lookAtClock(ctx, &c)
		if b.cfg.Health != nil {
			b.cfg.Health.Beat()
		}
		if b.leads.Load() || b.member.Alone() {
			b.beats(ctx)
		}
		if now := b.now(); now.Sub(pruned) > time.Hour {
			pruned = now
			b.prune(ctx, now)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-b.beat:
		}
	}
}

// beats writes the state of the stream; who has it does.
func (b *Bridge) beats(ctx context.Context) {
	st := b.xmpp.Status()
	text, _ := json.Marshal(Heartbeat{At: b.nowMS(), Since: st.Since.UnixMilli(), Up: st.Up, Error: st.LastError, Reconnects: st.Reconnects, Version: b.cfg.Version})
	if err := b.db.SetMeta(ctx, metaHeartbeat, string(text)); err != nil && !errors.Is(err, context.Canceled) {
		b.logger(ctx).Warn("heartbeat not written", "err", err)
	}
}

// prune clears away what was only remembered for a time.
func (b *Bridge) prune(ctx context.Context, now time.Time) {
	for what, err := range map[string]error{
		"activity ids": b.db.PruneSeen(ctx, now.Add(-7*24*time.Hour).UnixMilli()),
		"undoings":     b.db.PruneForestalled(ctx, now.UnixMilli()),
		"keys":         b.db.DropOldKeys(ctx, now.UnixMilli()),
		"stanzas":      b.db.PruneRelay(ctx, now.UnixMilli()),
		"disk space":   b.db.Tidy(ctx),
	} {
		if err != nil && !errors.Is(err, context.Canceled) {
			b.logger(ctx).Warn("old "+what+" not cleared", "err", err)
		}
	}
}

// pulse makes the heartbeat tell of a change at once.
func (b *Bridge) pulse() {
	select {
	case b.beat <- struct{}{}:
	default:
	}
}
