package db

import (
	"strings"
	"sync"
	"sync/atomic"
)

// changes counts what this process has changed of what others can be shown.
type changes struct {
	n      atomic.Uint64
	writes sync.Map // statement: the table that it writes to
	tables sync.Map // table: *atomic.Uint64, how often it was written to
}

// Changes is a number that is another one after each write of this process that may
// change a document: after the write is there, and before its caller goes on. Notes of
// the queues, which are most of all writes, do not count.
func (d *DB) Changes() uint64 { return d.changed.n.Load() }

// notes are the tables of the queues and of the processes.
var notes = map[string]bool{
	"delivery": true, "retry": true, "host": true, "inbox": true, "job": true,
	"progress": true, "relay": true, "process": true, "lease": true,
}

// of counts the writes to a table.
func (c *changes) of(table string) *atomic.Uint64 {
	n, known := c.tables.Load(table)
	if !known {
		n, _ = c.tables.LoadOrStore(table, new(atomic.Uint64))
	}
	return n.(*atomic.Uint64)
}

// made counts writes to tables, once.
func (c *changes) made(tables ...string) {
	for _, t := range tables {
		c.of(t).Add(1)
	}
	c.n.Add(1)
}

// by is the table that a statement writes to, and whether it changes more than notes.
func (c *changes) by(text string) (table string, counts bool) {
	known, ok := c.writes.Load(text)
	if !ok {
		known, _ = c.writes.LoadOrStore(text, written(text))
	}
	table = known.(string)
	return table, !notes[table]
}

// written is the table that a statement writes to, "" when it does not begin with that.
func written(text string) string {
	words := strings.Fields(text)
	at := 0
	switch {
	case len(words) > 2 && (words[0] == "insert" || words[0] == "delete"): // into, from
		at = 2
	case len(words) > 1 && words[0] == "update":
		at = 1
	default:
		return ""
	}
	table, _, _ := strings.Cut(words[at], "(")
	return table
}
