package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"isthmus/e2e/world"
)

// bench runs parts and gathers what they measure.
type bench struct {
	ground *world.Ground
	runs   int  // how often each measurement is repeated
	quick  bool // smaller, to see that everything works
	only   []string
	failed bool
	parts  []*part
}

type part struct {
	name  string
	lines []*line
	notes []string
}

// line is one measurement, repeated: of what is compared with a limit, the ratio.
type line struct {
	goal        int    // in performance.md §11, 0 for none
	what, limit string // limit is what ours was divided by, "" for a bare figure
	unit        string
	least, most float64 // what is to be reached, 0 for nothing
	none        bool    // 0 is to be reached
	ours, bare  []float64
	values      []float64
}

// part measures one path, in a world of its own.
func (b *bench) part(name string, fn func(s *stage, ground *world.Ground)) {
	if len(b.only) > 0 && !slices.ContainsFunc(b.only, func(o string) bool { return strings.Contains(strings.ToLower(name), o) }) {
		return
	}
	fmt.Fprintf(os.Stderr, "%s …\n", name)
	b.parts = append(b.parts, &part{name: name})
	if !perform(func(s *stage) { fn(s, b.ground) }) {
		b.failed = true
		b.note("This part did not end.")
	}
	b.last().print(os.Stdout)
}

func (b *bench) last() *part { return b.parts[len(b.parts)-1] }

func (b *bench) note(format string, args ...any) {
	p := b.last()
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

func (b *bench) line(l line) *line {
	p := b.last()
	p.lines = append(p.lines, &l)
	return &l
}

// ratio is a measurement that is to be at least so much of a limit.
func (b *bench) ratio(goal int, what, limit string, least float64) *line {
	return b.line(line{goal: goal, what: what, limit: limit, least: least})
}

// most is a measurement that is to be at most so much of another one.
func (b *bench) most(goal int, what, limit string, most float64) *line {
	return b.line(line{goal: goal, what: what, limit: limit, most: most})
}

// value is a measurement by itself, that is to be at most so much.
func (b *bench) value(goal int, what, unit string, most float64) *line {
	return b.line(line{goal: goal, what: what, unit: unit, most: most})
}

// none is a measurement that is to be 0.
func (b *bench) none(goal int, what string) *line {
	return b.line(line{goal: goal, what: what, none: true})
}

// add takes one pair of measurements, made right after each other; the second is the limit.
func (l *line) add(ours float64, limit ...float64) {
	l.ours = append(l.ours, ours)
	if len(limit) == 0 {
		l.values = append(l.values, ours)
		return
	}
	l.bare = append(l.bare, limit[0])
	l.values = append(l.values, ours/limit[0])
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// steady is how far a limit may move before its ratios say more about the machine.
const steady = 0.15

// spread is how much more the highest measurement of the limit is than the lowest.
func (l *line) spread() float64 {
	if len(l.bare) == 0 || slices.Min(l.bare) <= 0 {
		return 0
	}
	return slices.Max(l.bare)/slices.Min(l.bare) - 1
}

// verdict is whether the goal is reached.
func (l *line) verdict() string {
	m := median(l.values)
	switch {
	case len(l.values) == 0:
		return "not measured"
	case l.none && m != 0:
		return "no, 0"
	case l.none:
		return "yes, 0"
	case l.least > 0 && m < l.least:
		return fmt.Sprintf("no, ≥ %s", number(l.least))
	case l.most > 0 && m > l.most:
		return fmt.Sprintf("no, ≤ %s", number(l.most))
	case l.least > 0:
		return fmt.Sprintf("yes, ≥ %s", number(l.least))
	case l.most > 0:
		return fmt.Sprintf("yes, ≤ %s", number(l.most))
	}
	return ""
}

// print writes a part as a table in Markdown, for the terminal and docs/PERFORMANCE.md alike.
func (p *part) print(w io.Writer) {
	fmt.Fprintf(w, "\n### %s\n", p.name)
	if len(p.lines) > 0 {
		fmt.Fprint(w, "\n| goal | what | median (least–most) | of | reached |\n| --- | --- | --- | --- | --- |\n")
	}
	for _, l := range p.lines {
		goal, of := "", ""
		if l.goal > 0 {
			goal = fmt.Sprint(l.goal)
		}
		if l.limit != "" {
			of = fmt.Sprintf("%s: %s to %s", l.limit, number(median(l.ours)), number(median(l.bare)))
			if s := l.spread(); s > steady {
				of += fmt.Sprintf(" (which itself moved by %.0f %%)", 100*s)
			}
		}
		unit := ""
		if l.unit != "" {
			unit = " " + l.unit
		}
		figure := "–"
		if len(l.values) > 0 {
			figure = fmt.Sprintf("**%s**%s (%s–%s)", number(median(l.values)), unit, number(slices.Min(l.values)), number(slices.Max(l.values)))
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", goal, l.what, figure, of, l.verdict())
	}
	for _, n := range p.notes {
		fmt.Fprintf(w, "\n%s\n", n)
	}
}

// number writes a figure with as many digits as it deserves.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2g", v)
}
