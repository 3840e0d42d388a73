package bridge

import (
	"context"
	"errors"
	"net"
	"net/http"

	"isthmus/activitypub"
	"isthmus/component/stanza"
)

// whyNot says in words why somebody cannot be found or read, and as a condition
// whether asking again can help: clients delete their copy when something is not
// there, and wait when the type of the error is wait (xmpp-servers §8.1).
func (b *Bridge) whyNot(ctx context.Context, handle string, err error) *stanza.Error {
	_, host, _ := cutHandle(handle)
	var (
		said   *stanza.Error
		status *activitypub.StatusError
		dns    *net.DNSError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said):
		return said
	case errors.Is(err, errRefusesBridges):
		return stanza.ErrNotAllowed(b.say(ctx, "find.not.bridged", "handle", handle))
	case errors.Is(err, activitypub.ErrHandle):
		return stanza.ErrJIDMalformed(b.say(ctx, "find.not.address", "handle", clip(handle, 100)))
	case errors.As(err, &dns) && dns.IsNotFound:
		return stanza.ErrRemoteNotFound(b.say(ctx, "find.not.server", "host", host))
	case errors.As(err, &status) && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden):
		return stanza.ErrForbidden(b.say(ctx, "find.not.shown", "host", host, "handle", handle))
	case activitypub.Gone(err):
		return stanza.ErrItemNotFound(b.say(ctx, "find.not.gone", "host", host, "handle", handle))
	case errors.Is(err, activitypub.ErrAddress), errors.Is(err, activitypub.ErrURL):
		return stanza.ErrRemoteNotFound(b.say(ctx, "find.not.public", "host", host))
	case errors.Is(err, activitypub.ErrFinger), errors.Is(err, errIgnored), !retriable(err):
		return stanza.ErrItemNotFound(b.say(ctx, "find.not.known", "host", host, "handle", handle))
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return stanza.ErrRemoteTimeout(b.say(ctx, "find.not.slow", "host", host))
	}
	b.log.Info("account not read", "handle", handle, "err", err)
	return stanza.ErrRemoteTimeout(b.say(ctx, "find.not.now", "host", host))
}
