package bridge

import (
	"context"
	"strings"

	"isthmus/db"
)

// muteBook is the database, or a transaction in it.
type muteBook interface {
	Muted(ctx context.Context, blogID int64, actor, host string) (bool, error)
	Blocking(ctx context.Context, blogID int64, actor, host string) (bool, error)
	Remote(ctx context.Context, actor string) (db.Remote, error)
}

// muted reports whether a blog's owner wants to hear nothing of an actor, muted or
// blocked: by name, by the host that it is on, or by the domain of its handle, which may be another.
func muted(ctx context.Context, book muteBook, blog int64, actor string) (bool, error) {
	return byName(ctx, book, book.Muted, blog, actor)
}

// blocking reports whether a blog's owner blocks an actor, as muted does.
func blocking(ctx context.Context, book muteBook, blog int64, actor string) (bool, error) {
	return byName(ctx, book, book.Blocking, blog, actor)
}

func byName(ctx context.Context, book muteBook, is func(context.Context, int64, string, string) (bool, error), blog int64, actor string) (bool, error) {
	yes, err := is(ctx, blog, actor, hostOf(actor))
	if yes || err != nil {
		return yes, err
	}
	r, err := book.Remote(ctx, actor)
	if err != nil {
		return false, ignoreNotFound(err)
	}
	_, domain, _ := strings.Cut(r.Handle, "@")
	if domain == "" || domain == hostOf(actor) {
		return false, nil
	}
	return is(ctx, blog, actor, domain)
}
