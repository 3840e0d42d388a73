package queue_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

// store is a real database seen with the queue's eyes, as the bridge does it.
type store struct{ *db.Shard }

func (s store) Fanouts(ctx context.Context, after int64, limit int) (out []queue.Fanout, err error) {
	rows, err := s.Shard.Fanouts(ctx, after, limit)
	for _, d := range rows {
		out = append(out, queue.Fanout{ID: d.ID, Blog: d.BlogID, Lane: d.Lane, Scope: string(d.Scope), Audience: d.Audience,
			After: queue.Target(d.After), Ahead: d.Ahead, Created: d.Created})
	}
	return out, err
}

func (s store) Audience(ctx context.Context, f queue.Fanout, after queue.Target, limit int) (out []queue.Recipient, err error) {
	rows, err := s.Shard.Audience(ctx, db.Delivery{ID: f.ID, BlogID: f.Blog, Lane: f.Lane, Scope: db.Scope(f.Scope), Audience: f.Audience}, db.Target(after), limit)
	for _, r := range rows {
		out = append(out, queue.Recipient{Target: queue.Target(r.Target), Queued: r.Queued, Waits: r.Waits})
	}
	return out, err
}

func (s store) ClaimRetries(ctx context.Context, now, lease int64, urgent bool, limit int) ([]queue.Retry, error) {
	rows, err := s.Shard.ClaimRetries(ctx, now, lease, urgent, limit)
	return retries(rows), err
}

func (s store) OldRetries(ctx context.Context, created int64, limit int) ([]queue.Retry, error) {
	rows, err := s.Shard.OldRetries(ctx, created, limit)
	return retries(rows), err
}

func (s store) Hosts(ctx context.Context) (out []queue.Host, err error) {
	rows, err := s.Shard.Hosts(ctx)
	for _, h := range rows {
		out = append(out, queue.Host(h))
	}
	return out, err
}

func (s store) SaveCheckpoint(ctx context.Context, c queue.Checkpoint) error {
	out := db.Checkpoint{Now: c.Now, Finished: c.Finished, Remove: c.Remove, Forget: c.Forget}
	for _, x := range c.Cursors {
		out.Cursors = append(out.Cursors, db.Cursor{Delivery: x.Delivery, After: db.Target(x.After), Ahead: x.Ahead})
	}
	for _, x := range c.Done {
		out.Done = append(out.Done, db.Place{Delivery: x.Delivery, Target: db.Target(x.Target)})
	}
	for _, x := range c.Add {
		out.Add = append(out.Add, row(x))
	}
	for _, x := range c.Reschedule {
		out.Reschedule = append(out.Reschedule, row(x))
	}
	for _, x := range c.Hosts {
		out.Hosts = append(out.Hosts, db.Host(x))
	}
	return s.Shard.SaveCheckpoint(ctx, out)
}

func retries(rows []db.Retry) (out []queue.Retry) {
	for _, r := range rows {
		out = append(out, queue.Retry{ID: r.ID, Delivery: r.Delivery, Blog: r.BlogID, Lane: r.Lane, Target: queue.Target(r.Target),
			Due: r.Due, Tries: r.Tries, Urgent: r.Urgent, Created: r.Created})
	}
	return out
}

func row(r queue.Retry) db.Retry {
	return db.Retry{ID: r.ID, Delivery: r.Delivery, BlogID: r.Blog, Lane: r.Lane, Target: db.Target(r.Target),
		Due: r.Due, Tries: r.Tries, Urgent: r.Urgent, Created: r.Created}
}

func (s store) ClaimJobs(ctx context.Context, now, leaseUntil int64, limit int) (out []queue.Job, err error) {
	rows, err := s.Shard.ClaimJobs(ctx, false, now, leaseUntil, limit)
	for _, j := range rows {
		out = append(out, queue.Job{ID: j.ID, Kind: j.Kind, Key: j.Key, Args: j.Args, Due: j.Due, Tries: j.Tries, Note: j.Note})
	}
	return out, err
}

