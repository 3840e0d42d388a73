package await

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestUntilEndsWhenItHoldsOrIsHopeless(t *testing.T) {
	n := 0
	err := Until(context.Background(), time.Minute, func() error {
		if n++; n < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || n != 3 {
		t.Errorf("asked %d times: %v", n, err)
	}
	if err := Until(context.Background(), time.Hour, func() error { return fmt.Errorf("%w: ended", ErrHopeless) }); !errors.Is(err, ErrHopeless) {
		t.Errorf("hopeless: %v", err)
	}
	seen := errors.New("two of three")
	if err := Until(context.Background(), time.Millisecond, func() error { return seen }); !errors.Is(err, seen) {
		t.Errorf("giving up says %v", err)
	}
}
