package bridge

import (
	"testing"
	"time"
)

// That an inbox exists is believed for less than a second.
func TestDoors(t *testing.T) {
	var d doors
	at := time.Unix(0, 0)
	if d.found("x", at) {
		t.Error("found before it was seen")
	}
	d.add("x")
	if !d.found("x", at.Add(999*time.Millisecond)) || d.found("y", at) {
		t.Error("not the one that was seen")
	}
	if d.found("x", at.Add(time.Second)) {
		t.Error("believed too long")
	}
}
