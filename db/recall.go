package db

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// Reading one row of SQLite takes a fiftieth of what a reply takes here, and one reply asked
// for its author six times.
const (
	recallFor  = time.Second // other processes write, too
	recallMost = 1000
)

// memory keeps small rows that are asked for again and again, while nothing is written to
// the tables that they are read from: what this process writes is seen by whoever reads
// after it, what another one writes within recallFor. A nil memory keeps nothing.
type memory struct {
	changed *changes
	sources sync.Map // statement: the tables that it reads

	mu   sync.Mutex
	rows map[asked]kept
}

// asked is a statement with its arguments.
type asked struct {
	text string
	args [3]any
}

type kept struct {
	row     any
	err     error // nil, or ErrNotFound
	version uint64
	until   time.Time
}

func newMemory(c *changes) *memory { return &memory{changed: c, rows: make(map[asked]kept)} }

// recall is one for rows that are small and asked for often. A transaction reads by itself.
func recall[T any](ctx context.Context, q *queries, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	return recallIf(ctx, q, func(T) bool { return true }, scan, text, args...)
}

// recallIf is recall for rows of which some are too large to be kept.
func recallIf[T any](ctx context.Context, q *queries, small func(T) bool, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	m, key := q.memory, asked{text: text}
	if n := copy(key.args[:], args); m == nil || q.tx != nil || n < len(args) {
		return one(ctx, q, scan, text, args...)
	}
	now, version := time.Now(), m.version(text)
	if k, ok := m.get(key); ok && k.version == version && now.Before(k.until) {
		row, _ := k.row.(T)
		return row, k.err
	}
	row, err := one(ctx, q, scan, text, args...)
	if err == nil && small(row) || errors.Is(err, ErrNotFound) {
		m.put(key, kept{row, err, version, now.Add(recallFor)})
	}
	return row, err
}

func (m *memory) get(key asked) (kept, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.rows[key]
	return k, ok
}

func (m *memory) put(key asked, k kept) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.rows) >= recallMost {
		clear(m.rows)
	}
	m.rows[key] = k
}

// version is another number after each write to a table that a statement reads.
func (m *memory) version(text string) (n uint64) {
	tables, known := m.sources.Load(text)
	if !known {
		tables, _ = m.sources.LoadOrStore(text, sources(text))
	}
	for _, t := range tables.([]string) {
		n += m.changed.of(t).Load()
	}
	return n
}

// sources are the tables that a statement reads, and "" for whatever else is written.
func sources(text string) []string {
	out := []string{""}
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n(),", r) })
	for i, w := range words[:len(words)-1] {
		if w == "from" || w == "join" {
			out = append(out, words[i+1])
		}
	}
	return out
}
