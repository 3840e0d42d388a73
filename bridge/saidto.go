package bridge

import (
	"context"
	"errors"

	"isthmus/component/stanza"
)

// saidError is an error with words that can be said again: what several asked for at
// once is refused to each in their own language (together).
type saidError struct {
	as  *stanza.Error
	say func(context.Context) string
}

func (r *saidError) Error() string { return r.as.Error() }
func (r *saidError) Unwrap() error { return r.as }

// refused is an error that kind makes of the words for whom ctx is about.
func refused(ctx context.Context, kind func(string) *stanza.Error, say func(context.Context) string) error {
	return &saidError{kind(say(ctx)), say}
}

// saidTo gives an error that somebody else got first the words for whom ctx is
// about. The error itself stays as it is: others have it, too.
func saidTo(ctx context.Context, err error) error {
	var r *saidError
	if !errors.As(err, &r) {
		return err
	}
	as := *r.as
	as.Text = r.say(ctx)
	return &saidError{&as, r.say}
}