func (s store) DueInbound(ctx context.Context, now int64, limit int, skip func(int64) bool) (out []queue.Received, err error) {
	rows, err := s.Shard.DueInbound(ctx, now, limit, skip)
	for _, in := range rows {
		out = append(out, queue.Received{ID: in.ID, Activity: in.Activity, Actor: in.Actor, Type: in.Type, Token: in.Token,
			Body: in.Body, At: in.Received, Tries: in.Tries})
	}
	return out, err
}

var (
	_ queue.Store        = store{}
	_ queue.JobStore     = store{}
	_ queue.InboundStore = store{}
)

// clock is a test's own time. It stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a database with a blog whose activities are delivered by an engine.
type world struct {
	t     testing.TB
	file  string
	db    store
	blog  db.Blog
	clock *clock
	cfg   queue.Config
	sink  *sink
	send  queue.Send // the sink's, or a test's own
	eng   *queue.Deliverer
	stop  func()
	acts  int
}

func newWorld(t testing.TB) *world {
	file := filepath.Join(t.TempDir(), "q.db")
	d, err := db.Open(context.Background(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	w := &world{t: t, file: file, db: store{d.Shard(0, nil)}, clock: newClock(), sink: newSink(t), stop: func() {}}
	w.cfg.Now, w.send = w.clock.Now, w.sink.post
	w.blog = w.newBlog("alice")
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) newBlog(name string) db.Blog {
	b, err := w.db.CreateBlog(context.Background(), db.Blog{Token: name, Kind: "person", JID: name + "@example.org", Node: "urn:xmpp:microblog:0",
		Handle: name, State: db.On, Gate: db.GateOpen})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// start runs the engine until stop or the end of the test.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.eng = queue.NewDeliverer(w.db, w.send, w.cfg, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- w.eng.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
		w.stop = func() {}
	}
}

// follow adds n followers of a blog on a host; shared gives them one inbox.
func (w *world) follow(blog db.Blog, host string, n int, shared bool) {
	err := w.db.Tx(context.Background(), func(tx *db.Tx) error {
		for i := range n {
			own := fmt.Sprintf("https://%s/users/u%d/inbox", host, i)
			f := db.Follower{BlogID: blog.ID, Actor: fmt.Sprintf("https://%s/users/u%d", host, i), Own: own, Inbox: own, Host: host, State: "accepted"}
			if shared {
				f.Inbox = "https://" + host + "/inbox"
			}
			if _, err := tx.PutFollower(context.Background(), f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// post enqueues an activity and returns the delivery's id.
func (w *world) post(d db.Delivery, direct ...db.Target) int64 {
	w.t.Helper()
	ctx := context.Background()
	w.acts++
	a, err := w.db.AddActivity(ctx, db.Activity{Token: fmt.Sprintf("act%d", w.acts), BlogID: w.blog.ID, Type: "Create", Body: "{}"})
	if err != nil {
		w.t.Fatal(err)
	}
	if d.BlogID == 0 {
		d.BlogID = w.blog.ID
	}
	d.Activity, d.Created = a.ID, w.cfg.Now().UnixMilli()
	d, err = w.db.Enqueue(ctx, d, direct...)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.eng != nil {
		w.eng.Kick()
	}
	return d.ID
}

// until waits for a condition.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			st, err := w.db.QueueStats(context.Background())
			w.t.Fatalf("waited in vain: %s; queue %+v %v", what, st, err)
		}
		if w.eng != nil {
			w.eng.Kick()
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (w *world) stats() db.QueueStats {
	st, err := w.db.QueueStats(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return st
}

// idle waits until nothing is left to deliver.
func (w *world) idle() {
	w.t.Helper()
	w.until("nothing left", func() bool { st := w.stats(); return st.Fanouts+st.Retries == 0 })
}
