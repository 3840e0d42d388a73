// Package doctor finds out what is wrong with a gateway and what it stands between: each
// check has an id, says what it saw and, when that is not as it should be, how to mend it.
// docs/DOCTOR.md has a section for each id.
package doctor

import (
	"fmt"
	"strings"
	"time"
)

// States of a Result, from good to bad.
const (
	OK   = "ok"
	Skip = "skip" // it could not be looked at, or does not apply
	Warn = "warn" // it works, with a catch
	Fail = "fail"
)

// Result is what one check saw.
type Result struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Seen  string `json:"seen"`
	Fix   string `json:"fix,omitempty"`
	Docs  string `json:"docs"`
}

// Ask is what the checks of the running gateway are told.
type Ask struct {
	Peer string `json:"peer,omitempty"` // server to try requests with, "" for one that follows
}

// Docs is where an id is explained, in the documentation.
func Docs(id string) string { return "docs/DOCTOR.md#" + anchor(id) }

// anchor is the heading's as GitHub and Forgejo make it.
func anchor(id string) string { return strings.ReplaceAll(id, ".", "") }

func result(id, state, fix, format string, args ...any) Result {
	return Result{ID: id, State: state, Seen: fmt.Sprintf(format, args...), Fix: fix, Docs: Docs(id)}
}

// Good is a check that found nothing.
func Good(id, format string, args ...any) Result { return result(id, OK, "", format, args...) }

// Skipped is a check that could not be made, or need not.
func Skipped(id, format string, args ...any) Result { return result(id, Skip, "", format, args...) }

// Odd is what works, and may be mended by fix.
func Odd(id, fix, format string, args ...any) Result { return result(id, Warn, fix, format, args...) }

// Bad is what does not work, and is mended by fix.
func Bad(id, fix, format string, args ...any) Result { return result(id, Fail, fix, format, args...) }

// Count says how many results are in each state.
func Count(list []Result) (n map[string]int) {
	n = map[string]int{}
	for _, r := range list {
		n[r.State]++
	}
	return n
}

// short is a duration for people.
func short(d time.Duration) string {
	switch {
	case d > 48*time.Hour:
		return fmt.Sprintf("%d days", int(d/(24*time.Hour)))
	case d > 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	}
	return d.Round(time.Second).String()
}
