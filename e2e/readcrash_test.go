//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppclient"
)

// The gateway is killed while a Follow waits for its answer: the Accept that comes
// afterwards still counts, and nothing is asked twice.
func TestAFollowOutlivesACrash(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		bob.Tells(world.JSON{"manual": true})
		if state := louise.Subscribes(w.Virtual(bob), world.Microblog); state != "pending" {
			t.Fatalf("subscribing: %s", state)
		}
		bob.GetsFollow()
		w.Gateway.Kill()
		w.Gateway.Start()
		mark := louise.Client.Mark()
		bob.Decides(louise.Actor(), true)
		louise.AwaitsSubscription(bob, mark, "subscribed")
		bob.Writes(world.Note{Text: "Good morning"})
		louise.IsShown(bob, mark, "Good morning")
		if n := bob.GotPosts("Follow", ""); n != 1 {
			t.Errorf("%d Follows", n)
		}
	})
}

// A backfill is killed in the middle, goes on where it was, says how it goes and when
// it is done, and is news to nobody; another one is ended by its owner.
func TestABackfillOutlivesACrash(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		bob.Fills(500, "old post")
		mark := louise.FollowsFan(bob)
		if told := louise.Says("backfill " + bob.Handle() + " 200"); !strings.Contains(told, "200 older posts") {
			t.Fatalf("told %q", told)
		}
		louise.Hears(mark, "of 200")
		w.Gateway.Kill()
		w.Gateway.Start()
		// What a killed process was at is held for a minute, and then taken up again.
		done := func(e *xmppclient.Element) bool { return strings.HasPrefix(e.Value("body"), "backfill: done, 2") }
		if _, err := louise.Client.Wait(3*world.Limit, mark, done); err != nil {
			t.Fatal(err)
		}
		page, failed := louise.ReadsNode(w.Virtual(bob), world.Microblog, "", `<set xmlns="http://jabber.org/protocol/rsm"><max>5</max><before/></set>`)
		if failed != "" || page.Count != "500" || len(page.Items) != 5 || page.Items[4].Title != "old post 500" {
			t.Errorf("%s: %s posts, %+v", failed, page.Count, page.Items)
		}

		end := louise.Client.Mark()
		louise.Says("backfill " + bob.Handle() + " 5000")
		if told := louise.Says("cancel"); !strings.Contains(told, "Cancelled: backfill") {
			t.Errorf("cancel: %s", told)
		}
		if told := louise.Says("cancel"); !strings.Contains(told, "Nothing is running") {
			t.Errorf("again: %s", told)
		}
		if n := louise.WasShown(w.Virtual(bob), mark, "old post"); n != 0 {
			t.Errorf("%d old posts were news", n)
		}
		bob.Writes(world.Note{Text: fmt.Sprint("News of ", bob.Handle())})
		louise.IsShown(bob, end, "News of")
	})
}
