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
func (b *Bridge) whyNot(handle string, err error) *stanza.Error {
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
		return stanza.ErrNotAllowed("@" + handle + " asks not to be shown in other networks.")
	case errors.Is(err, activitypub.ErrHandle):
		return stanza.ErrJIDMalformed("“" + clip(handle, 100) + "” is no Fediverse address. They look like @user@host.")
	case errors.As(err, &dns) && dns.IsNotFound:
		return stanza.ErrRemoteNotFound("There is no server called " + host + ".")
	case errors.As(err, &status) && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden):
		return stanza.ErrForbidden(host + " refuses to show @" + handle + " to this gateway.")
	case activitypub.Gone(err):
		return stanza.ErrItemNotFound("There is no account @" + handle + ": " + host + " says so.")
	case errors.Is(err, activitypub.ErrAddress), errors.Is(err, activitypub.ErrURL):
		return stanza.ErrRemoteNotFound(host + " is not a public server.")
	case errors.Is(err, activitypub.ErrFinger), errors.Is(err, errIgnored), !retriable(err):
		return stanza.ErrItemNotFound(host + " knows no Fediverse account @" + handle + ".")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return stanza.ErrRemoteTimeout(host + " takes too long to answer. Please try again later.")
	}
	b.log.Info("account not read", "handle", handle, "err", err)
	return stanza.ErrRemoteTimeout(host + " cannot be reached at the moment. Please try again later.")
}
