package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"isthmus/bridge"
	"isthmus/db"
)

// rotateKeys asks for new keys for the handle args[0], or for everybody. A running
// gateway finds the work in the database within a second.
func rotateKeys(ctx context.Context, c *call) error {
	args := c.args
	store, err := openStore(ctx, c.cfg.DB)
	if err != nil {
		return err
	}
	defer store.Close()
	handle := ""
	if len(args) > 0 {
		handle, _, _ = strings.Cut(strings.ToLower(strings.TrimPrefix(args[0], "@")), "@")
	}
	n, err := bridge.RotateKeys(ctx, store, handle, time.Now().UnixMilli())
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("there is no account with the handle %q; \"gateway status\" lists them", args[0])
	}
	if err != nil {
		return err
	}
	return c.out.result(map[string]int{"keys": n}, func(w io.Writer) {
		fmt.Fprintf(w, "%d new keys are made as soon as the gateway runs; its log tells of each.\n", n)
	})
}
