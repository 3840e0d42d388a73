package activitypub

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const maxRedirects = 3

// fetch gets a body with status 200, following redirects: each hop is checked,
// dialled and signed like the first (row S4). It gives the address of the last.
func (c *Client) fetch(ctx context.Context, raw string, k *Key, accept string, isType func(string) bool) (*url.URL, []byte, error) {
	u, err := c.parseURL(raw)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	seen := map[string]bool{}
	for {
		seen[u.String()] = true
		resp, err := c.get(ctx, u, k, accept)
		if err != nil {
			return nil, nil, err
		}
		if !isRedirect(resp.StatusCode) {
			body, err := readBody(resp, u, isType)
			return u, body, err
		}
		next, err := c.redirect(u, resp.Header.Values("Location"))
		drain(resp)
		if err != nil {
			return nil, nil, err
		}
		if len(seen) > maxRedirects || seen[next.String()] {
			return nil, nil, fmt.Errorf("%w: %s: too many, or in a circle", ErrRedirect, u)
		}
		u = next
	}
}

// get does one GET, signed in the way that the peer takes.
func (c *Client) get(ctx context.Context, u *url.URL, k *Key, accept string) (*http.Response, error) {
	return c.getAs(ctx, u, k, accept, c.knocks(u, k))
}

func (c *Client) getAs(ctx context.Context, u *url.URL, k *Key, accept string, ways []knocking) (*http.Response, error) {
	return c.knock(ctx, u, k, ways, nil, func() (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrURL, err)
		}
		req.Header.Set("Accept", accept)
		return req, nil
	})
}

// do signs and sends one request, and follows nothing. Every request to a peer goes
// through it, so hosts that are not to be talked to are refused here.
func (c *Client) do(req *http.Request, way knocking, body []byte, k *Key) (*http.Response, error) {
	if c.refuse(strings.ToLower(req.URL.Host), way.file) {
		return nil, fmt.Errorf("%w: %s", ErrRefused, req.URL.Host)
	}
	req.Header.Set("User-Agent", c.agent)
	if k != nil {
		c.signing <- struct{}{}
		var err error
		if way.as == message {
			err = SignMessage(req, body, *k)
		} else {
			err = sign(req, way.target, body, *k)
		}
		<-c.signing
		if err != nil {
			return nil, err
		}
	}
	transport := c.secure
	if req.URL.Scheme == "http" {
		transport = c.plain
	}
	resp, err := c.roundTrip(transport, req)
	if err != nil {
		return nil, fmt.Errorf("activitypub: %s %s: %w", req.Method, req.URL.Host, err)
	}
	c.skews.seen(req.URL.Host, resp, time.Now())
	c.log.DebugContext(req.Context(), "asked", "host", req.URL.Host, "method", req.Method, "status", resp.StatusCode)
	return resp, nil
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirect gives where a redirect from u leads.
func (c *Client) redirect(u *url.URL, location []string) (*url.URL, error) {
	if len(location) != 1 {
		return nil, fmt.Errorf("%w: %s: no Location", ErrRedirect, u)
	}
	next, err := u.Parse(location[0])
	if err != nil {
		return nil, fmt.Errorf("%w: %s: malformed Location", ErrRedirect, u)
	}
	if next, err = c.parseURL(next.String()); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrRedirect, u, err)
	}
	if u.Scheme == "https" && next.Scheme != "https" {
		return nil, fmt.Errorf("%w: %s: from https to http", ErrRedirect, u)
	}
	return next, nil
}

// readBody reads an answer: status 200, one content type that fits, no more
// than maxBody after decompression.
func readBody(resp *http.Response, u *url.URL, isType func(string) bool) ([]byte, error) {
	if resp.StatusCode != http.StatusOK {
		drain(resp)
		return nil, newStatusError(resp, u.Host)
	}
	defer resp.Body.Close()
	if types := resp.Header.Values("Content-Type"); len(types) != 1 || !isType(types[0]) {
		return nil, fmt.Errorf("%w: %s has content type %q", ErrContentType, u, types)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err == nil {
		// A peer that sees us hang up may end an unfinished body properly.
		err = resp.Request.Context().Err()
	}
	if err != nil {
		return nil, fmt.Errorf("activitypub: reading %s: %w", u.Host, err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("%w: %s", ErrTooLarge, u)
	}
	return body, nil
}

// drain reads a little of what is left, so that the connection can be kept.
func drain(resp *http.Response) {
	io.CopyN(io.Discard, resp.Body, 16<<10) // an error here only costs the connection
	resp.Body.Close()
}
