package bridge

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// Accounts are looked at now and then; one that is deleted, or gone for long, ends
// with a message.
func TestRefresh(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	missed := p.old("bob", "missed while we were away", 1)
	p.outbox("bob", 20, missed)
	p.mu.Lock()
	p.extra["bob"] = `,"name":"Robert"`
	p.mu.Unlock()
	stale := func() {
		acc := account(w, p, "bob")
		if err := w.b.refreshAccount(t.Context(), acc); err != nil {
			t.Fatal(err)
		}
	}
	stale()
	if ev := w.awaitsEvent(p.jid("bob"), alice, stanza.NSNick); ev.Items[0].Payload.Text() != "Robert" {
		t.Errorf("%+v", ev)
	}
	w.until("the missed post is there", func() bool {
		items, _, _ := w.reads(alice, p.jid("bob"), microblog, "", "")
		return len(items) == 1
	})
	// One that was written since the outbox was last read is told of.
	p.outbox("bob", 20, p.old("bob", "lost on the way", -1), missed)
	stale()
	if ev := w.awaitsEvent(p.jid("bob"), alice, microblog); len(ev.Items) != 1 || titles(t, ev.Items)[0] != "lost on the way" {
		t.Errorf("%+v", ev)
	}
	p.answers("bob", 404) // a mistake, maybe
	stale()
	if ok, _ := w.db.AskedHere(t.Context(), p.actor("bob")); !ok {
		t.Fatal("one 404 is not the end")
	}
	if acc := account(w, p, "bob"); acc.Failing == 0 {
		t.Error("it is not noted")
	}
	p.answers("bob", 410)
	stale()
	if told := w.hears(alice); !strings.Contains(told, "@bob@h1.example") || !strings.Contains(told, "deleted") {
		t.Errorf("told %q", told)
	}
	if ok, _ := w.db.AskedHere(t.Context(), p.actor("bob")); ok {
		t.Error("it is still followed")
	}
}

// An account that asks not to be bridged any more is there still: its follow is
// taken back.
func TestRefusesBridgesLater(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	p.mu.Lock()
	p.extra["bob"] = `,"summary":"<p>#nobridge</p>"`
	p.mu.Unlock()
	if err := w.b.refreshAccount(t.Context(), account(w, p, "bob")); err != nil {
		t.Fatal(err)
	}
	p.await("Undo")
	if told := w.hears(alice); !strings.Contains(told, "not to be shown") {
		t.Errorf("told %q", told)
	}
}

// Whose name passed to another account does not take the address back.
func TestAddressOfAnother(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	jid := mustJID(p.jid("bob"))
	if err := w.b.mayHaveAddress(t.Context(), p.actor("bob"), jid); err != nil {
		t.Errorf("its own: %v", err)
	}
	if err := w.b.mayHaveAddress(t.Context(), p.actor("dora"), jid); !errors.Is(err, errIgnored) {
		t.Errorf("another's: %v", err)
	}
	w.b.finger = func(context.Context, string) (string, string, error) { return p.actor("dora"), "bob@" + p.name, nil }
	if err := w.b.mayHaveAddress(t.Context(), p.actor("dora"), jid); err != nil {
		t.Errorf("its own by now: %v", err)
	}
}

// Which accounts are refreshed, and which are forgotten.
func TestRefreshRound(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64 // other goroutines look at the clock, too
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	w := newWorld(t, func(c *Config) { c.Now = clock })
	p := w.peer()
	p.outbox("bob", 20, p.old("bob", "one", 1))
	p.outbox("dora", 20, p.old("dora", "two", 1))
	w.reads(alice, p.jid("bob"), microblog, "", "")
	w.subscribes(alice, p.jid("dora"), microblog)
	w.settled()
	acc := account(w, p, "dora")
	ahead.Store(int64(31 * 24 * time.Hour))
	if err := w.b.refresh(t.Context(), queue.Job{}); err == nil || !strings.Contains(err.Error(), "again") {
		t.Errorf("round: %v", err)
	}
	if again := account(w, p, "dora"); again.Checked == acc.Checked {
		t.Error("the followed account was not read")
	}
	if _, err := w.db.Account(t.Context(), p.actor("bob")); err != db.ErrNotFound {
		t.Errorf("the one that nobody wants is kept: %v", err)
	}
}
