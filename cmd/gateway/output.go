package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"
)

// output is where a command's result goes: words for people, or JSON for programs.
type output struct {
	w    io.Writer
	json bool
}

// result writes v as JSON, or what text says.
func (o output) result(v any, text func(io.Writer)) error {
	if !o.json {
		text(o.w)
		return nil
	}
	e := json.NewEncoder(o.w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// table writes v as JSON, or a line of cells for each of n things, with what to say when
// there is none.
func (o output) table(v any, n int, none string, row func(i int) []string) error {
	return o.result(v, func(w io.Writer) {
		if n == 0 {
			fmt.Fprintln(w, none)
			return
		}
		t := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
		for i := range n {
			fmt.Fprintln(t, strings.TrimRight(strings.Join(row(i), "\t"), "\t "))
		}
		t.Flush()
	})
}

// isTerminal says whether somebody sits in front of it.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// when is a time for people, in UTC; "" for none.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// bar shows how far something is.
func bar(done, total int64) string {
	const wide = 20
	if total <= 0 {
		return strings.Repeat("·", wide)
	}
	full := int(min(done, total) * wide / total)
	return strings.Repeat("█", full) + strings.Repeat("·", wide-full)
}
