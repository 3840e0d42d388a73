package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// healthcheck asks the running gateway whether it is ready.
func healthcheck(ctx context.Context, c *call) error {
	cfg := c.cfg
	if cfg.Monitor.Listen == "" {
		return errors.New(`it does not listen for this question: set [monitor] listen = "127.0.0.1:9180" and restart it`)
	}
	host, port, err := net.SplitHostPort(cfg.Monitor.Listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{}} // the gateway itself, and never by a proxy
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the gateway does not answer at %s: is it running? (%w)", cfg.Monitor.Listen, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 10_000))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New("not ready\n" + strings.TrimSpace(string(text)))
	}
	return c.out.result(map[string]bool{"ready": true}, func(w io.Writer) { fmt.Fprint(w, string(text)) })
}
