package component

import (
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"isthmus/component/stanza"
)

// Config says where to connect and as whom. Zero durations mean the default.
type Config struct {
	Domain string // the component's own, as configured in the server
	Secret string
	Server string // host:port of the server's component listener
	Log    *slog.Logger

	Name, Version string        // shown to clients
	Forms         []stanza.Form // extensions of our disco#info (XEP-0128), always the same

	ConnectTimeout time.Duration // dial, then handshake, each: 15 s
	BackoffMin     time.Duration // first wait before reconnecting: 1 s
	BackoffMax     time.Duration // longest wait: 60 s
	Keepalive      time.Duration // between pings; white space goes in between: 60 s
	PingTimeout    time.Duration // silence after a ping that means the stream is dead: 30 s
	WriteTimeout   time.Duration // a write that makes no progress ends the stream: 30 s
	IQTimeout      time.Duration // limit of an IQ whose context has none: 60 s
	AsTimeout      time.Duration // limit of an IQ sent as a user: 20 s

	OnError func(condition string) // told of each error that an IQ was answered with; may be nil
}

func (cfg Config) withDefaults() Config {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&cfg.ConnectTimeout, 15*time.Second)
	set(&cfg.BackoffMin, time.Second)
	set(&cfg.BackoffMax, time.Minute)
	set(&cfg.Keepalive, time.Minute)
	set(&cfg.PingTimeout, 30*time.Second)
	set(&cfg.WriteTimeout, 30*time.Second)
	set(&cfg.IQTimeout, time.Minute)
	set(&cfg.AsTimeout, 20*time.Second)
	if cfg.OnError == nil {
		cfg.OnError = func(string) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Name == "" {
		cfg.Name = "Isthmus"
	}
	return cfg
}

// check refuses what no server could accept.
func (cfg Config) check() error {
	j, err := stanza.ParseJID(cfg.Domain)
	if err != nil || j.String() != cfg.Domain || j.Local != "" || j.Resource != "" || strings.ContainsAny(cfg.Domain, `<>&'"_`) {
		return fmt.Errorf("component: %q is not a domain a component can have", cfg.Domain)
	}
	if _, _, err := net.SplitHostPort(cfg.Server); err != nil {
		return fmt.Errorf("component: server %q is not host:port: %w", cfg.Server, err)
	}
	return nil
}
