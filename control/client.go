package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"isthmus/doctor"
)

// ErrNotRunning says that nobody answers at the socket.
var ErrNotRunning = errors.New("the gateway is not running")

// Client is the Desk of the gateway that answers at a socket file.
type Client struct {
	path string
	http http.Client
}

var _ Desk = (*Client)(nil)

// NewClient asks at a socket file. It opens nothing yet.
func NewClient(path string) *Client {
	var dialer net.Dialer
	return &Client{path: path, http: http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "unix", path)
	}}}}
}

func (c *Client) State(ctx context.Context) (State, error) {
	return get[State](ctx, c, "state")
}
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	return get[[]Account](ctx, c, "accounts")
}
func (c *Client) Follows(ctx context.Context, who string) ([]Follow, error) {
	return get[[]Follow](ctx, c, "follows", "who", who)
}
func (c *Client) Hosts(ctx context.Context, all bool) ([]Host, error) {
	return get[[]Host](ctx, c, "hosts", "all", flag(all))
}
func (c *Client) Reports(ctx context.Context, closed bool) ([]Report, error) {
	return get[[]Report](ctx, c, "reports", "closed", flag(closed))
}
func (c *Client) Jobs(ctx context.Context) ([]Job, error) {
	return get[[]Job](ctx, c, "jobs")
}
func (c *Client) Recent(ctx context.Context) ([]Deed, error) {
	return get[[]Deed](ctx, c, "recent")
}
func (c *Client) Rules(ctx context.Context) ([]Rule, error) {
	return get[[]Rule](ctx, c, "rules")
}
func (c *Client) History(ctx context.Context) ([]Minutes, error) {
	return get[[]Minutes](ctx, c, "history")
}
func (c *Client) Trace(ctx context.Context, what string) (Trace, error) {
	return get[Trace](ctx, c, "trace", "what", what)
}
func (c *Client) Do(ctx context.Context, d Doing) (Done, error) {
	return post[Done](ctx, c, "do", d)
}
func (c *Client) Checks(ctx context.Context, ask doctor.Ask) ([]doctor.Result, error) {
	return post[[]doctor.Result](ctx, c, "checks", ask)
}

func (c *Client) Echo(ctx context.Context) (token string, err error) {
	return get[string](ctx, c, "echo")
}

func (c *Client) PageLink(ctx context.Context) (string, error) {
	return post[string](ctx, c, "page-link", nil)
}

func (c *Client) TryFollow(ctx context.Context, account string, tell func(Hop)) error {
	body, err := c.ask(ctx, http.MethodPost, "try-follow?"+url.Values{"account": {account}}.Encode(), nil)
	if err != nil {
		return err
	}
	defer body.Close()
	for lines := json.NewDecoder(body); ; {
		var h Hop
		err := lines.Decode(&h)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case h.State == failedStream:
			return errors.New(h.Seen)
		}
		tell(h)
	}
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return ""
}

func get[T any](ctx context.Context, c *Client, path string, query ...string) (T, error) {
	q := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	return read[T](c.ask(ctx, http.MethodGet, path+"?"+q.Encode(), nil))
}

func post[T any](ctx context.Context, c *Client, path string, v any) (t T, err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return t, err
	}
	return read[T](c.ask(ctx, http.MethodPost, path, text))
}

func read[T any](body io.ReadCloser, err error) (t T, _ error) {
	if err != nil {
		return t, err
	}
	defer body.Close()
	return t, json.NewDecoder(body).Decode(&t)
}

// ask returns the body of a good answer.
func (c *Client) ask(ctx context.Context, method, path string, text []byte) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://gateway/"+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%w (nobody answers at %s): start it, or see [admin] socket", ErrNotRunning, c.path)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s may not be opened by this user: run the command as the gateway's user (sudo -u isthmus gateway …)", c.path)
	case err != nil:
		return nil, err
	case resp.StatusCode == http.StatusOK:
		return resp.Body, nil
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 10_000))
	if err != nil {
		return nil, err
	}
	why := strings.TrimSpace(string(said))
	for status, known := range map[int]error{http.StatusNotFound: ErrNotFound, http.StatusBadRequest: ErrAddress} {
		if resp.StatusCode == status {
			return nil, &remoteError{why, known}
		}
	}
	return nil, errors.New(why)
}

// remoteError says what the gateway said, and is one of Desk's errors.
type remoteError struct {
	text string
	is   error
}

func (e *remoteError) Error() string { return e.text }
func (e *remoteError) Unwrap() error { return e.is }
