package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// Topics of Wake. All is heard after notifications may have been missed.
const (
	TopicAll   = "all"
	TopicLease = "lease" // somebody let one go
)

// channel is that of the notifications.
const channel = "isthmus"

// Wake tells every process that listens that there is something to look at; topic is
// short. Who does not hear it finds it a second later. With a file there is nobody.
func (d *DB) Wake(ctx context.Context, topic string) error {
	if !d.locks {
		return nil
	}
	if _, err := d.read.db.ExecContext(ctx, `select pg_notify($1, $2)`, channel, topic); err != nil {
		return fmt.Errorf("db: wake %s: %w", topic, err)
	}
	return nil
}

// listenAgain is how long it waits after the connection was lost, pingFor how long an
// answer may take that shows that it is not.
const (
	listenAgain = time.Second
	pingFor     = 5 * time.Second
)

// listenFor is how long silence is believed; a test shortens it.
var listenFor = 30 * time.Second

// Listen calls heard with each topic until ctx ends.
func (d *DB) Listen(ctx context.Context, heard func(topic string)) error {
	if !d.locks {
		<-ctx.Done()
		return nil
	}
	for {
		d.listen(ctx, heard) // polling makes up for what is missed
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(listenAgain):
		}
	}
}

func (d *DB) listen(ctx context.Context, heard func(topic string)) error {
	conn, err := d.read.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		c := driver.(*stdlib.Conn).Conn()
		defer c.Close(context.WithoutCancel(ctx)) // it would go on listening
		if _, err := c.Exec(ctx, "listen "+channel); err != nil {
			return err
		}
		heard(TopicAll)
		for {
			waiting, cancel := context.WithTimeout(ctx, listenFor)
			n, err := c.WaitForNotification(waiting)
			cancel()
			if err == nil {
				heard(n.Payload)
				continue
			}
			if ctx.Err() != nil || !pgconn.Timeout(err) {
				return err
			}
			asking, cancel := context.WithTimeout(ctx, pingFor)
			err = c.Ping(asking)
			cancel()
			if err != nil {
				return err
			}
		}
	})
}
