package policy

// Plan is what a list would change.
type Plan struct {
	New         []Entry    // nothing is decided about these
	Known       []Entry    // decided alike, or more strictly by a domain above
	Conflicting []Conflict // decided otherwise
}

// Conflict is a domain about which the list says something else than what holds.
type Conflict struct{ Have, Want Entry }

// Compare judges a list by what holds. have gives the decision about a domain itself.
func Compare(list []Entry, have func(domain string) (Entry, bool)) (p Plan) {
	for _, want := range list {
		old, ok := have(want.Domain)
		switch {
		case !ok:
			p.New = append(p.New, want)
		case old.Severity == want.Severity && old.RejectMedia == want.RejectMedia && old.RejectReports == want.RejectReports,
			old.Severity == Suspend && want.Severity == Suspend: // suspending leaves nothing to reject
			p.Known = append(p.Known, want)
		default:
			p.Conflicting = append(p.Conflicting, Conflict{old, want})
		}
	}
	return p
}
