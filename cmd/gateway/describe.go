package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
)

// describe says in a few lines what a good config file will do.
func describe(_ context.Context, c *call) error {
	warnings := []string{}
	for _, p := range c.cfg.Warnings {
		warnings = append(warnings, p.String())
	}
	return c.out.result(map[string]any{"file": c.cfg.Path, "warnings": warnings}, func(w io.Writer) { printConfig(w, c.cfg) })
}

func printConfig(w io.Writer, cfg Config) {
	fmt.Fprintf(w, "%s is fine\n\n", cfg.Path)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("component", "%s, connecting to %s", cfg.XMPP.Component, cfg.XMPP.Server)
	line("accounts", "at %s; %s", strings.Join(cfg.XMPP.Domains, ", "), whoEnrols(cfg.Blog))
	if len(cfg.XMPP.PubSub) > 0 {
		line("nodes", "on %s", strings.Join(cfg.XMPP.PubSub, ", "))
	}
	line("pages", "%s, listening on %s", cfg.HTTP.PublicURL, cfg.HTTP.Listen)
	line("handles", "@user@%s, so that alice@%s becomes @alice@%[1]s", cfg.ActivityPub.HandleDomain, cfg.XMPP.Domains[0])
	if u, err := url.Parse(cfg.HTTP.PublicURL); err == nil && u.Host != cfg.ActivityPub.HandleDomain {
		line("", "%s has to forward /.well-known/webfinger and /.well-known/host-meta to %s",
			cfg.ActivityPub.HandleDomain, cfg.HTTP.PublicURL)
	}
	if cfg.ActivityPub.AuthorizedFetch {
		line("documents", "only for servers that sign their requests and are not blocked")
	}
	if cfg.ActivityPub.OnlyAllowed {
		line("servers", "only those that were let in; see: gateway domains list")
	}
	if cfg.Monitor.Listen != "" {
		line("monitor", "http://%s/readyz and /metrics", cfg.Monitor.Listen)
	}
	line("database", "%s%s", cfg.DB.shown(), ifNew(cfg.DB.Path))
	if len(cfg.HTTP.AllowPrivate) > 0 {
		line("private", "requests may go to %v: for tests, not for a public gateway", cfg.HTTP.AllowPrivate)
	}
	if len(cfg.Warnings) == 0 {
		return
	}
	fmt.Fprint(w, "\nIt works, but look at this:\n")
	for _, p := range cfg.Warnings {
		fmt.Fprint(w, "\n"+p.format(cfg.Path))
	}
}

func ifNew(path string) string {
	if _, err := os.Stat(path); path != "" && errors.Is(err, fs.ErrNotExist) {
		return " (new: the first start makes it)"
	}
	return ""
}

func whoEnrols(b BlogConfig) string {
	if b.AllowUsers {
		return "their owners may turn federation on themselves"
	}
	return "only the administrator turns federation on"
}
