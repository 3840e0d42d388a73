package activitypub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// maxRetryAfter bounds what a peer may ask of our patience.
const maxRetryAfter = 7 * 24 * time.Hour

// StatusError is an answer of a peer that is not a success.
type StatusError struct {
	Code       int
	RetryAfter time.Duration // 0 when the peer said nothing
	Host       string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("activitypub: %s answers %d %s", e.Host, e.Code, http.StatusText(e.Code))
}

func newStatusError(resp *http.Response, host string) *StatusError {
	return &StatusError{resp.StatusCode, retryAfter(resp.Header.Get("Retry-After"), time.Now()), host}
}

// retryAfter reads the header (RFC 9110 §10.2.3), seconds or a date.
func retryAfter(s string, now time.Time) time.Duration {
	var d time.Duration
	if n, err := strconv.ParseUint(s, 10, 32); err == nil {
		d = time.Duration(n) * time.Second
	} else if t, err := http.ParseTime(s); err == nil {
		d = t.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}

// Post delivers body to an inbox, signed with k, without redirects
// (AP §7.1, rows S1, O35, O36). It is nil for any 2xx, which proves nothing
// but arrival. Other answers are *StatusError; Final tells whether to try again.
func (c *Client) Post(ctx context.Context, inbox string, body []byte, k *Key) error {
	u, err := c.parseURL(inbox)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := c.knock(ctx, u, k, c.knocks(u, k), body, func() (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrURL, err)
		}
		req.Header.Set("Content-Type", typeActivity)
		req.Header.Set("Accept", acceptObjects)
		// Activities are idempotent by id, so net/http may send one again when the
		// peer closed a kept connection under it. Not sent, see http.Transport.
		req.Header["Idempotency-Key"] = nil
		return req, nil
	})
	if err != nil {
		return err
	}
	drain(resp)
	if resp.StatusCode/100 != 2 {
		return newStatusError(resp, u.Host)
	}
	return nil
}

// Final tells whether an error of Post will not go away (row O32): 501 and the
// 4xx but 401 (keys and clocks get repaired), 408 and 429. Redirects, 5xx,
// networks and names that resolve to nothing good may.
func Final(err error) bool {
	if errors.Is(err, ErrURL) {
		return true
	}
	var s *StatusError
	if !errors.As(err, &s) {
		return false
	}
	switch s.Code {
	case http.StatusNotImplemented:
		return true
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return s.Code/100 == 4
}

// Gone tells whether the peer says that what was asked for does not exist (404)
// or not any more (410).
func Gone(err error) bool {
	var s *StatusError
	return errors.As(err, &s) && (s.Code == http.StatusNotFound || s.Code == http.StatusGone)
}

// isStatus tells whether err is this very answer of a peer.
func isStatus(err error, code int) bool {
	var s *StatusError
	return errors.As(err, &s) && s.Code == code
}
