package stanza

import (
	"strconv"
	"strings"
)

// RSM is a result set page (XEP-0059): what is asked for, or what came back.
type RSM struct {
	// Asked for. Max 0 is no limit asked for; CountOnly asks for <max>0</max>,
	// which means the count and nothing else (§2.7). HasBefore with an empty
	// Before asks for the last page (§2.5).
	Max           int
	CountOnly     bool
	After, Before string
	HasBefore     bool

	// Came back. Index and Count are -1 when unsaid.
	First, Last  string
	Index, Count int
}

// ParseRSM reads a <set/>; e is the set or the element that holds it. nil when
// there is none. Numbers that are none are as good as missing.
func ParseRSM(e *Element) *RSM {
	if !e.Is(NSRSM, "set") {
		e = e.First(NSRSM, "set")
	}
	if e == nil {
		return nil
	}
	first, before := e.First(NSRSM, "first"), e.First(NSRSM, "before")
	r := &RSM{
		After:     e.First(NSRSM, "after").Text(),
		Before:    before.Text(),
		HasBefore: before != nil,
		First:     first.Text(),
		Last:      e.First(NSRSM, "last").Text(),
		Index:     number(first.Get("index")),
		Count:     number(e.First(NSRSM, "count").Text()),
	}
	if n := number(e.First(NSRSM, "max").Text()); n > 0 {
		r.Max = n
	} else {
		r.CountOnly = n == 0
	}
	return r
}

// Element makes the <set/> of a request.
func (r *RSM) Element() *Element {
	if r == nil {
		return nil
	}
	set := New(NSRSM, "set")
	switch {
	case r.CountOnly:
		set.AddTextElement("max", "0")
	case r.Max > 0:
		set.AddTextElement("max", strconv.Itoa(r.Max))
	}
	set.AddTextElement("after", r.After)
	if r.HasBefore || r.Before != "" {
		set.Add(New(NSRSM, "before").AddText(r.Before))
	}
	return set
}

// Result makes the <set/> of a result. An empty page has only the count (§2.1).
func (r *RSM) Result() *Element {
	if r == nil {
		return nil
	}
	set := New(NSRSM, "set")
	if r.First != "" {
		first := New(NSRSM, "first").AddText(r.First)
		if r.Index >= 0 {
			first.Set("index", strconv.Itoa(r.Index))
		}
		set.Add(first).AddTextElement("last", r.Last)
	}
	if r.Count >= 0 {
		set.AddTextElement("count", strconv.Itoa(r.Count))
	}
	return set
}

// number reads a count; -1 when s is none or does not fit.
func number(s string) int {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}
