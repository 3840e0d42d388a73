package activitypub

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// File gets a file, such as a picture, from the web: checked, dialled and bounded
// like documents, but not signed, as files need no permission. accept decides by
// content type. It gives the content type and at most max bytes.
//
// Errors: *StatusError; ErrURL, ErrAddress, ErrRedirect, ErrContentType,
// ErrTooLarge; else the network's.
func (c *Client) File(ctx context.Context, address string, max int64, accept func(contentType string) bool) (contentType string, data []byte, err error) {
	u, err := c.parseURL(address)
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	for hops := 0; ; hops++ {
		resp, err := c.getAs(ctx, u, nil, "*/*", []knocking{{file: true}})
		if err != nil {
			return "", nil, err
		}
		if !isRedirect(resp.StatusCode) {
			return fileBody(resp, u, max, accept)
		}
		next, err := c.redirect(u, resp.Header.Values("Location"))
		drain(resp)
		if err != nil {
			return "", nil, err
		}
		if hops >= maxRedirects {
			return "", nil, fmt.Errorf("%w: %s: too many", ErrRedirect, u)
		}
		u = next
	}
}

func fileBody(resp *http.Response, u *url.URL, max int64, accept func(string) bool) (string, []byte, error) {
	if resp.StatusCode != http.StatusOK {
		drain(resp)
		return "", nil, newStatusError(resp, u.Host)
	}
	defer resp.Body.Close()
	types := resp.Header.Values("Content-Type")
	if len(types) != 1 || !accept(types[0]) {
		return "", nil, fmt.Errorf("%w: %s has content type %q", ErrContentType, u, types)
	}
	if resp.ContentLength > max {
		return "", nil, fmt.Errorf("%w: %s", ErrTooLarge, u)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, max+1))
	if err == nil {
		err = resp.Request.Context().Err()
	}
	if err != nil {
		return "", nil, fmt.Errorf("activitypub: reading %s: %w", u.Host, err)
	}
	if int64(len(data)) > max {
		return "", nil, fmt.Errorf("%w: %s", ErrTooLarge, u)
	}
	return types[0], data, nil
}
