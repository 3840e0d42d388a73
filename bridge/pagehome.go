package bridge

import (
	"context"
	"errors"
	"strings"
	"time"

	"isthmus/activitypub"
	"isthmus/web"
)

// Bounds of asking servers where their people want to be sent: visitors choose them.
const (
	homeWait     = 10 * time.Second
	homesPerHour = 600  // of one server
	allHomes     = 6000 // an hour, of all of them
)

var errHomes = errors.New("bridge: this server has been asked often enough")

// Home asks the server of a visitor's account where it wants to be asked to follow
// somebody, or to like, share or answer a post.
func (b pages) Home(ctx context.Context, account string) (web.Home, error) {
	ctx, cancel := context.WithTimeout(ctx, homeWait)
	defer cancel()
	_, host, _ := strings.Cut(strings.TrimPrefix(account, "@"), "@")
	if !b.quota.take("homes", allHomes, b.now()) || !b.quota.take("home at "+strings.ToLower(host), homesPerHour, b.now()) {
		return web.Home{}, errHomes
	}
	home, err := b.client.Home(ctx, account)
	switch {
	case errors.Is(err, activitypub.ErrHandle):
		return web.Home{}, web.ErrAddress
	case activitypub.Gone(err):
		return web.Home{Handle: account}, web.ErrNotFound
	case err != nil:
		return web.Home{}, err
	}
	return web.Home(home), nil
}
