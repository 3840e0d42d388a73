package bridge

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"isthmus/db"
	"isthmus/mapping"
)

// metaSeed is the secret that the ids of posts are made from.
const metaSeed = "post seed"

// loadSeed returns the database's seed, a new one in a new database.
func loadSeed(ctx context.Context, d *db.DB) ([]byte, error) {
	seed, err := d.MetaOnce(ctx, metaSeed, rand.Text())
	return []byte(seed), err
}

// token is a new name for anything.
func (b *Bridge) token() string {
	var r [16]byte
	rand.Read(r[:])
	return mapping.NewToken(r[:])
}

// postTokens names a post and its Create after the item that it is. Who goes back to
// an old copy of the database, and finds the items again that came since, so gives
// them the ids that other servers know them by, and nobody sees them twice. An item
// that comes back after its post was deleted is another post, as a deleted id is dead
// for good.
func (b *Bridge) postTokens(ctx context.Context, blog *db.Blog, at place, item string) (post, create string, err error) {
	for n := 0; ; n++ {
		post = b.derived("post", blog.Token, at.service, at.node, item, fmt.Sprint(n))
		_, err := b.db.PostByToken(ctx, post)
		if errors.Is(err, db.ErrNotFound) {
			return post, b.derived("create", post), nil
		}
		if err != nil {
			return "", "", err
		}
	}
}

// derived is a token that only who has the seed can foretell.
func (b *Bridge) derived(parts ...string) string {
	mac := hmac.New(sha256.New, b.seed)
	for _, p := range parts {
		fmt.Fprintf(mac, "%d:%s", len(p), p)
	}
	return mapping.NewToken(mac.Sum(nil)[:16])
}
