package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/db"
	"isthmus/mapping"
)

// followerNamed is a blog's follower, or who asks to be one, by whatever somebody
// typed or pasted: a handle, a virtual address, or the link of a profile.
func (b *Bridge) followerNamed(ctx context.Context, tx *db.Tx, blog *db.Blog, what string) (db.Follower, error) {
	handle, link, ok := mapping.FindTerm(what, b.addr)
	if !ok { // the id of an actor that has no handle
		link = strings.TrimSpace(what)
	}
	f, err := db.Follower{}, error(db.ErrNotFound)
	if handle != "" {
		f, err = tx.FollowerByHandle(ctx, blog.ID, handle)
	} else if link != "" {
		f, err = tx.Follower(ctx, blog.ID, link)
		if user, host, isPage := pageOf(link); errors.Is(err, db.ErrNotFound) && isPage {
			f, err = tx.FollowerByHandle(ctx, blog.ID, user+"@"+host)
		}
	}
	if err == nil && f.State == followerRemoved {
		err = db.ErrNotFound
	}
	return f, err
}

// pageOf reads the page of a profile as most servers have it: https://host/@user.
func pageOf(link string) (user, host string, ok bool) {
	rest, ok := strings.CutPrefix(link, "https://")
	if !ok {
		return "", "", false
	}
	host, user, ok = strings.Cut(rest, "/@")
	user, _, _ = strings.Cut(user, "/")
	return strings.ToLower(user), strings.ToLower(host), ok && user != ""
}
