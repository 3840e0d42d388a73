package proc

import (
	"bytes"
	"strings"
	"sync"
)

// keep bounds what a Log remembers; the oldest lines go first.
const keep = 20000

// Log collects a program's output line by line. It is safe for concurrent use.
type Log struct {
	mu    sync.Mutex
	part  []byte
	lines []string
	gone  int // lines dropped from the front
}

// Write implements io.Writer.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, b...)
	for {
		i := bytes.IndexByte(l.part, '\n')
		if i < 0 {
			return len(b), nil
		}
		l.lines = append(l.lines, string(l.part[:i]))
		l.part = l.part[i+1:]
		if len(l.lines) > keep {
			l.gone += keep / 4
			l.lines = append([]string(nil), l.lines[keep/4:]...)
		}
	}
}

// Mark is a position in the log, for Since.
func (l *Log) Mark() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone + len(l.lines)
}

// Since returns the lines written after a mark.
func (l *Log) Since(mark int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := min(max(0, mark-l.gone), len(l.lines))
	return append([]string(nil), l.lines[i:]...)
}

// Count returns how many lines since mark contain text.
func (l *Log) Count(mark int, text string) int {
	n := 0
	for _, line := range l.Since(mark) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// Tail returns the last n lines.
func (l *Log) Tail(n int) string {
	lines := l.Since(0)
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.Join(lines, "\n")
}

// String is everything that the log still has.
func (l *Log) String() string { return strings.Join(l.Since(0), "\n") }
