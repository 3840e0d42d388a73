package world

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"isthmus/e2e/sink"
)

func decode(s string, out any) error {
	if err := json.Unmarshal([]byte(s), out); err != nil {
		return fmt.Errorf("%w in %.200q", err, s)
	}
	return nil
}

// SinkFan has an account on one of the small hosts of the sink.
type SinkFan struct {
	Host string // short name of the host
	User string
	ID   string

	w      *World
	follow string
}

// SinkFan makes an account on a host; every host name exists.
func (w *World) SinkFan(host, name string) *SinkFan {
	user := fmt.Sprintf("%s%d", name, w.Ground.number())
	return &SinkFan{Host: host, User: user, ID: w.Sink.Actor(host, user), w: w}
}

// Ask sends a Follow and waits for nothing.
func (f *SinkFan) Ask(actor, inbox string) (err error) {
	f.follow, err = f.w.Sink.Follow(f.Host, f.User, actor, inbox)
	return err
}

// Follows follows a person and waits for the Accept.
func (f *SinkFan) Follows(p *Person) {
	f.w.T.Helper()
	f.w.check(f.Ask(p.Actor(), f.w.Inbox(p.Actor())), "%s follows %s", f.User, p.Handle())
	f.w.SinkSees(1, "Accept", f.follow)
}

// Sees waits for an activity of this type with this text at the fan's host.
func (f *SinkFan) Sees(typ, text string) sink.Delivery {
	f.w.T.Helper()
	host := f.w.Sink.Host(f.Host)
	got, err := f.w.Sink.Wait(Limit, 1, func(d sink.Delivery) bool {
		return d.Host == host && f.w.ours(d.Activity) && d.Type() == typ && good(d) && strings.Contains(Flat(d.Activity), text)
	})
	f.w.check(err, "%s waits for %s %q", f.User, typ, text)
	return got[0]
}

// SinkSees waits until n good deliveries of this type with this text have come
// from this gateway, and returns all of them.
func (w *World) SinkSees(n int, typ, text string) []sink.Delivery {
	w.T.Helper()
	got, err := w.Sink.Wait(Limit, n, func(d sink.Delivery) bool {
		return w.ours(d.Activity) && d.Type() == typ && good(d) && strings.Contains(Flat(d.Activity), text)
	})
	w.check(err, "%s %q", typ, text)
	return got
}

func good(d sink.Delivery) bool { return d.Bad == nil && d.Status == 202 }

// Inbox is the inbox that an actor document names.
func (w *World) Inbox(actor string) string {
	w.T.Helper()
	var doc struct{ Inbox string }
	w.check(w.Sink.Get("reader", "instance", actor, &doc), "actor %s", actor)
	return doc.Inbox
}

// Crowd makes n followers of a person on each of the given number of hosts, and
// waits until all are accepted. Host names are new.
func (w *World) Crowd(p *Person, hosts, n int) []*SinkFan {
	w.T.Helper()
	actor := p.Actor()
	inbox := w.Inbox(actor)
	batch := w.Ground.number()
	fans := make([]*SinkFan, 0, hosts*n)
	for i := range hosts * n {
		fans = append(fans, w.SinkFan(fmt.Sprintf("c%d-%03d", batch, i%hosts), "fan"))
	}
	var (
		wg   sync.WaitGroup
		errs = make(chan error, len(fans))
		work = make(chan *SinkFan)
	)
	for range 8 {
		wg.Go(func() {
			for f := range work {
				if err := f.Ask(actor, inbox); err != nil {
					errs <- err
				}
			}
		})
	}
	for _, f := range fans {
		work <- f
	}
	close(work)
	wg.Wait()
	select {
	case err := <-errs:
		w.check(err, "%d hosts with %d followers each", hosts, n)
	default:
	}
	accepted := map[string]bool{}
	w.Until(fmt.Sprintf("%d followers are accepted", len(fans)), func() error {
		for _, d := range w.Sink.Received(func(d sink.Delivery) bool { return w.ours(d.Activity) && d.Type() == "Accept" && good(d) }) {
			accepted[objectID(d.Activity)] = true
		}
		for i, f := range fans {
			if !accepted[f.follow] {
				return fmt.Errorf("follower %d of %d waits for its Accept", i, len(fans))
			}
		}
		return nil
	})
	return fans
}
