package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"isthmus/activitypub"
	"isthmus/bridge"
	"isthmus/control"
	"isthmus/db"
	"isthmus/doctor"
)

// runDoctor looks at everything, says what it saw, and fails when something is wrong.
func runDoctor(ctx context.Context, c *call) error {
	if !c.out.json && isTerminal(c.errs) {
		fmt.Fprint(c.errs, "Looking at this machine, the gateway, and its public address …\r\n")
	}
	list := examine(ctx, c)
	count := doctor.Count(list)
	err := c.out.result(list, func(w io.Writer) {
		for _, r := range list {
			printResult(w, r)
		}
		fmt.Fprintf(w, "\n%d fine, %d to look at, %d wrong, %d not looked at\n", count[doctor.OK], count[doctor.Warn], count[doctor.Fail], count[doctor.Skip])
	})
	if err == nil && count[doctor.Fail] > 0 {
		err = errSaid
	}
	return err
}

func printResult(w io.Writer, r doctor.Result) {
	mark := map[string]string{doctor.OK: "✓", doctor.Warn: "!", doctor.Fail: "✗", doctor.Skip: "-"}[r.State]
	fmt.Fprintf(w, "%s %s: %s\n", mark, r.ID, r.Seen)
	if r.Fix != "" {
		fmt.Fprintf(w, "    fix: %s\n    see: %s\n", r.Fix, r.Docs)
	}
}

// examine makes all checks, those of the running gateway as far as it runs.
func examine(ctx context.Context, c *call) []doctor.Result {
	list := append(checkConfig(c.cfg), checkFiles(c.cfg)...)
	site := doctor.Site{PublicURL: c.cfg.HTTP.PublicURL, Handles: c.cfg.ActivityPub.HandleDomain, Listen: c.cfg.HTTP.Listen, EchoPath: activitypub.EchoPath}
	store, results := checkDatabase(ctx, c.cfg)
	list = append(list, results...)
	addr := bridgeConfig(c.cfg, nil).Addresses()
	site.Resource, site.Actor = "acct:"+c.cfg.XMPP.Component+"@"+addr.HandleDomain, addr.Actor(bridge.InstanceToken)
	alive := false
	if store != nil {
		defer store.Close()
		list = append(list, checkBackup(ctx, c.cfg, store))
		alive = runs(ctx, c.cfg.DB, store)
		site.Sign = signers(ctx, store, addr.Key(bridge.InstanceToken))
	}
	state, err := c.desk().State(ctx)
	switch {
	case err == nil:
		list = append(list, doctor.Good("process", "the gateway runs since %s", when(state.Started)), checkUpgrade(state))
		site.Token, _ = c.desk().Echo(ctx) // without, the checks that need it say so
		live, err := c.desk().Checks(ctx, doctor.Ask{Peer: c.opts.peer})
		if err != nil {
			live = append(live, doctor.Bad("process", "look at the gateway's log", "it cannot be asked: %v", err))
		}
		list = append(list, live...)
	case alive || !errors.Is(err, control.ErrNotRunning):
		list = append(list, doctor.Bad("process", "run this command as the gateway's user, on its machine; see [admin] socket", "the gateway runs, and cannot be asked: %v", err))
	default:
		list = append(list, doctor.Bad("process", "systemctl start isthmus, or gateway run; then run doctor again: it sees more", "the gateway is not running"),
			bridge.TryLink(ctx, bridgeConfig(c.cfg, nil)))
	}
	return append(list, site.Checks(ctx)...)
}

func checkConfig(cfg Config) []doctor.Result {
	var out []doctor.Result
	odd := slices.DeleteFunc(slices.Clone(cfg.Warnings), func(p Problem) bool { return strings.HasPrefix(p.Key, "xmpp.secret") }) // below
	if len(odd) > 0 {
		out = append(out, doctor.Odd("config", "see: gateway check-config", "%s", odd[0].String()))
	} else {
		out = append(out, doctor.Good("config", "%s has no error", cfg.Path))
	}
	file := cfg.Path
	if cfg.XMPP.SecretFile != "" {
		file = cfg.XMPP.SecretFile
	}
	info, err := os.Stat(file)
	switch {
	case err == nil && info.Mode().Perm()&0o007 != 0:
		out = append(out, doctor.Bad("config.readable", "chmod o= "+file, "every user of this machine can read %s, which has the secret", file))
	case err == nil:
		out = append(out, doctor.Good("config.readable", "%s is not for everybody", file))
	}
	if len(cfg.XMPP.Secret) < 16 {
		return append(out, doctor.Odd("config.secret", "make one with “openssl rand -hex 32”, and write it here and into the XMPP server's configuration", "the secret has %d characters: it can be guessed by whoever reaches the component port", len(cfg.XMPP.Secret)))
	}
	return append(out, doctor.Good("config.secret", "the secret is long enough"))
}

// Space that must be free, and that should be, in bytes.
const (
	leastSpace = 100 << 20
	someSpace  = 1 << 30
)

