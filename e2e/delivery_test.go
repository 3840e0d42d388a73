//go:build e2e

package e2e

import (
	"fmt"
	"sync"
	"testing"

	"isthmus/e2e/sink"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

func TestAPeerThatFailsFiveTimesGetsThePostOnce(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, carol := w.Person("louise"), w.SinkFan("shaky"+fmt.Sprint(len(t.Name())), "carol")
		louise.Opens()
		louise.Starts()
		carol.Follows(louise)
		w.Sink.Fail(sink.Fault{Host: w.Sink.Host(carol.Host), Status: 500, Times: 5})
		t.Cleanup(w.Sink.Heal)
		louise.Publishes("try again")
		carol.Sees("Create", "try again")
		got := w.Sink.Received(about(w, "Create", "try again"))
		var codes []int
		for _, d := range got {
			codes = append(codes, d.Status)
			if d.Bad != nil {
				t.Errorf("attempt with a bad signature: %v", d.Bad)
			}
		}
		if fmt.Sprint(codes) != "[500 500 500 500 500 202]" {
			t.Errorf("attempts were answered %v", codes)
		}
	})
}

// about fits deliveries of this gateway.
func about(w *world.World, typ, text string) func(sink.Delivery) bool {
	host := w.Gateway.URL("/")
	return func(d sink.Delivery) bool {
		actor, _ := d.Activity["actor"].(string)
		return len(actor) > len(host) && actor[:len(host)] == host && d.Type() == typ && containsText(d, text)
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, carol := w.Person("louise"), w.SinkFan("busy", "carol")
		louise.Opens()
		louise.Starts()
		carol.Follows(louise)
		w.Sink.Fail(sink.Fault{Host: w.Sink.Host("busy"), Status: 429, Times: 1, RetryAfter: "4"})
		t.Cleanup(w.Sink.Heal)
		louise.Publishes("not so fast")
		carol.Sees("Create", "not so fast")
		got := w.Sink.Received(about(w, "Create", "not so fast"))
		if len(got) != 2 {
			t.Fatalf("%d attempts, want 2", len(got))
		}
		if pause := got[1].At.Sub(got[0].At); pause < 4e9 { // a promise of the protocol, not a speed
			t.Errorf("tried again after %v, asked for 4 s", pause)
		}
	})
}

func TestAnInboxThatIsGoneIsNotTriedAgain(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, gone, stays := w.Person("louise"), w.SinkFan("gone", "carol"), w.SinkFan("stays", "dora")
		louise.Opens()
		louise.Starts()
		gone.Follows(louise)
		stays.Follows(louise)
		w.Sink.Fail(sink.Fault{Host: w.Sink.Host("gone"), Status: 410})
		t.Cleanup(w.Sink.Heal)
		louise.Publishes("one")
		stays.Sees("Create", "one")
		w.Until("the gone inbox was asked once", func() error {
			if len(w.Sink.Received(about(w, "Create", "one"))) < 2 {
				return errNotYet
			}
			return nil
		})
		louise.Publishes("two")
		stays.Sees("Create", "two")
		louise.Publishes("three")
		stays.Sees("Create", "three")
		attempts := w.Sink.Received(func(d sink.Delivery) bool {
			return d.Host == w.Sink.Host("gone") && d.Status == 410 && about(w, "Create", "one")(d)
		})
		if len(attempts) != 1 {
			t.Errorf("%d attempts at an inbox that answered 410, want 1", len(attempts))
		}
	})
}

func TestASlowHostDoesNotHoldTheOthersBack(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, slow, quick := w.Person("louise"), w.SinkFan("a-slow", "carol"), w.SinkFan("b-quick", "dora")
		louise.Opens()
		louise.Starts()
		slow.Follows(louise)
		quick.Follows(louise)
		release := make(chan struct{})
		w.Sink.Fail(sink.Fault{Host: w.Sink.Host("a-slow"), Hold: release})
		t.Cleanup(w.Sink.Heal)
		var once sync.Once
		t.Cleanup(func() { once.Do(func() { close(release) }) })
		for i := range 3 {
			louise.Publishes(fmt.Sprintf("wave %d", i))
			quick.Sees("Create", fmt.Sprintf("wave %d", i))
		}
		once.Do(func() { close(release) })
		for i := range 3 {
			slow.Sees("Create", fmt.Sprintf("wave %d", i))
		}
	})
}

// Two hundred inboxes on as many hosts; the power fails when about half of
// them have the post.
func TestKilledInTheMiddleOfTwoHundredDeliveries(t *testing.T) {
	const hosts = 200
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise := w.Person("louise")
		louise.Opens()
		louise.Starts()
		fans := w.Crowd(louise, hosts, 1)

		release := make(chan struct{})
		for i, fan := range fans {
			if i%2 == 1 {
				w.Sink.Fail(sink.Fault{Host: w.Sink.Host(fan.Host), Hold: release})
			}
		}
		t.Cleanup(w.Sink.Heal)
		louise.Publishes("in the middle of it")
		w.SinkSees(30, "Create", "in the middle of it")
		w.Gateway.Kill()
		w.Until("the requests that were under way have ended", func() error {
			if n := w.Sink.Held(); n > 0 {
				return fmt.Errorf("%d are waiting", n)
			}
			return nil
		})
		close(release)
		w.Sink.Heal()
		before := len(w.Sink.Received(about(w, "Create", "in the middle of it")))
		if before >= hosts {
			t.Fatalf("all %d deliveries were made before the kill", before)
		}
		w.Gateway.Start()

		seen := map[string]int{}
		w.Until("all deliveries", func() error {
			clear(seen)
			for _, d := range w.Sink.Received(about(w, "Create", "in the middle of it")) {
				if d.Status == 202 && d.Bad == nil {
					seen[d.Host]++
				}
			}
			if len(seen) < hosts {
				return fmt.Errorf("%d hosts of %d have the post", len(seen), hosts)
			}
			return nil
		})
		again := 0
		for _, n := range seen {
			again += n - 1
		}
		t.Logf("%d of %d arrived before the kill; %d were repeated after it", before, hosts, again)
		if again > before {
			t.Errorf("%d repeated deliveries, but only %d were made before", again, before)
		}
	})
}

func TestAThousandFollowersOnTenHosts(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f, slow)
		louise := w.Person("louise")
		louise.Opens()
		louise.Says("start") // no presence: one channel, so one event
		louise.Status("on")
		w.Crowd(louise, 10, 100)

		post := louise.Publishes("to a thousand")
		w.SinkSees(10, "Create", "to a thousand")
		louise.Publishes("and then")
		w.SinkSees(10, "Create", "and then")

		if n := len(w.Tap.Since(0, world.IsEvent(post))); n != 1 {
			t.Errorf("%d XMPP notifications for one post, want 1", n)
		}
		posts := map[string]int{}
		for _, d := range w.Sink.Received(about(w, "Create", "to a thousand")) {
			posts[d.Host+d.Path]++
		}
		if len(posts) != 10 {
			t.Errorf("POSTs went to %d inboxes, want 10", len(posts))
		}
		for inbox, n := range posts {
			if n != 1 || inbox[len(inbox)-6:] != "/inbox" {
				t.Errorf("%d POSTs to %s, want 1 to the shared inbox", n, inbox)
			}
		}
	})
}
