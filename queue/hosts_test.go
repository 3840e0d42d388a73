package queue

import (
	"testing"
	"time"
)

func TestHostFailures(t *testing.T) {
	c := Config{}.withDefaults()
	const minute = int64(60_000)
	h := &host{}
	step := func(at int64, probe bool, after time.Duration, failures int, open int64) {
		t.Helper()
		h.fail(at, probe, after, "no", &c)
		if h.Failures != failures || h.OpenUntil != open {
			t.Errorf("at %d min: %d failures, open until %d min, want %d, %d", at/minute, h.Failures, h.OpenUntil/minute, failures, open/minute)
		}
	}
	step(1*minute, false, 0, 1, 0)
	step(2*minute, false, 0, 2, 0)
	step(12*minute, false, 0, 1, 0) // the first is more than ten minutes ago: a new row
	for n := 2; n <= 4; n++ {
		step(13*minute, false, 0, n, 0)
	}
	step(13*minute, false, 0, 5, 43*minute)
	step(13*minute, false, 0, 5, 43*minute) // was in flight when it opened
	step(43*minute, true, 0, 6, 103*minute)
	step(103*minute, true, 0, 7, 223*minute)
	step(223*minute, true, 0, 8, 463*minute)
	step(463*minute, true, 0, 9, 823*minute) // six hours and no more
	step(823*minute, true, 0, 10, 1183*minute)
	h.succeed()
	if h.open() || h.Host != (Host{}) {
		t.Errorf("after a success: %+v", h.Host)
	}
	step(2000*minute, false, time.Hour, 1, 2060*minute) // asked to wait
	step(2060*minute, true, 0, 2, 0)                    // the pause is over, and it is no circuit
	step(2061*minute, false, 1000*time.Hour, 1, 2061*minute+24*60*minute)
}

func TestBackoff(t *testing.T) {
	for n, want := range []time.Duration{30 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute} {
		for range 100 {
			if d := backoff(n, 30*time.Second, 6*time.Hour); d < want*8/10 || d > want*12/10 {
				t.Fatalf("after failure %d: %v, want about %v", n, d, want)
			}
		}
	}
	if d := backoff(100, 30*time.Second, 6*time.Hour); d > 6*time.Hour*12/10 {
		t.Errorf("after many: %v", d)
	}
}
