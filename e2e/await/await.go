// Package await waits for conditions. Scenarios never sleep for a guessed time:
// they name what they wait for and how long it may take at most, and a
// scenario that gives up says what it saw last.
//
// It refuses to wait for ever, and to measure: how long something took is
// never part of a verdict.
package await

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Pause is how long True lets pass between two looks at a condition that
// cannot announce itself.
const Pause = 20 * time.Millisecond

// ErrHopeless is wrapped by a condition's error when waiting longer is no use,
// for example because the program that should answer has ended.
var ErrHopeless = errors.New("hopeless")

// T is the part of testing.TB that scenarios need; the demo brings its own.
type T interface {
	Helper()
	Name() string
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	Failed() bool
}

// Until asks cond until it returns nil, and returns the last error after limit,
// or at once when that is ErrHopeless.
func Until(ctx context.Context, limit time.Duration, cond func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(Pause)
	defer tick.Stop()
	for {
		err := cond()
		if err == nil {
			return nil
		}
		if errors.Is(err, ErrHopeless) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("gave up after %v: %w", limit, err)
		case <-tick.C:
		}
	}
}

// True waits until cond returns nil and ends the scenario when it does not.
func True(t T, limit time.Duration, what string, cond func() error) {
	t.Helper()
	if err := Until(context.Background(), limit, cond); err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}
