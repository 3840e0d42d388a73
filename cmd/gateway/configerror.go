package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a config file, or worth a second look.
type Problem struct {
	Line, Column int    // 1-based, 0 when no line can be named
	Key          string // "xmpp.component", "" when about the file
	Text         string // what was found and what was expected
	Fix          string // what to do, "" when Text says it
}

// ConfigError lists all problems of one config file in a block meant for
// reading in a terminal.
type ConfigError struct {
	Path     string
	Problems []Problem
	Err      error // why the file could not be read, if that is the problem
}

// Error prints one paragraph per problem: file:line:column, key, text, fix.
func (e *ConfigError) Error() string {
	var b strings.Builder
	if len(e.Problems) == 1 {
		fmt.Fprintf(&b, "%s has a problem:\n", e.Path)
	} else {
		fmt.Fprintf(&b, "%s has %d problems:\n", e.Path, len(e.Problems))
	}
	for _, p := range e.Problems {
		b.WriteString("\n" + p.format(e.Path))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Unwrap gives the reason why the file could not be read, if that was it.
func (e *ConfigError) Unwrap() error { return e.Err }

func (p Problem) format(path string) string {
	var b strings.Builder
	b.WriteString("  " + path)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Key != "" {
		b.WriteString("  " + p.Key)
	}
	b.WriteString("\n    " + indent(p.Text) + "\n")
	if p.Fix != "" {
		b.WriteString("    fix: " + indent(p.Fix) + "\n")
	}
	return b.String()
}

// String is the problem on one line, for the log.
func (p Problem) String() string {
	s := p.Text
	if p.Key != "" {
		s = p.Key + ": " + s
	}
	if p.Line > 0 {
		s = fmt.Sprintf("line %d: %s", p.Line, s)
	}
	if p.Fix != "" {
		s += "; " + p.Fix
	}
	return s
}

func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n    ") }

// sortProblems puts problems in the order of the file, those without a line last.
func sortProblems(ps []Problem) {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// nearest is the word closest to s, or "" when none is close enough to be a slip.
func nearest(s string, words []string) string {
	best, bestDistance := "", max(2, len(s)/3)+1
	for _, w := range words {
		if d := distance(strings.ToLower(s), w); d < bestDistance {
			best, bestDistance = w, d
		}
	}
	return best
}

// distance counts the inserted, removed and changed bytes between a and b
// (Levenshtein), which is enough for ASCII keys.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
