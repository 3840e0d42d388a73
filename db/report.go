package db

import "context"

// States of a Report.
const (
	ReportOpen   = "open"
	ReportClosed = "closed"
)

// Report says that something is wrong with an account: from elsewhere about
// something here, or the other way.
type Report struct {
	ID       int64
	Activity string // id of the Flag
	Outward  bool   // somebody here reports an account elsewhere
	Reporter string // actor id; bare JID when Outward
	About    string // bare JID, "" when not known; actor id when Outward
	Objects  string // ids of what it is about, one on a line
	Content  string // why, as text
	State    string
	Note     string // the admin's
	Created  int64
}

const (
	reportColumns = `id, activity, outward, reporter, about, objects, content, state, note, created`

	qAddReport = `insert into report (activity, outward, reporter, about, objects, content, state, note, created) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (activity) do nothing returning ` + reportColumns
	qReportByActivity = `select ` + reportColumns + ` from report where activity = $1`
	qReport           = `select ` + reportColumns + ` from report where id = $1`
	qReports          = `select ` + reportColumns + ` from report where state = $1 order by id desc limit $2`
	qSetReport        = `update report set state = $2, note = $3 where id = $1`
)

func scanReport(s scanner) (r Report, err error) {
	err = s.Scan(&r.ID, &r.Activity, &r.Outward, &r.Reporter, &r.About, &r.Objects, &r.Content, &r.State, &r.Note, &r.Created)
	return r, err
}

// AddReport stores a report; one of the same activity is not fresh, and returned
// as it is.
func (q *queries) AddReport(ctx context.Context, r Report) (saved Report, fresh bool, err error) {
	return ensure(ctx, q, scanReport, qAddReport, []any{r.Activity, r.Outward, r.Reporter, r.About, r.Objects, r.Content, r.State, r.Note, r.Created}, qReportByActivity, r.Activity)
}

// Report returns a report, or ErrNotFound.
func (q *queries) Report(ctx context.Context, id int64) (Report, error) {
	return one(ctx, q, scanReport, qReport, id)
}

// Reports returns the newest reports in one state.
func (q *queries) Reports(ctx context.Context, state string, limit int) ([]Report, error) {
	return all(ctx, q, scanReport, qReports, state, limit)
}

// SetReport changes the state of a report and the admin's note on it.
func (q *queries) SetReport(ctx context.Context, id int64, state, note string) error {
	return q.touch(ctx, qSetReport, id, state, note)
}
