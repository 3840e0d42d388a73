package queue

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func someWindow(n int) []*task {
	w := make([]*task, n)
	for i := range w {
		w[i] = &task{hash: hashOf(Target{"h.test", fmt.Sprintf("https://h.test/%d", i)})}
	}
	return w
}

func TestAheadSurvives(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := 1 + rnd.IntN(100)
		before, after := someWindow(n), someWindow(n+rnd.IntN(30))
		for _, t := range before {
			t.settled = rnd.IntN(3) == 0
		}
		readAhead(ahead(before), after)
		for i, b := range before {
			if after[i].settled != b.settled {
				t.Fatalf("target %d of %d: settled %v, was %v", i, n, after[i].settled, b.settled)
			}
		}
		for _, a := range after[n:] {
			if a.settled {
				t.Fatal("a target that had not been read is settled")
			}
		}
	}
}

// A follower that went away shifts the places: then nothing is taken as done.
func TestAheadOfOtherTargetsIsIgnored(t *testing.T) {
	before := someWindow(20)
	before[10].settled = true
	after := someWindow(20)[1:]
	readAhead(ahead(before), after)
	for i, a := range after {
		if a.settled {
			t.Errorf("target %d taken as done", i)
		}
	}
}

// Whatever the store returns, only targets that the note's sum speaks of are
// taken as done, and a note that was read is written the same.
func FuzzReadAhead(f *testing.F) {
	w := someWindow(9)
	w[3].settled, w[8].settled = true, true
	f.Add(ahead(w))
	f.Add([]byte{})
	f.Add(make([]byte, aheadHead))
	f.Fuzz(func(t *testing.T, note []byte) {
		w := someWindow(9)
		readAhead(note, w)
		settled := 0
		for _, t := range w {
			if t.settled {
				settled++
			}
		}
		if settled == 0 {
			return
		}
		again := someWindow(9)
		readAhead(ahead(w), again)
		for i := range w {
			if w[i].settled != again[i].settled {
				t.Fatalf("target %d differs when written and read again", i)
			}
		}
	})
}
