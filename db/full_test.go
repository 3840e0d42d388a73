package db

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"isthmus/db/pgtest"
)

// A full disk (SQLite's own limit of pages answers like one, SQLITE_FULL): what was
// acknowledged is there and can be read, what was not was refused, and when there is
// room again all goes on.
func TestDiskFull(t *testing.T) {
	pgtest.FilesOnly(t)
	path, ctx := filepath.Join(t.TempDir(), "isthmus.db"), t.Context()
	d := openAt(t, path)
	limit := func(pages int64) {
		t.Helper()
		if _, err := d.write.db.ExecContext(ctx, fmt.Sprintf(`pragma max_page_count = %d`, pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(must(one(ctx, &d.queries, scalar[int64], `pragma page_count`))(t) + 20)
	add := func(i int) error {
		_, err := d.AddInbound(ctx, Inbound{Activity: fmt.Sprint("https://a.test/", i), Actor: fmt.Sprint("https://a.test/u", i), Type: "Create", Body: strings.Repeat("x", 2000), Received: 1, Due: 1})
		return err
	}
	taken := 0
	for ; ; taken++ {
		err := add(taken)
		if err == nil && taken < 1000 {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "full") {
			t.Fatalf("after %d: %v", taken, err)
		}
		break
	}
	if n := must(d.QueueStats(ctx))(t).Inbound; n != taken || taken == 0 {
		t.Errorf("%d were taken and %d are there", taken, n)
	}
	if err := d.SetMeta(ctx, "more", strings.Repeat("x", 100_000)); err == nil {
		t.Error("there is room for more")
	}
	limit(1 << 30)
	if err := add(taken); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if _, err := Check(ctx, path); err != nil {
		t.Error(err)
	}
}
