package queue

import "testing"

// SmallWindows makes windows and batches so small for one test that a few dozen
// targets fill several of them.
func SmallWindows(t testing.TB) {
	page, window := targetPage, minWindow
	targetPage, minWindow = 16, 64
	t.Cleanup(func() { targetPage, minWindow = page, window })
}
