package db

import (
	"strings"
	"sync"
	"sync/atomic"
)

// changes counts what this process has changed of what others can be shown.
type changes struct {
	n     atomic.Uint64
	quiet sync.Map // statement: whether it changes nothing of that
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

// counts tells whether a statement changes more than notes.
func (c *changes) counts(text string) bool {
	if quiet, known := c.quiet.Load(text); known {
		return !quiet.(bool)
	}
	quiet := notes[written(text)]
	c.quiet.Store(text, quiet)
	return !quiet
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
