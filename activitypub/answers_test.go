package activitypub

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// An answer is made once while nothing changes, and never shown when something has.
// What is said in one language is not given to who wants another.
func TestKeptByLanguage(t *testing.T) {
	t.Parallel()
	a := answers{changes: func() uint64 { return 1 }}
	h := a.ready(a.keep(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("Accept-Language")) })))
	for _, lang := range []string{"de", "", "fr", "de"} {
		if got := ask(t, h, "GET", "/", "Accept-Language: "+lang).Body.String(); got != lang {
			t.Errorf("who wants %q gets %q", lang, got)
		}
	}
}

func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	changes, made := uint64(1), 0
	a := answers{changes: func() uint64 { return changes }}
	status, control, size := http.StatusOK, "no-cache", 10
	h := a.ready(a.keep(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		made++
		w.Header().Set("Cache-Control", control)
		w.Header().Set("Vary", "Accept")
		w.WriteHeader(status)
		fmt.Fprintf(w, "%d %s%s", made, r.Header.Get("Accept"), strings.Repeat(".", size))
	})))
	asked := func(want int, what string, headers ...string) {
		t.Helper()
		w := ask(t, h, "GET", "/ap/post/x", headers...)
		if got := w.Body.String(); !strings.HasPrefix(got, fmt.Sprint(want, " ")) || w.Code != status || w.Header().Get("Vary") != "Accept" {
			t.Errorf("%s: %d %q %v, want number %d", what, w.Code, got, w.Header(), want)
		}
	}
	asked(1, "first")
	asked(1, "again")
	asked(2, "another Accept", "Accept: application/activity+json")
	asked(2, "that again", "Accept: application/activity+json")
	asked(3, "signed", "Signature: x")
	asked(4, "conditional", "If-None-Match: x")
	asked(1, "still the first")
	changes++
	asked(5, "changed")
	asked(5, "and kept")
	status = http.StatusNotFound
	changes++
	asked(6, "not there")
	asked(7, "nor kept")
	status, control = http.StatusOK, "private, no-store"
	asked(8, "private")
	asked(9, "nor kept")
	control, size = "no-cache", maxAnswer
	asked(10, "large")
	asked(11, "nor kept")

	size = 1000
	for i := range 3 * maxAnswers / 2000 {
		ask(t, h, "GET", fmt.Sprint("/ap/post/", i))
	}
	if kept := len(a.young) + len(a.old); kept > 2*maxAnswers/2000 || kept < maxAnswers/2100 {
		t.Errorf("%d answers are kept", kept)
	}
}

// What changes while an answer is made is not in it: it is made again.
func TestAnswersThatChangeMeanwhile(t *testing.T) {
	t.Parallel()
	changes, made := uint64(1), 0
	a := answers{changes: func() uint64 { return changes }}
	h := a.ready(a.keep(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if made++; made == 1 {
			changes++
		}
		fmt.Fprint(w, made)
	})))
	for _, want := range []string{"1", "2", "2"} {
		if got := ask(t, h, "GET", "/").Body.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
