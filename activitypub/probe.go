package activitypub

import (
	"context"
	"time"
)

// Probe asks a server something that every server answers somehow, as any other request
// of this client would be made, and says how long the answer took. Which answer it is
// does not matter.
func (c *Client) Probe(ctx context.Context, host string) (time.Duration, error) {
	u, err := c.parseURL("https://" + host + "/.well-known/nodeinfo")
	if err != nil {
		return 0, err
	}
	began := time.Now()
	resp, err := c.getAs(ctx, u, nil, typeJSON, c.knocks(u, nil))
	if err != nil {
		return 0, err
	}
	drain(resp)
	return time.Since(began), nil
}
