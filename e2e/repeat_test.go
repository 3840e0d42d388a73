//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
)

// Whatever comes three times, by the shared and the personal inbox at once, has
// happened once.
func TestEverythingThreeTimesIsOnce(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		mark, tap := d.louise.Client.Mark(), w.Tap.Mark()
		often := world.Way{Via: "both", Times: 3}
		reply := d.bob.Writes(world.Note{Text: "Bring boots", InReplyTo: d.post, Way: often})
		c := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		d.bob.Edits(reply.ID, "Bring high boots", often)
		d.louise.SeesComment(d.thread, d.bob, "Bring high boots")
		d.bob.Again(reply.Activity, often) // an old Create must not bring the old text back
		d.bob.Likes(d.post, often)
		d.bob.Likes(d.post) // another activity, the same like
		d.louise.SeesHearts(d.thread, d.bob)
		d.bob.Boosts(d.post, often)
		d.bob.Boosts(d.post)
		d.bob.Settled(d.louise)
		counts(w, d, "likes", 1)
		counts(w, d, "shares", 1)
		counts(w, d, "replies", 1)
		standing := d.louise.Standing(d.thread)
		if len(standing) != 1 || standing[0].ID != c.ID || !strings.Contains(standing[0].Title, "high boots") {
			t.Errorf("the node holds %+v, want the edited comment %s alone", standing, c.ID)
		}
		if n := len(w.Tap.Since(tap, publishes("boots"))); n != 2 {
			t.Errorf("the comment was published %d times, want twice: written and edited", n)
		}
		if n := len(w.Tap.Since(tap, publishes("♥"))); n != 1 {
			t.Errorf("the heart was published %d times, want once", n)
		}
		d.louise.Hears(mark, "answered")
		if n := d.louise.Heard(mark, "answered"); n != 1 {
			t.Errorf("louise was told %d times of one reply, want once", n)
		}

		d.bob.Deletes(reply.ID, often)
		d.louise.SeesGone(d.thread, c.ID)
		d.bob.Again(reply.Activity, often)
		d.bob.Settled(d.louise)
		if n := len(d.louise.Standing(d.thread)); n != 0 {
			t.Errorf("a Create that came again after the Delete brought it back: %+v", d.louise.Standing(d.thread))
		}
		looked(w, d)
		counts(w, d, "replies", 0)
	})
}

// publishes fits what the gateway publishes with these words.
func publishes(words string) func(world.Tapped) bool {
	return func(s world.Tapped) bool {
		return !s.ToGateway && s.Name == "iq" && s.Find("pubsub/publish") != nil && strings.Contains(s.Value("pubsub/publish/item/entry/title"), words)
	}
}

// counts waits until a collection of the post says that it holds n.
func counts(w *world.World, d discussion, name string, n int) {
	w.T.Helper()
	w.Until(fmt.Sprintf("%s has totalItems %d", name, n), func() error {
		if got := d.bob.Gets(d.post + "/" + name)["totalItems"]; got != float64(n) {
			return fmt.Errorf("totalItems is %v", got)
		}
		return nil
	})
}

// Servers deliver in any order: a Delete before the Create it is about, an Update
// before either.
func TestEveryOrderOfCreateUpdateDelete(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		held := world.Way{Held: true}
		var edited []string
		for _, order := range []string{"CU", "UC", "CUC", "CD", "DC", "CUD", "CDU", "UCD", "UDC", "DCU", "DUC"} {
			o := d.bob.Writes(world.Note{Text: "first words of " + order, InReplyTo: d.post, Way: held})
			do := map[rune]string{'C': o.Activity, 'U': d.bob.Edits(o.ID, "last words of "+order, held)}
			if strings.Contains(order, "D") {
				do['D'] = d.bob.Deletes(o.ID, held)
			} else {
				edited = append(edited, order)
			}
			for _, step := range order {
				d.bob.Again(do[step], world.Way{})
			}
		}
		for _, order := range edited {
			d.louise.SeesComment(d.thread, d.bob, "last words of "+order)
		}
		d.bob.Settled(d.louise)
		looked(w, d)
		counts(w, d, "replies", len(edited))
		w.Until("only what was not deleted stands", func() error {
			if got := d.louise.Standing(d.thread); len(got) != len(edited) {
				return fmt.Errorf("%+v", got)
			}
			return nil
		})
		d.louise.SeesNo(d.thread, "first words")
	})
}

// An undone like must stay undone when the Like comes after its Undo.
func TestUndoBeforeLike(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		like := d.bob.Likes(d.post, world.Way{Held: true})
		undo := d.bob.Undoes(like, world.Way{Held: true})
		d.bob.Again(undo, world.Way{})
		d.bob.Again(like, world.Way{})
		carol := w.Fan("carol")
		d.bob.Settled(d.louise)
		carol.Likes(d.post)
		d.louise.SeesHearts(d.thread, carol)
		counts(w, d, "likes", 1)
	})
}

// What comes while the XMPP server is away stands there when it is back.
func TestAReplyWhileTheStreamIsDown(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		mark := w.Tap.Mark()
		w.Tap.Cut(true)
		d.bob.Replies(d.post, "Is anybody there?")
		w.Tap.Up()
		w.Gateway.Connected(mark)
		d.louise.SeesComment(d.thread, d.bob, "Is anybody there?")

		reply := d.bob.Replies(d.post, "And after a power cut?") // 202: it is stored
		w.Gateway.Kill()
		w.Gateway.Start()
		d.bob.Again(reply.Activity, world.Way{})
		d.louise.SeesComment(d.thread, d.bob, "And after a power cut?")
		d.bob.Settled(d.louise)
		if n := len(d.louise.Standing(d.thread)); n != 2 {
			t.Errorf("%d comments stand, want 2: %+v", n, d.louise.Standing(d.thread))
		}
	})
}
