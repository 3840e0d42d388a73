package db

import (
	"context"
	"fmt"
)

const (
	blogColumns = `id, token, kind, jid, node, handle, state, gate, reason, enrolled_by, approve, hide_network,
		discoverable, indexable, lang, name, note, avatar_hash, avatar_type, avatar_url, links, created, profile_at, probed_at, synced_at, banner_url`

	qInsertBlog = `insert into blog (token, kind, jid, node, handle, state, gate, reason, enrolled_by, approve, hide_network,
		discoverable, indexable, lang, name, note, avatar_hash, avatar_type, avatar_url, links, created, profile_at, probed_at, synced_at, banner_url)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
		returning ` + blogColumns
	qBlogByID     = `select ` + blogColumns + ` from blog where id = $1`
	qBlogByToken  = `select ` + blogColumns + ` from blog where token = $1`
	qBlogByHandle = `select ` + blogColumns + ` from blog where handle = $1 order by id desc limit 1`
	qBlogByNode   = `select ` + blogColumns + ` from blog where jid = $1 and node = $2 order by id desc limit 1`
	qBlogsOf      = `select ` + blogColumns + ` from blog where jid = $1 or enrolled_by = $1 order by id`
	qBlogs        = `select ` + blogColumns + ` from blog where state <> 'gone' order by id`
	qHandleTaken  = `select exists (select 1 from blog where handle = $1 and not (state = 'gone' and jid = $2 and node = $3))`
	qAvatarShown  = `select exists (select 1 from blog where avatar_hash = $1 and state in ('on', 'paused'))`
	qSetState     = `update blog set state = $2 where id = $1`
	qSetHandle    = `update blog set handle = $2 where id = $1`
	qSetGate      = `update blog set gate = $2, reason = $3, probed_at = $4 where id = $1`
	qSetProfile   = `update blog set name = $2, note = $3, avatar_hash = $4, avatar_type = $5, avatar_url = $6, links = $7, banner_url = $8, profile_at = $9 where id = $1`
	qSetSynced    = `update blog set synced_at = $2 where id = $1`
	qSetOptions   = `update blog set approve = $2, hide_network = $3, discoverable = $4, indexable = $5, lang = $6 where id = $1`
	qCountBlogs   = `select count(*) from blog where state in ('on', 'paused')`
	qCountActive  = `select count(*) from blog b where b.state in ('on', 'paused') and exists (select 1 from post p
		where p.blog_id = b.id and p.deleted = 0 and not p.home and p.object <> '' and p.published >= $1)`
)

func scanBlog(s scanner) (b Blog, err error) {
	err = s.Scan(&b.ID, &b.Token, &b.Kind, &b.JID, &b.Node, &b.Handle, &b.State, &b.Gate, &b.Reason, &b.EnrolledBy, &b.Approve, &b.HideNetwork,
		&b.Discoverable, &b.Indexable, &b.Lang, &b.Profile.Name, &b.Profile.Note, &b.Profile.AvatarHash, &b.Profile.AvatarType, &b.Profile.AvatarURL, &b.Profile.Links,
		&b.Created, &b.ProfileAt, &b.ProbedAt, &b.SyncedAt, &b.Profile.BannerURL)
	return b, err
}

// CreateBlog stores a new blog and returns it with its id. ErrConflict says that
// the token, the handle, or the address and node are taken.
func (q *queries) CreateBlog(ctx context.Context, b Blog) (Blog, error) {
	made, err := change(ctx, q, scanBlog, qInsertBlog, b.Token, b.Kind, b.JID, b.Node, b.Handle, b.State, b.Gate, b.Reason, b.EnrolledBy, b.Approve, b.HideNetwork,
		b.Discoverable, b.Indexable, b.Lang, b.Profile.Name, b.Profile.Note, b.Profile.AvatarHash, b.Profile.AvatarType, b.Profile.AvatarURL, b.Profile.Links,
		b.Created, b.ProfileAt, b.ProbedAt, b.SyncedAt, b.Profile.BannerURL)
	if err != nil {
		return Blog{}, fmt.Errorf("blog %s: %w", b.Handle, err)
	}
	return made, nil
}

