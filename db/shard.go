package db

import (
	"context"
	"errors"
	"hash/fnv"
)

// postgresShards is in how many parts the work is cut that goes to other hosts, and that
// comes from their actors. Each part is done by one process at a time, so that a host
// is left alone, or sent to one at a time, whatever the number of processes. It is
// written into rows: changing it needs a migration.
const postgresShards = 8

// ErrLost says that another process has taken over what this one had.
var ErrLost = errors.New("db: another process has taken this over")

// Shard is a DB that sees one part of the work.
type Shard struct {
	*DB
	n     int64
	lease *Lease // nil where there is one process
}

// Shards returns how many there are.
func (d *DB) Shards() int { return int(d.shards) }

// Shard returns number n, which this process has by the lease, nil where there is only
// one process.
func (d *DB) Shard(n int, lease *Lease) *Shard { return &Shard{d, int64(n), lease} }

// ShardOf returns the number of the shard that a host, or an actor's id, belongs to.
func (d *DB) ShardOf(name string) int { return int(d.shardOf(name)) }

func (q *queries) shardOf(name string) int64 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return int64(h.Sum32()) % q.shards
}

func (s *Shard) has(host string) bool { return s.shardOf(host) == s.n }

// held makes sure that the shard is this process's until the transaction ends.
func (s *Shard) held(ctx context.Context, q *queries) error {
	if s.lease == nil {
		return nil
	}
	return s.lease.hold(ctx, q)
}
