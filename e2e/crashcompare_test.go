//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/sink"
	"isthmus/e2e/world"
)

// settlesNow waits until what was done so far has arrived; more may follow.
func (s *script) settlesNow() {
	await.True(s.t, 3*time.Minute, "both sides", func() error {
		if wrong := s.wrong(); len(wrong) > 0 {
			return fmt.Errorf("%d things are not as they should be:\n%s", len(wrong), strings.Join(wrong, "\n"))
		}
		return nil
	})
}

// settles waits until everything that was sent has arrived where it should be.
func (s *script) settles() {
	for _, r := range s.replies {
		close(r.send)
	}
	s.sending.Wait()
	s.settlesNow()
	// What would come twice has come by now: a post and a reply pass through everything.
	s.publish()
	s.w.SinkSees(len(s.fans)+len(s.late), "Create", s.posts[len(s.posts)-1].text())
}

// wrong lists what is not as it should be, on either side.
func (s *script) wrong() (wrong []string) {
	for _, f := range s.fans {
		shown := s.shown(f)
		for _, p := range s.posts {
			if got := shown[p.name]; len(got) != 1 || got[0] != p.text() {
				wrong = append(wrong, fmt.Sprintf("%s shows %q for %q", f.Host, got, p.text()))
			}
		}
	}
	for _, f := range s.late {
		if len(s.w.Sink.Received(func(d sink.Delivery) bool { return d.Host == s.w.Sink.Host(f.Host) && d.Type() == "Accept" })) == 0 {
			wrong = append(wrong, f.Host+" was not accepted")
		}
	}
	for _, p := range s.posts {
		var got, want []string
		for _, c := range s.louise.Standing(p.thread) {
			got = append(got, c.Title)
		}
		for _, r := range s.replies {
			if r.post == p && !r.gone {
				want = append(want, r.text())
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			wrong = append(wrong, fmt.Sprintf("below %s stand %q, want %q", p.name, got, want))
		}
	}
	return wrong
}

// shown is what a host shows of louise after what it got: the texts of its posts, by
// their names. It takes each activity once, and an edit that is older than what it has
// not at all, as servers do.
func (s *script) shown(f *world.SinkFan) map[string][]string {
	type note struct{ text, updated string }
	notes, seen := map[string]note{}, map[string]bool{}
	for _, d := range s.w.Sink.Received(func(d sink.Delivery) bool { return d.Host == s.w.Sink.Host(f.Host) && d.Status == 202 && d.Bad == nil }) {
		o, _ := d.Activity["object"].(map[string]any)
		id, _ := o["id"].(string)
		if seen[d.ID()] || id == "" {
			continue
		}
		seen[d.ID()] = true
		updated, _ := o["updated"].(string)
		switch have, there := notes[id]; {
		case d.Type() == "Create" && !there, d.Type() == "Update" && there && updated > have.updated:
			notes[id] = note{strings.TrimSpace(plain(o["content"])), updated}
		}
	}
	out := map[string][]string{}
	for _, n := range notes {
		name, _, _ := strings.Cut(n.text, " ")
		out[name] = append(out[name], n.text)
	}
	return out
}

func plain(html any) string {
	text, _ := html.(string)
	return strings.NewReplacer("<p>", "", "</p>", "").Replace(text)
}

// compare looks at both sides once more when all is quiet: nothing was published twice,
// and nothing overtook what came before it.
func (s *script) compare() {
	if wrong := s.wrong(); len(wrong) > 0 {
		s.t.Errorf("at the end:\n%s", strings.Join(wrong, "\n"))
	}
	repeated, all := 0, 0
	for _, f := range s.fans {
		created, seen := map[string]bool{}, map[string]bool{}
		last := map[string]string{}
		for _, d := range s.w.Sink.Received(func(d sink.Delivery) bool { return d.Host == s.w.Sink.Host(f.Host) && d.Status == 202 && d.Bad == nil }) {
			o, _ := d.Activity["object"].(map[string]any)
			id, _ := o["id"].(string)
			all++
			if seen[d.ID()] {
				repeated++
				continue
			}
			seen[d.ID()] = true
			updated, _ := o["updated"].(string)
			switch d.Type() {
			case "Create":
				created[id] = true
			case "Update":
				if strings.Contains(id, "/ap/post/") && !created[id] {
					s.t.Errorf("%s: an edit came before its post: %s", f.Host, id)
				}
				if updated < last[id] {
					s.t.Errorf("%s: edits out of order: %s after %s", f.Host, updated, last[id])
				}
				last[id] = updated
			}
		}
	}
	s.t.Logf("%d posts, %d replies, %d new followers; %d deliveries, %d of them repeated", len(s.posts), len(s.replies), len(s.late), all, repeated)
}
