package queue

import (
	"encoding/binary"
	"hash/fnv"
)

// What is done beyond the cursor is noted as a bitmap of the window, so that a
// crash repeats no more than was in flight; with it goes a sum of the targets it
// speaks of, because followers come and go. 8 bytes sum, 4 bytes length, bits.
const (
	aheadHead = 12
	aheadMost = 1 << 16 // targets; no window is as large
)

// ahead writes the note, nil when nothing is done beyond the cursor.
func ahead(window []*task) []byte {
	n := 0
	for i, t := range window {
		if t.settled {
			n = i + 1
		}
	}
	if n == 0 {
		return nil
	}
	out := make([]byte, aheadHead+(n+7)/8)
	binary.BigEndian.PutUint64(out, sum(window[:n]))
	binary.BigEndian.PutUint32(out[8:], uint32(n))
	for i, t := range window[:n] {
		if t.settled {
			out[aheadHead+i/8] |= 1 << (i % 8)
		}
	}
	return out
}

// aheadLen is how many targets a note speaks of.
func aheadLen(note []byte) int {
	if len(note) < aheadHead {
		return 0
	}
	n := binary.BigEndian.Uint32(note[8:])
	if n > aheadMost {
		return 0
	}
	return int(n)
}

// readAhead settles what the note says is done, if it is about these targets.
func readAhead(note []byte, window []*task) {
	n := aheadLen(note)
	if n == 0 || n > len(window) || len(note) < aheadHead+(n+7)/8 || binary.BigEndian.Uint64(note) != sum(window[:n]) {
		return
	}
	for i, t := range window[:n] {
		if note[aheadHead+i/8]&(1<<(i%8)) != 0 {
			t.settled = true
		}
	}
}

// sum tells one row of targets from another. Each target is hashed once, when it
// is read: the sum is made at every checkpoint.
func sum(window []*task) (s uint64) {
	for _, t := range window {
		s = s*31 + t.hash
	}
	return s
}

func hashOf(t Target) uint64 {
	h := fnv.New64a()
	h.Write([]byte(t.Inbox))
	return h.Sum64()
}
