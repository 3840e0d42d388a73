package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"isthmus/bridge"
	"isthmus/db"
)

// gatewayState is what “status” shows.
type gatewayState struct {
	Gateway   string         `json:"gateway"` // running, connecting, disconnected, stopped or never
	Version   string         `json:"version,omitempty"`
	Seen      time.Time      `json:"seen,omitzero"`
	Since     time.Time      `json:"since,omitzero"` // connected, or not
	Error     string         `json:"error,omitempty"`
	Processes []processState `json:"processes"`
	Blogs     []blogState    `json:"blogs"`
	Queue     queueState     `json:"queue"`

	cfg Config
}

type processState struct {
	ID      string `json:"id"`
	Host    string `json:"host"`
	Roles   string `json:"roles"`
	Version string `json:"version"`
	Shards  int    `json:"shards"`
	Of      int    `json:"of"`
	Stream  bool   `json:"stream"`
}

type blogState struct {
	JID       string `json:"jid"`
	Node      string `json:"node,omitempty"` // of a community
	Handle    string `json:"handle"`
	State     string `json:"state"`
	Followers int    `json:"followers"`
	Posts     int    `json:"posts"`
	Reason    string `json:"reason,omitempty"`
}

type queueState struct {
	Posts      int `json:"posts"`
	Inboxes    int `json:"inboxes"`
	Resting    int `json:"resting"`
	Activities int `json:"activities"`
	Jobs       int `json:"jobs"`
}

// status prints the state of the stream, every blog and the queue. It reads the
// database, so it works whether or not the gateway runs.
func status(ctx context.Context, c *call) error {
	s := gatewayState{Gateway: "never", Processes: []processState{}, Blogs: []blogState{}, cfg: c.cfg}
	if hasDatabase(c.cfg.DB) != nil {
		return c.out.result(s, func(w io.Writer) {
			fmt.Fprintf(w, "gateway: has never run: there is no %s yet; start it with: gateway run\n", c.cfg.DB.Path)
		})
	}
	store, err := db.Open(ctx, c.cfg.DB.location())
	if err != nil {
		return err
	}
	defer store.Close()
	if err := s.read(ctx, store); err != nil {
		return err
	}
	return c.out.result(s, s.print)
}

// stale is after how long a heartbeat (every ten seconds) means that nothing
// runs.
const stale = 35 * time.Second

func (s *gatewayState) read(ctx context.Context, store *db.DB) error {
	if err := s.heartbeat(ctx, store); err != nil {
		return err
	}
	processes, err := store.Processes(ctx)
	if err != nil {
		return err
	}
	leases, err := store.Leases(ctx)
	if err != nil {
		return err
	}
	for _, p := range processes {
		one := processState{ID: p.ID, Host: p.Host, Roles: p.Roles, Version: p.Version, Of: store.Shards()}
		for name, holder := range leases {
			switch {
			case holder != p.ID:
			case name == bridge.StreamLease:
				one.Stream = true
			default:
				one.Shards++
			}
		}
		s.Processes = append(s.Processes, one)
	}
	if err := s.blogs(ctx, store); err != nil {
		return err
	}
	q, err := store.QueueStats(ctx)
	s.Queue = queueState{q.Fanouts, q.Retries, q.OpenHosts, q.Inbound, q.Jobs}
	return err
}

func (s *gatewayState) heartbeat(ctx context.Context, store *db.DB) error {
	h, err := bridge.ReadHeartbeat(ctx, store)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s.Seen, s.Since, s.Version, s.Error = time.UnixMilli(h.At).UTC(), time.UnixMilli(h.Since).UTC(), h.Version, h.Error
	switch {
	case time.Since(s.Seen) > stale:
		s.Gateway = "stopped"
	case h.Up:
		s.Gateway = "running"
	case h.Error == "": // it has just been started
		s.Gateway = "connecting"
	default:
		s.Gateway = "disconnected"
	}
	return nil
}

func (s *gatewayState) blogs(ctx context.Context, store *db.DB) error {
	blogs, err := store.Blogs(ctx)
	if err != nil {
		return err
	}
	bc := bridgeConfig(s.cfg, nil)
	for _, blog := range blogs {
		one := blogState{JID: blog.JID, Handle: bc.Addresses().Acct(blog.Handle), State: bridge.Condition(blog), Reason: bridge.Reason(blog, bc)}
		if blog.Kind == "group" {
			one.Node = blog.Node
		}
		if one.Followers, err = store.FollowerCount(ctx, blog.ID, "accepted"); err != nil {
			return err
		}
		if one.Posts, err = store.PostCount(ctx, blog.ID); err != nil {
			return err
		}
		s.Blogs = append(s.Blogs, one)
	}
	return nil
}

func (s gatewayState) print(out io.Writer) {
	server := s.cfg.XMPP.Server
	switch s.Gateway {
	case "never":
		fmt.Fprintln(out, "gateway: has never run with this database; start it with: gateway run")
	case "stopped":
		fmt.Fprintf(out, "gateway: not running (last seen %s ago)\n", time.Since(s.Seen).Round(time.Second))
	case "running":
		fmt.Fprintf(out, "gateway: running, version %s, connected to %s as %s for %s\n", s.Version, server, s.cfg.XMPP.Component, time.Since(s.Since).Round(time.Second))
	case "connecting":
		fmt.Fprintf(out, "gateway: running, version %s, connecting to %s\n", s.Version, server)
	default:
		fmt.Fprintf(out, "gateway: running, version %s, NOT connected to %s\n  %s\n", s.Version, server, s.Error)
	}
	w := tabwriter.NewWriter(out, 2, 0, 2, ' ', 0)
	if len(s.Processes) > 0 {
		fmt.Fprintf(out, "processes: %d\n", len(s.Processes))
	}
	for _, p := range s.Processes { // where there may be several
		has := ""
		if p.Stream {
			has = ", has the XMPP stream"
		}
		fmt.Fprintf(w, "  %s\ton %s\t%s\tversion %s\t%d of %d shards%s\n", p.ID, p.Host, p.Roles, p.Version, p.Shards, p.Of, has)
	}
	w.Flush()
	if len(s.Blogs) == 0 {
		fmt.Fprintln(out, "blogs: none yet; users message "+s.cfg.XMPP.Component+" \"start\", or run: gateway enrol JID")
	} else {
		fmt.Fprintf(out, "blogs: %d\n", len(s.Blogs))
	}
	for _, b := range s.Blogs {
		who := b.JID
		if b.Node != "" {
			who += " " + b.Node
		}
		fmt.Fprintf(w, "  %s\t@%s\t%s\t%d followers\t%d posts\t%s\n", who, b.Handle, b.State, b.Followers, b.Posts, b.Reason)
	}
	w.Flush()
	q := s.Queue
	fmt.Fprintf(out, "queue: %d posts on their way, %d inboxes to try again, %d hosts resting, %d activities to read, %d jobs\n", q.Posts, q.Inboxes, q.Resting, q.Activities, q.Jobs)
}
