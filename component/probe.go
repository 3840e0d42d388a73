package component

import (
	"context"
	"time"
)

// Probe connects once, and ends the stream again when the handshake is through. Its error
// is what Status().Err would be. Not for use while a Component of this domain runs: servers
// refuse a second connection, or end the first.
func Probe(ctx context.Context, cfg Config) error {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	l, err := connect(ctx, cfg)
	if err != nil {
		return explain(err, cfg, false)
	}
	l.conn.Close()
	return nil
}
