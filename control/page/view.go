package page

import (
	"fmt"
	"net/http"
	"time"

	"isthmus/control"
)

// view is one of the pages.
type view struct {
	Title, Link string
	path        string // in the mux
	template    string
	read        func(*http.Request, control.Desk) (any, error)
}

var views = []view{
	{"State", "", "{$}", "state.html", readState},
	{"Servers", "hosts", "hosts", "hosts.html", func(r *http.Request, d control.Desk) (any, error) {
		return d.Hosts(r.Context(), r.FormValue("all") != "")
	}},
	{"Accounts", "accounts", "accounts", "accounts.html", func(r *http.Request, d control.Desk) (any, error) { return d.Accounts(r.Context()) }},
	{"Reports", "reports", "reports", "reports.html", func(r *http.Request, d control.Desk) (any, error) {
		return d.Reports(r.Context(), r.FormValue("closed") != "")
	}},
	{"Blocks", "blocks", "blocks", "blocks.html", func(r *http.Request, d control.Desk) (any, error) { return d.Rules(r.Context()) }},
	{"Jobs", "jobs", "jobs", "jobs.html", func(r *http.Request, d control.Desk) (any, error) { return d.Jobs(r.Context()) }},
	{"Activity", "activity", "activity", "activity.html", func(r *http.Request, d control.Desk) (any, error) { return d.Recent(r.Context()) }},
}

// overview is how everything is, at one look.
type overview struct {
	control.State
	History []control.Minutes
	Hosts   []control.Host // some with failures
	Recent  []control.Deed
}

const fewLines = 5

func readState(r *http.Request, d control.Desk) (any, error) {
	var v overview
	var err error
	if v.State, err = d.State(r.Context()); err != nil {
		return nil, err
	}
	if v.History, err = d.History(r.Context()); err != nil {
		return nil, err
	}
	if v.Hosts, err = d.Hosts(r.Context(), false); err != nil {
		return nil, err
	}
	if v.Recent, err = d.Recent(r.Context()); err != nil {
		return nil, err
	}
	v.Hosts, v.Recent = v.Hosts[:min(fewLines, len(v.Hosts))], v.Recent[:min(fewLines, len(v.Recent))]
	return v, nil
}

// ago is how long something has lasted.
func ago(t time.Time) string {
	d := time.Since(t)
	switch {
	case t.IsZero():
		return "–"
	case d > 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return d.Truncate(time.Second).String()
}