// checkFiles is about the folder of a SQLite database.
func checkFiles(cfg Config) []doctor.Result {
	dir := filepath.Dir(cfg.DB.Path)
	if cfg.DB.Path == "" {
		return []doctor.Result{doctor.Skipped("disk", "the database is PostgreSQL's")}
	}
	var out []doctor.Result
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return []doctor.Result{doctor.Bad("disk", "make the folder, for the gateway's user: install -d -o isthmus "+dir, "%s: %v", dir, err)}
	}
	out = append(out, spaceResult(dir, int64(fs.Bavail)*int64(fs.Bsize)))
	probe := filepath.Join(dir, ".isthmus-doctor")
	f, err := os.OpenFile(probe, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return append(out, doctor.Bad("database.folder", "run this command as the gateway's user; if it was, chown -R isthmus: "+dir, "no file can be made in %s: %v", dir, cause(err)))
	}
	f.Close()
	os.Remove(probe)
	return append(out, doctor.Good("database.folder", "files can be made in %s", dir))
}

func spaceResult(dir string, free int64) doctor.Result {
	switch {
	case free < leastSpace:
		return doctor.Bad("disk", "make room: nothing can be stored any more, soon", "%s of %s are free", size(free), dir)
	case free < someSpace:
		return doctor.Odd("disk", "make room before it is too late", "%s of %s are free", size(free), dir)
	}
	return doctor.Good("disk", "%s of %s are free", size(free), dir)
}

// checkDatabase opens it; nil when it cannot be.
func checkDatabase(ctx context.Context, cfg Config) (*db.DB, []doctor.Result) {
	const id = "database"
	if err := hasDatabase(cfg.DB); err != nil {
		return nil, []doctor.Result{doctor.Odd(id, "start the gateway: gateway run", "%v", err)}
	}
	store, err := openStore(ctx, cfg.DB)
	if errors.Is(err, db.ErrNewer) {
		return nil, []doctor.Result{doctor.Bad("upgrade", "run the newer program, which is installed elsewhere, or restore the copy that is named", "%v", err)}
	}
	if err != nil {
		return nil, []doctor.Result{doctor.Bad(id, "see “Damaged database” and “What to do when” in docs/OPERATIONS.md", "%v", err)}
	}
	sum, err := store.Summary(ctx)
	if err != nil {
		store.Close()
		return nil, []doctor.Result{doctor.Bad(id, "gateway verify", "%v", err)}
	}
	return store, []doctor.Result{doctor.Good(id, "%s: %s, schema %d", cfg.DB.shown(), holds(sum), sum.Schema)}
}

// rarely is after how long a backup is old.
const rarely = 8 * 24 * time.Hour

func checkBackup(ctx context.Context, cfg Config, store *db.DB) doctor.Result {
	const id, fix = "backup", "gateway backup FOLDER, each day, from cron or a systemd timer"
	if cfg.DB.Path == "" {
		return doctor.Skipped(id, "PostgreSQL is copied by its own tools (pg_dump)")
	}
	text, err := store.Meta(ctx, metaBackup)
	at, perr := time.Parse(time.RFC3339, text)
	switch {
	case err != nil || perr != nil:
		return doctor.Odd(id, fix, "there is no copy of the database: who loses the keys in it loses all followers")
	case time.Since(at) > rarely:
		return doctor.Odd(id, fix, "the last copy is from %s", when(at))
	}
	return doctor.Good(id, "the last copy is from %s", when(at))
}

func checkUpgrade(s control.State) doctor.Result {
	if s.Version != version() {
		return doctor.Odd("upgrade", "systemctl restart isthmus", "version %s runs, and %s is installed", s.Version, version())
	}
	return doctor.Good("upgrade", "version %s runs, which is the installed one", s.Version)
}

// runs reports whether a gateway works with the database, whether it can be asked or not.
func runs(ctx context.Context, cfg DBConfig, store *db.DB) bool {
	if cfg.Path != "" {
		unlock, err := lock(cfg.Path)
		if err == nil {
			unlock()
		}
		return errors.Is(err, errRunning)
	}
	h, err := bridge.ReadHeartbeat(ctx, store)
	return err == nil && time.Since(time.UnixMilli(h.At)) < stale
}

// signers sign as the gateway itself does; none before it has a key.
func signers(ctx context.Context, store *db.DB, id string) map[string]func(*http.Request, []byte) error {
	pem, err := store.PrivateKey(ctx, bridge.InstanceBlog)
	if err != nil {
		return nil
	}
	key, err := activitypub.ParseKey(id, pem)
	if err != nil {
		return nil
	}
	return map[string]func(*http.Request, []byte) error{
		"draft":   func(r *http.Request, body []byte) error { return activitypub.Sign(r, body, *key) },
		"rfc9421": func(r *http.Request, body []byte) error { return activitypub.SignMessage(r, body, *key) },
	}
}
