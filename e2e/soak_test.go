//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"isthmus/e2e/xmppserver"
)

// sample is what the gateway uses at one moment, as its own metrics say.
type sample struct{ heap, resident, goroutines, files float64 }

func takeSample(addr string) (s sample, err error) {
	resp, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		to := map[string]*float64{"go_memstats_heap_alloc_bytes": &s.heap, "process_resident_memory_bytes": &s.resident, "go_goroutines": &s.goroutines, "process_open_fds": &s.files}[name]
		if to != nil {
			if *to, err = strconv.ParseFloat(value, 64); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

// of is one figure of each sample, in order of size.
func of(samples []sample, pick func(sample) float64) (out []float64) {
	for _, s := range samples {
		out = append(out, pick(s))
	}
	slices.Sort(out)
	return out
}

// People on both sides write, edit, delete, like, follow and read for a while (ISTHMUS_SOAK,
// such as 4h; make soak), and the gateway uses no more memory, files and goroutines at the end
// than when it had warmed up.
func TestSoak(t *testing.T) {
	lasts := 90 * time.Second
	if text := os.Getenv("ISTHMUS_SOAK"); text != "" {
		var err error
		if lasts, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w, addr := watched(t, f)
		s := newScript(t, w, rand.New(rand.NewPCG(1, 1)))
		s.settlesNow()
		idle, err := takeSample(addr)
		if err != nil {
			t.Fatal(err)
		}
		var samples []sample
		posts := []string{s.actor, s.actor + "/outbox", "https://" + w.Gateway.Component + "/"}
		for end := time.Now().Add(lasts); time.Now().Before(end); {
			s.step()
			for _, page := range posts {
				if resp, err := http.Get("http://" + w.Gateway.Listen + strings.TrimPrefix(page, "https://"+w.Gateway.Component)); err == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			}
			time.Sleep(time.Duration(s.rng.IntN(200)) * time.Millisecond)
			now, err := takeSample(addr)
			if err != nil {
				t.Fatal(err)
			}
			samples = append(samples, now)
		}
		third := len(samples) / 3
		early, late := samples[third:2*third], samples[2*third:]
		for _, c := range []struct {
			what  string
			pick  func(sample) float64
			level func([]float64) float64 // the middle, or for memory what is left after a collection
			allow float64
		}{
			{"goroutines", func(s sample) float64 { return s.goroutines }, func(v []float64) float64 { return v[len(v)/2] }, 30},
			{"open files", func(s sample) float64 { return s.files }, func(v []float64) float64 { return v[len(v)/2] }, 20},
			{"MB of heap", func(s sample) float64 { return s.heap / 1e6 }, func(v []float64) float64 { return v[0] }, 10},
		} {
			was, is := c.level(of(early, c.pick)), c.level(of(late, c.pick))
			t.Logf("%s: %.1f at the beginning, %.1f later, %.1f at the end", c.what, c.pick(idle), was, is)
			if is > 1.3*was+c.allow {
				t.Errorf("%s grow: %.1f became %.1f", c.what, was, is)
			}
		}
		size := int64(0)
		if st, err := os.Stat(filepath.Join(w.Gateway.Dir, "isthmus.db")); err == nil {
			size = st.Size()
		}
		t.Logf("%d samples in %v, %.1f MB resident, %.1f MB of database, %d posts, %d replies", len(samples), lasts, late[len(late)-1].resident/1e6, float64(size)/1e6, len(s.posts), len(s.replies))
		s.settles()
		kept := float64(len(s.late)) // connections to their hosts, for a while
		w.Until("all that was begun to have ended", func() error {
			now, err := takeSample(addr)
			if err == nil && (now.goroutines > idle.goroutines+20+3*kept || now.files > idle.files+20+kept) {
				err = fmt.Errorf("%.0f goroutines and %.0f files, %.0f and %.0f before", now.goroutines, now.files, idle.goroutines, idle.files)
			}
			return err
		})
	})
}
