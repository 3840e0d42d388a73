package activitypub

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// scheme is how a request is signed.
type scheme bool

const (
	draft   scheme = false // draft-cavage-12, which every peer takes or takes for nothing (peers.md rule 1)
	message scheme = true  // RFC 9421
)

// knocking is one way to ask a peer: it may be refused for how it is signed alone.
type knocking struct {
	as     scheme
	target string // as the draft signs it
	file   bool   // no document
}

// knocks are the ways to try, in order (row S12): as the host was last seen to
// like it, a path with a query also without (row S3), then the other scheme. A
// request that is not signed has one.
func (c *Client) knocks(u *url.URL, k *Key) []knocking {
	target := u.RequestURI()
	if k == nil {
		return []knocking{{target: target}}
	}
	drafts := []knocking{{as: draft, target: target}}
	if path, _, query := strings.Cut(target, "?"); query {
		drafts = append(drafts, knocking{as: draft, target: path})
	}
	if liked, ok := c.liked.get(u.Host); ok && liked == message {
		return append([]knocking{{as: message, target: target}}, drafts...)
	}
	return append(drafts, knocking{as: message, target: target})
}

// knock sends a request made anew for each way until one is not refused for its
// signature, and remembers that one. When all are refused, the first answer counts,
// whose body is read already: it is about the way that this host was last seen to like.
func (c *Client) knock(ctx context.Context, u *url.URL, k *Key, ways []knocking, body []byte, build func() (*http.Request, error)) (*http.Response, error) {
	var refused *http.Response
	for _, way := range ways {
		req, err := build()
		if err != nil {
			return nil, err
		}
		resp, err := c.do(req, way, body, k)
		switch {
		case err != nil && refused != nil && ctx.Err() == nil:
			return refused, nil // what was refused stays refused
		case err != nil:
			return nil, err
		case !refusesSignature(resp.StatusCode):
			if refused != nil {
				c.liked.put(u.Host, way.as)
				c.log.DebugContext(ctx, "another signature was taken", "host", u.Host, "rfc9421", bool(way.as))
			}
			return resp, nil
		}
		drain(resp) // it gives its place at the host to the next try
		if refused == nil {
			refused = resp
		}
	}
	return refused, nil
}

// refusesSignature tells the answers that may be about how a request was signed
// (row S12): 401, and 400 from what cannot even parse it.
func refusesSignature(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusBadRequest
}