// BlogByID returns a blog, or ErrNotFound.
func (q *queries) BlogByID(ctx context.Context, id int64) (Blog, error) {
	return recall(ctx, q, scanBlog, qBlogByID, id)
}

// BlogByToken returns the blog whose actor id ends in token, or ErrNotFound.
func (q *queries) BlogByToken(ctx context.Context, token string) (Blog, error) {
	return recall(ctx, q, scanBlog, qBlogByToken, token)
}

// BlogByHandle returns the newest blog of a canonical handle, or ErrNotFound:
// one that is gone only when nobody has the handle now.
func (q *queries) BlogByHandle(ctx context.Context, handle string) (Blog, error) {
	return recall(ctx, q, scanBlog, qBlogByHandle, handle)
}

// BlogByNode returns the newest blog of a pubsub node, or ErrNotFound.
func (q *queries) BlogByNode(ctx context.Context, jid, node string) (Blog, error) {
	return recall(ctx, q, scanBlog, qBlogByNode, jid, node)
}

// Blogs returns every blog but those that are gone, by id.
func (q *queries) Blogs(ctx context.Context) ([]Blog, error) {
	return all(ctx, q, scanBlog, qBlogs)
}

// BlogsOf returns what belongs to or was enrolled by an address, gone ones too,
// by id.
func (q *queries) BlogsOf(ctx context.Context, jid string) ([]Blog, error) {
	return all(ctx, q, scanBlog, qBlogsOf, jid)
}

// HandleTaken reports whether a handle is somebody else's: a gone blog keeps its
// handle for its own owner.
func (q *queries) HandleTaken(ctx context.Context, handle, jid, node string) (bool, error) {
	return one(ctx, q, scalar[bool], qHandleTaken, handle, jid, node)
}

// AvatarShown reports whether a picture is the avatar of a blog that is on or
// paused.
func (q *queries) AvatarShown(ctx context.Context, hash string) (bool, error) {
	return one(ctx, q, scalar[bool], qAvatarShown, hash)
}

// SetState changes what the owner asked for.
func (q *queries) SetState(ctx context.Context, id int64, s State) error {
	return q.touch(ctx, qSetState, id, s)
}

// SetHandle changes the handle; ErrConflict when another blog has it.
func (q *queries) SetHandle(ctx context.Context, id int64, handle string) error {
	return q.touch(ctx, qSetHandle, id, handle)
}

// SetGate stores what a stranger found at the time at.
func (q *queries) SetGate(ctx context.Context, id int64, g Gate, reason string, at int64) error {
	return q.touch(ctx, qSetGate, id, g, reason, at)
}

// SetProfile replaces the profile, changed at the time at.
func (q *queries) SetProfile(ctx context.Context, id int64, p Profile, at int64) error {
	return q.touch(ctx, qSetProfile, id, p.Name, p.Note, p.AvatarHash, p.AvatarType, p.AvatarURL, p.Links, p.BannerURL, at)
}

// SetSynced notes when the items were last compared.
func (q *queries) SetSynced(ctx context.Context, id int64, at int64) error {
	return q.touch(ctx, qSetSynced, id, at)
}

// SetOptions stores Approve, HideNetwork, Discoverable, Indexable and Lang of b.
func (q *queries) SetOptions(ctx context.Context, b Blog) error {
	return q.touch(ctx, qSetOptions, b.ID, b.Approve, b.HideNetwork, b.Discoverable, b.Indexable, b.Lang)
}

// Counts counts what is public: blogs that are on or paused, their posts, and
// how many of them posted since the two times given. It reads an index from end
// to end; callers ask rarely.
func (q *queries) Counts(ctx context.Context, month, halfYear int64) (c Counts, err error) {
	for _, n := range []struct {
		to   *int
		text string
		args []any
	}{
		{&c.Blogs, qCountBlogs, nil},
		{&c.Posts, qCountPosts, nil},
		{&c.ActiveMonth, qCountActive, []any{month}},
		{&c.ActiveHalfYear, qCountActive, []any{halfYear}},
	} {
		if *n.to, err = one(ctx, q, scalar[int], n.text, n.args...); err != nil {
			return Counts{}, err
		}
	}
	return c, nil
}
