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

// status prints the state of the stream, every blog and the queue. It reads the
// database, so it works whether or not the gateway runs.
func status(ctx context.Context, cfg Config, out io.Writer) error {
	if hasDatabase(cfg.DB) != nil {
		fmt.Fprintf(out, "gateway: has never run: there is no %s yet; start it with: gateway run\n", cfg.DB.Path)
		return nil
	}
	store, err := db.Open(ctx, cfg.DB.location())
	if err != nil {
		return err
	}
	defer store.Close()
	if err := printHeartbeat(ctx, store, cfg, out); err != nil {
		return err
	}
	if err := printProcesses(ctx, store, out); err != nil {
		return err
	}
	if err := printBlogs(ctx, store, cfg, out); err != nil {
		return err
	}
	return printQueue(ctx, store, out)
}

// stale is after how long a heartbeat (every ten seconds) means that nothing
// runs.
const stale = 35 * time.Second

func printHeartbeat(ctx context.Context, store *db.DB, cfg Config, out io.Writer) error {
	h, err := bridge.ReadHeartbeat(ctx, store)
	switch {
	case errors.Is(err, db.ErrNotFound):
		fmt.Fprintln(out, "gateway: has never run with this database; start it with: gateway run")
		return nil
	case err != nil:
		return err
	}
	seen := time.Since(time.UnixMilli(h.At))
	switch {
	case seen > stale:
		fmt.Fprintf(out, "gateway: not running (last seen %s ago)\n", seen.Round(time.Second))
	case h.Up:
		fmt.Fprintf(out, "gateway: running, version %s, connected to %s as %s for %s\n", h.Version, cfg.XMPP.Server, cfg.XMPP.Component, time.Since(time.UnixMilli(h.Since)).Round(time.Second))
	case h.Error == "": // it has just been started
		fmt.Fprintf(out, "gateway: running, version %s, connecting to %s\n", h.Version, cfg.XMPP.Server)
	default:
		fmt.Fprintf(out, "gateway: running, version %s, NOT connected to %s\n  %s\n", h.Version, cfg.XMPP.Server, h.Error)
	}
	return nil
}

// printProcesses names the processes where there may be several, with what each has.
func printProcesses(ctx context.Context, store *db.DB, out io.Writer) error {
	processes, err := store.Processes(ctx)
	if err != nil || len(processes) == 0 {
		return err
	}
	leases, err := store.Leases(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "processes: %d\n", len(processes))
	w := tabwriter.NewWriter(out, 2, 0, 2, ' ', 0)
	for _, p := range processes {
		shards, has := 0, ""
		for name, holder := range leases {
			switch {
			case holder != p.ID:
			case name == bridge.StreamLease:
				has = ", has the XMPP stream"
			default:
				shards++
			}
		}
		fmt.Fprintf(w, "  %s\ton %s\t%s\tversion %s\t%d of %d shards%s\n", p.ID, p.Host, p.Roles, p.Version, shards, store.Shards(), has)
	}
	return w.Flush()
}

func printBlogs(ctx context.Context, store *db.DB, cfg Config, out io.Writer) error {
	blogs, err := store.Blogs(ctx)
	if err != nil {
		return err
	}
	if len(blogs) == 0 {
		fmt.Fprintln(out, "blogs: none yet; users message "+cfg.XMPP.Component+" \"start\", or run: gateway enrol JID")
		return nil
	}
	addr := bridgeConfig(cfg, nil).Addresses()
	fmt.Fprintf(out, "blogs: %d\n", len(blogs))
	w := tabwriter.NewWriter(out, 2, 0, 2, ' ', 0)
	for _, blog := range blogs {
		followers, err := store.FollowerCount(ctx, blog.ID, "accepted")
		if err != nil {
			return err
		}
		posts, err := store.PostCount(ctx, blog.ID)
		if err != nil {
			return err
		}
		who := blog.JID
		if blog.Kind == "group" {
			who += " " + blog.Node
		}
		fmt.Fprintf(w, "  %s\t@%s\t%s\t%d followers\t%d posts\t%s\n", who, addr.Acct(blog.Handle), bridge.Condition(blog), followers, posts, bridge.Reason(blog, bridgeConfig(cfg, nil)))
	}
	return w.Flush()
}

func printQueue(ctx context.Context, store *db.DB, out io.Writer) error {
	q, err := store.QueueStats(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "queue: %d posts on their way, %d inboxes to try again, %d hosts resting, %d activities to read, %d jobs\n",
		q.Fanouts, q.Retries, q.OpenHosts, q.Inbound, q.Jobs)
	return nil
}
