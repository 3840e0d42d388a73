package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"isthmus/activitypub"
	"isthmus/db"
	"isthmus/db/pgtest"
)

// says runs a command and compares what it prints with a pattern.
func says(t *testing.T, code int, pattern string, args ...string) {
	t.Helper()
	stdout, stderr, got := gateway(t, args...)
	if got != code || !regexp.MustCompile(pattern).MatchString(stdout+stderr) {
		t.Errorf("gateway %s: exit %d, want %d\n%s%swant %s", strings.Join(args, " "), got, code, stdout, stderr, pattern)
	}
}

// enrolled is a config file beside a database with one account that has a key.
func enrolled(t *testing.T) (config, pem string) {
	t.Helper()
	config = write(t, minimal)
	says(t, 0, "Enrolled louise@example.org as @louise@ap.example.org", "enrol", "--config", config, "louise@example.org")
	pem, err := activitypub.NewKeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	in(t, config, func(ctx context.Context, d *db.DB) error {
		_, err := d.AddPrivateKey(ctx, 1, pem)
		return err
	})
	return config, pem
}

func in(t *testing.T, config string, f func(context.Context, *db.DB) error) {
	t.Helper()
	cfg, err := LoadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), cfg.DB.location())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := f(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// An admin makes a copy, loses an account, and gets it back.
func TestBackupVerifyRestore(t *testing.T) {
	config, _ := enrolled(t)
	dir := t.TempDir()
	copied := filepath.Join(dir, "copy.db")
	says(t, 0, `copy\.db: 1 blogs, 0 posts, 0 followers, 0 accounts of other servers, checked; keep it as secret as the original \(\d+ KiB, .*\)`, "backup", "--config", config, copied)
	says(t, 1, "is there already", "backup", "--config", config, copied)
	says(t, 0, `isthmus-\d{8}-\d{6}\.db: 1 blogs`, "backup", "--config", config, dir)
	says(t, 0, `copy\.db is sound: 1 blogs, .*, schema \d+`, "verify", "--config", config, copied)
	says(t, 0, `isthmus\.db is sound`, "verify", "--config", config)

	says(t, 0, "Enrolled", "enrol", "--config", config, "alice@example.org")
	cfg, err := LoadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := lock(cfg.DB.Path)
	if err != nil {
		t.Fatal(err)
	}
	says(t, 1, "the gateway is running: stop it first", "restore", "--config", config, copied)
	unlock()
	says(t, 1, "there is no /nowhere", "restore", "--config", config, "/nowhere")
	says(t, 0, `(?s)isthmus\.db is now what .*copy\.db was: 1 blogs.*is kept as .*isthmus\.db\.before-\d{8}-\d{6}\.\nStart the gateway`, "restore", "--config", config, copied)
	says(t, 0, `blogs: 1\n  louise@example.org`, "status", "--config", config)

	whole, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(dir, "torn.db")
	if err := os.WriteFile(torn, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, 1, "the database is damaged", "verify", "--config", config, torn)
	says(t, 1, `(?s)the database is damaged.*Nothing was changed`, "restore", "--config", config, torn)
	says(t, 2, "it needs the name of the copy", "restore", "--config", config)
	says(t, 2, "it takes one argument", "backup", "--config", config, "a", "b")
	says(t, 1, "there is no .*isthmus.db yet", "backup", "--config", write(t, minimal), copied+"2")
}

// With the keys alone, a new database has the old accounts.
func TestKeysMakeTheSameAccounts(t *testing.T) {
	config, pem := enrolled(t)
	file := filepath.Join(t.TempDir(), "keys.json")
	says(t, 0, `keys\.json: the keys of 1 accounts\. Who has it can speak for all of them`, "keys", "--config", config, "export", file)
	says(t, 1, "is there already", "keys", "--config", config, "export", file)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	var before, after db.Blog
	in(t, config, func(ctx context.Context, d *db.DB) (err error) {
		before, err = d.BlogByHandle(ctx, "louise")
		return err
	})

	fresh := write(t, minimal)
	says(t, 0, `louise@example.org urn:xmpp:microblog:0 @louise@ap.example.org on\n1 keys are there now; 1 accounts are new here`, "keys", "--config", fresh, "import", file)
	says(t, 0, `1 keys are there now; 0 accounts are new here`, "keys", "--config", fresh, "import", file)
	in(t, fresh, func(ctx context.Context, d *db.DB) (err error) {
		if after, err = d.BlogByHandle(ctx, "louise"); err != nil {
			return err
		}
		got, err := d.PrivateKey(ctx, after.ID)
		if got != pem || after.Token != before.Token {
			t.Errorf("token %s, %s; the same key: %v", before.Token, after.Token, got == pem)
		}
		return err
	})
	again := filepath.Join(t.TempDir(), "again.json")
	says(t, 0, "keys of 1", "keys", "--config", fresh, "export", again)
	a, errA := os.ReadFile(file)
	b, errB := os.ReadFile(again)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("exported again:\n%s\n%s", a, b)
	}

	other, _ := enrolled(t) // louise, with another id
	says(t, 1, `(?s)louise@example.org urn:xmpp:microblog:0 is enrolled already, with another id.*Nothing was changed`, "keys", "--config", other, "import", file)
	elsewhere := write(t, strings.Replace(minimal, "https://ap.example.org", "https://elsewhere.example", 1))
	says(t, 1, `ids begin with it, so it must be the same`, "keys", "--config", elsewhere, "import", file)
	if err := os.WriteFile(again, []byte(strings.Replace(string(a), "BEGIN", "BEGUN", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, 1, "not a file of keys: the key of louise", "keys", "--config", fresh, "import", again)
	says(t, 1, "not a file of keys", "keys", "--config", fresh, "import", config)
	says(t, 2, `it needs "export" or "import"`, "keys", "--config", fresh, "reveal", file)
}

// Everything moves to another database, and the gateway's commands work there.
func TestCopyToAnotherDatabase(t *testing.T) {
	config, pem := enrolled(t)
	target := "sqlite:" + filepath.Join(t.TempDir(), "new.db")
	if pgtest.Wanted() {
		target = pgtest.Empty(t)
	}
	cfg, err := LoadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := lock(cfg.DB.Path)
	if err != nil {
		t.Fatal(err)
	}
	says(t, 1, "the gateway is running: stop it first", "db", "--config", config, "copy", "--to", target)
	unlock()
	says(t, 0, `(?s)blog +1 rows, the same there\n.*private_key +1 rows.*All \d+ rows of .*isthmus\.db are in .*\[db\]\n  url = `, "db", "--config", config, "copy", "--to", target)
	says(t, 1, "there is something in .* already", "db", "--config", config, "copy", "--to", target)
	moved := write(t, minimal+"[db]\nurl = \""+target+"\"\n")
	says(t, 0, `blogs: 1\n  louise@example.org`, "status", "--config", moved)
	says(t, 0, "1 blogs, 0 posts", "verify", "--config", moved)
	says(t, 0, "Enrolled alice@example.org", "enrol", "--config", moved, "alice@example.org")
	in(t, moved, func(ctx context.Context, d *db.DB) error {
		got, err := d.PrivateKey(ctx, 1)
		if got != pem {
			t.Error("the key is another one")
		}
		return err
	})
	says(t, 2, `it needs "copy" and --to DATABASE`, "db", "--config", config, "copy")
	says(t, 2, `both are`, "db", "--config", config, "copy", "--from", target, "--to", target)
	says(t, 2, `is not the address of a database`, "db", "--config", config, "copy", "--to", "mysql://x")
	if !pgtest.Wanted() {
		return
	}
	says(t, 1, "PostgreSQL has tools of its own", "backup", "--config", moved, "x")
	says(t, 1, "PostgreSQL has tools of its own", "restore", "--config", moved, "x")
	says(t, 0, `database +postgres://isthmus@/`, "check-config", "--config", moved)
	in(t, moved, func(ctx context.Context, d *db.DB) error {
		release, err := d.Alone(ctx, nil)
		if err != nil {
			return err
		}
		says(t, 1, "the gateway is running: stop it first", "keys", "--config", moved, "import", keysFile(t))
		release()
		says(t, 1, "not a file of keys|ids begin with it", "keys", "--config", moved, "import", keysFile(t))
		return nil
	})
}

// keysFile is a file of no keys, of another gateway.
func keysFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, []byte(`{"isthmus_keys":1,"public_url":"https://elsewhere.example"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
