package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestOneGatewayForEachDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "isthmus.db")
	unlock, err := lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock(path); err == nil || !strings.Contains(err.Error(), "another gateway is running") {
		t.Errorf("a second one got %v", err)
	}
	unlock()
	again, err := lock(path)
	if err != nil {
		t.Fatalf("after the first one ended: %v", err)
	}
	again()
}
