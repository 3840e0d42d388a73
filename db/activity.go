package db

import (
	"context"
	"fmt"
)

const (
	activityColumns = `id, token, blog_id, post_id, direct_id, type, body, created`

	qAddActivity = `insert into activity (token, blog_id, post_id, direct_id, type, body, created) values ($1, $2, $3, $4, $5, $6, $7)
		returning ` + activityColumns
	qActivityByID    = `select ` + activityColumns + ` from activity where id = $1`
	qActivityByToken = `select ` + activityColumns + ` from activity where token = $1`
)

func scanActivity(s scanner) (a Activity, err error) {
	err = s.Scan(&a.ID, &a.Token, &a.BlogID, &a.PostID, &a.DirectID, &a.Type, &a.Body, &a.Created)
	return a, err
}

// AddActivity stores an activity of ours and returns it with its id.
func (q *queries) AddActivity(ctx context.Context, a Activity) (Activity, error) {
	made, err := change(ctx, q, scanActivity, qAddActivity, a.Token, a.BlogID, a.PostID, a.DirectID, a.Type, a.Body, a.Created)
	if err != nil {
		return Activity{}, fmt.Errorf("activity %s: %w", a.Token, err)
	}
	return made, nil
}

// ActivityByID returns an activity, or ErrNotFound.
func (q *queries) ActivityByID(ctx context.Context, id int64) (Activity, error) {
	return one(ctx, q, scanActivity, qActivityByID, id)
}

// ActivityByToken returns the activity whose id ends in token, or ErrNotFound.
func (q *queries) ActivityByToken(ctx context.Context, token string) (Activity, error) {
	return one(ctx, q, scanActivity, qActivityByToken, token)
}
