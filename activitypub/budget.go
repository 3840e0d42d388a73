package activitypub

import (
	"context"
	"errors"
	"sync/atomic"
)

// ErrBudget is a request too many for what caused it. It is final.
var ErrBudget = errors.New("activitypub: too many requests for one cause")

type budgetKey struct{}

// WithBudget bounds how many requests that read may be made under a context, with
// redirects and repeated tries: what one activity makes us do (attack X12, X17).
func WithBudget(ctx context.Context, requests int) context.Context {
	left := new(atomic.Int64)
	left.Store(int64(requests))
	return context.WithValue(ctx, budgetKey{}, left)
}

// spend takes one request of the budget, if there is one.
func spend(ctx context.Context) error {
	if left, ok := ctx.Value(budgetKey{}).(*atomic.Int64); ok && left.Add(-1) < 0 {
		return ErrBudget
	}
	return nil
}
