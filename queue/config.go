package queue

import "time"

// Config says how hard and how long the engine tries. The zero value of each
// field stands for its default.
type Config struct {
	Workers int // attempts in flight (64); an eighth of them is kept for urgent ones
	PerHost int // attempts in flight for each host (1); an urgent one may come on top

	Timeout    time.Duration // one attempt (30 s)
	RetryFirst time.Duration // wait after the first failure (30 s), doubling, with jitter
	RetryMax   time.Duration // longest wait (6 h)
	GiveUp     time.Duration // a delivery older than that is dropped at its next failure (7 days)

	BreakerFailures int           // failures in a row within BreakerWindow that open a host's circuit (5)
	BreakerWindow   time.Duration // (10 min)
	BreakerPause    time.Duration // until the first probe (30 min), doubling up to BreakerMax
	BreakerMax      time.Duration // (6 h)

	SlowAfter  time.Duration // an attempt in flight longer no longer holds its fan-out back (2 s)
	Checkpoint time.Duration // how often progress is stored (100 ms)
	RetryShare float64       // part of the workers that retries may take (¼)
	Grace      time.Duration // how long attempts in flight may go on at shutdown (10 s)

	// OnGone hears of an inbox that answered that it does not exist, once for each
	// attempt. It is called from a worker and may take its time.
	OnGone func(inbox string)

	Now func() time.Time // time.Now; a test's clock

	// afterCheckpoint is called when one is on disk; tests wait for it.
	afterCheckpoint func()
}

func or[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

func (c Config) withDefaults() Config {
	or(&c.Workers, 64)
	or(&c.PerHost, 1)
	or(&c.Timeout, 30*time.Second)
	or(&c.RetryFirst, 30*time.Second)
	or(&c.RetryMax, 6*time.Hour)
	or(&c.GiveUp, 7*24*time.Hour)
	or(&c.BreakerFailures, 5)
	or(&c.BreakerWindow, 10*time.Minute)
	or(&c.BreakerPause, 30*time.Minute)
	or(&c.BreakerMax, 6*time.Hour)
	or(&c.SlowAfter, 2*time.Second)
	or(&c.Checkpoint, 100*time.Millisecond)
	or(&c.RetryShare, 0.25)
	or(&c.Grace, 10*time.Second)
	if c.OnGone == nil {
		c.OnGone = func(string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}
