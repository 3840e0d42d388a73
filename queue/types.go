package queue

import (
	"context"
	"math"
)

// Target is one inbox on one host.
type Target struct{ Host, Inbox string }

// Fanout is a delivery whose audience is not exhausted. Ids grow with time.
type Fanout struct {
	ID       int64
	Blog     int64  // fairness is between blogs first
	Lane     string // fan-outs of one lane run one after the other; "" has no order
	Scope    string // the store's business
	Audience int64  // likewise
	After    Target // everything up to here is done or has a retry row
	Ahead    []byte // the engine's note of what is done beyond that, nil for nothing
	Created  int64  // Unix ms
}

// Recipient is one target of a fan-out.
type Recipient struct {
	Target Target
	Queued bool // the delivery already has a retry row for it
	Waits  bool // an earlier delivery of the lane has one
}

// Due times of retries that wait for something other than the clock.
const (
	WaitHost = math.MaxInt64 - 1 // until WakeHost
	WaitLane = math.MaxInt64     // until the lane's earlier row for the same inbox is removed
)

// Retry is a stored attempt at one inbox. There is at most one for each delivery
// and inbox.
type Retry struct {
	ID       int64
	Delivery int64
	Blog     int64
	Lane     string
	Target   Target
	Due      int64 // Unix ms, or WaitHost, or WaitLane
	Tries    int   // attempts begun
	Urgent   bool
	Created  int64 // of the delivery, Unix ms
}

// Host is what is known of a peer's health. One without failures is kept while
// retries that waited for it are being woken.
type Host struct {
	Host      string
	Failures  int
	Since     int64 // first of these failures, Unix ms
	OpenUntil int64 // nothing is sent until then, 0 when the circuit is closed
	LastError string
}

// Cursor is how far a fan-out has come.
type Cursor struct {
	Delivery int64
	After    Target
	Ahead    []byte
}

// Place is one target of a delivery.
type Place struct {
	Delivery int64
	Target   Target
}

// Checkpoint is what the engine stores in one transaction, in this order:
// Finished and Cursors; Remove and Done, each letting the next row of its lane
// go; Add, where a row that waits for a lane in which nothing is before it any
// more becomes due at once; Reschedule; Forget; Hosts.
type Checkpoint struct {
	Now        int64
	Finished   []int64 // deliveries whose audience is exhausted
	Cursors    []Cursor
	Remove     []int64  // retries
	Done       []Place  // retries known only by delivery and target
	Add        []Retry  // a row that is there gets the new Due and Tries
	Reschedule []Retry  // ID, Due, Tries
	Forget     []string // hosts
	Hosts      []Host
}

// Store is the engine's memory. Every method may be called while another runs;
// times are Unix milliseconds.
type Store interface {
	// Fanouts returns those with an id above after, by id.
	Fanouts(ctx context.Context, after int64, limit int) ([]Fanout, error)
	// Audience returns the next targets in (host, inbox) order after a target;
	// fewer than limit are the last.
	Audience(ctx context.Context, f Fanout, after Target, limit int) ([]Recipient, error)
	// ClaimRetries takes rows due by now, counts the attempt and pushes them to
	// lease. It passes over rows that an earlier delivery of their lane may still
	// overtake: one that has a row for the inbox, or whose fan-out has not come by.
	ClaimRetries(ctx context.Context, now, lease int64, urgent bool, limit int) ([]Retry, error)
	// NextRetryDue returns when the next row is due by the clock, 0 for none.
	NextRetryDue(ctx context.Context) (int64, error)
	// WakeHost makes up to limit rows that wait for a host due now, oldest first.
	WakeHost(ctx context.Context, host string, now int64, limit int) (int, error)
	// OldRetries returns waiting rows of deliveries created before a time.
	OldRetries(ctx context.Context, created int64, limit int) ([]Retry, error)
	Hosts(ctx context.Context) ([]Host, error)
	SaveCheckpoint(ctx context.Context, c Checkpoint) error
}
