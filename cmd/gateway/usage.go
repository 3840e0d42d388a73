package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// release is set by the release build with -ldflags "-X main.release=0.1.0".
var release = "0.1.0-dev"

// version is what the gateway calls itself to other programs.
func version() string { return release }

const usage = `gateway connects an XMPP server with the Fediverse: XMPP blogs become accounts
that people on Mastodon and its kin can follow.

Usage: gateway COMMAND [--config FILE] [ARGUMENT…]

  setup          write the config of a new gateway, and print what other programs need
  run            run the gateway until it gets SIGINT or SIGTERM
  enrol JID      turn federation on for an account or a pubsub node
  status         show the state of the gateway and of every blog
  domains        list, import and export what is decided about servers
  backup FILE    make a checked copy of the database, also while the gateway runs
  restore FILE   put such a copy in the place of the database
  verify         read the database from end to end and say whether it is sound
  db copy        move everything to another database, such as PostgreSQL
  keys           export and import who the accounts are: their ids and keys
  rotate-keys    give one account, or all, new keys to sign with
  healthcheck    ask the running gateway whether it is ready
  check-config   say what is wrong with the config file, or what it means
  version        print the version
  help COMMAND   explain a command

--config names the config file; without it, config.toml in the current folder.
Exit codes: 0 done, 1 failed, 2 wrong usage.

Examples:
  gateway setup
  gateway check-config --config /etc/isthmus/config.toml
  gateway run --config /etc/isthmus/config.toml
  gateway enrol alice@example.org
`

var commandUsage = map[string]string{
	"setup": `Usage: gateway setup [--config FILE] [--domains DOMAINS] [--component HOST] [FLAG…]
       gateway setup [--config FILE] --print prosody|ejabberd|nginx|caddy|apex|systemd

Writes the config file of a new gateway, with a new secret, and says what is still to
be done. What is not given as a flag is asked, or has its usual value:
  --domains      of your XMPP server, whose accounts may use the gateway: a,b
  --component    the gateway's own host name, such as ap.example.org
  --handles      what follows the last @ of a handle: --component, or a domain whose web
                 server forwards two paths
  --pubsub       services whose nodes may become communities
  --server       where the XMPP server listens for components (127.0.0.1:5347)
  --listen       where the gateway listens for the web server (127.0.0.1:8080 or the next)
  --db           the database (beside the config; /var/lib/isthmus if that is below /etc)
  --contact      who runs it, such as xmpp:admin@example.org
A config file that is there already is never changed.

--print prints what the XMPP server, the web server or systemd have to be told, with the
values of the config file; it contains the secret where that is needed.

Examples:
  gateway setup --config /etc/isthmus/config.toml --domains example.org --component ap.example.org
  gateway setup --config /etc/isthmus/config.toml --print nginx
`,
	"run": `Usage: gateway run [--config FILE] [--roles ROLES] [--listen ADDR] [--monitor ADDR]

Connects to the XMPP server as a component, listens for HTTP and works until it
gets SIGINT or SIGTERM; a second signal ends it at once. What is on its way is in
the database and goes on at the next start. Logs go to standard error.

With PostgreSQL any number of processes may work together, on one machine or
several. Each does everything, or only what --roles names:
  http     answers HTTP
  worker   sends to other servers, and handles what came from them
  xmpp     connects to the XMPP server: one of them at a time, another takes over
--listen and --monitor are in the place of [http] and [monitor] listen, for several
processes on one machine with one config file.

Examples:
  gateway run --config /etc/isthmus/config.toml
  gateway run --config /etc/isthmus/config.toml --roles http,worker --listen 127.0.0.1:8081
`,
	"enrol": `Usage: gateway enrol [--config FILE] JID [NODE]

Turns federation on for the blog of an account, or for a node of a pubsub
service. The account's owner is told and can stop it. Only what a stranger can
read is published. The gateway may be running or not.

Examples:
  gateway enrol alice@example.org
  gateway enrol pubsub.example.org berlin-xmpp-meetup
  gateway enrol 'xmpp:pubsub.example.org?;node=berlin-xmpp-meetup'
`,
	"status": `Usage: gateway status [--config FILE]

Shows whether the gateway runs and is connected, every blog with its state and
the reason for it, its followers, and what waits to be delivered. It reads the
database only, so it works while the gateway is down, too.

Example:
  gateway status --config /etc/isthmus/config.toml
`,
	"domains": `Usage: gateway domains [--config FILE] [list]
       gateway domains [--config FILE] export
       gateway domains [--config FILE] import LIST
       gateway domains [--config FILE] apply [all] LIST
       gateway domains [--config FILE] allow LIST
       gateway domains [--config FILE] log

What the admin decided about servers elsewhere; chat commands of [admin] jids do
the same for one server at a time. LIST is a file, or - for standard input: CSV as
Mastodon exports it, or one domain a line.

  list     prints the rules
  export   prints them as CSV, for other servers
  import   says what a list would change, and whom that parts; changes nothing
  apply    makes rules of what is new in it; with "all", also of what is decided otherwise
  allow    lets all servers of a list in (see [activitypub] only_allowed)
  log      prints what admins did, the newest first

The gateway may be running or not.

Examples:
  gateway domains import blocklist.csv
  gateway domains apply blocklist.csv
  gateway domains export > our-blocks.csv
`,
	"backup": `Usage: gateway backup [--config FILE] COPY

Writes a copy of the database to a new file, COPY, or to a new file in the folder
COPY, and reads it from end to end. The gateway may be running; nothing waits for
it. Copies hold private keys: keep them as secret as the original.

Examples:
  gateway backup /var/backups/isthmus
  gateway backup /var/backups/isthmus/before-upgrade.db
`,
	"restore": `Usage: gateway restore [--config FILE] COPY

Checks COPY and puts it in the place of the database; what was there is kept beside
it. The gateway must not be running. At the next start it finds the posts that were
written since, and other servers know them by the addresses that they had. Who
began to follow since the copy has to follow again.

Example:
  gateway restore /var/backups/isthmus/isthmus-20260301-030000.db
`,
	"verify": `Usage: gateway verify [--config FILE] [COPY]

Reads the database, or a copy of it, from end to end, says whether it is sound and
what is in it, and exits with 1 if it is not. It changes nothing. The gateway may be
running.

Example:
  gateway verify /var/backups/isthmus/isthmus-20260301-030000.db
`,
	"keys": `Usage: gateway keys [--config FILE] export FILE
       gateway keys [--config FILE] import FILE

A small file with the ids of all accounts and the keys that they sign with. Other
servers know accounts by these: with the file, a new database can go on where a lost
one ended, without posts and followers. FILE may be -, for standard output or input.

  export   writes the file; the gateway may be running
  import   makes the accounts that are not there, with their keys; the gateway must
           not be running. Nothing that is there is changed: an account or key that
           is there and is another one is an error.

Examples:
  gateway keys export /var/backups/isthmus/keys.json
  gateway keys import /var/backups/isthmus/keys.json
`,
	"db": `Usage: gateway db [--config FILE] copy [--from DATABASE] --to DATABASE

Writes everything in one database into another, empty one, reads it back and
compares. DATABASE is what [db] url can be: "sqlite:" and a file, or
"postgres://user:password@host/database"; --from is the configured one if it is left
out. The gateway must not be running. Then change [db] url and start it.

Example:
  gateway db copy --to postgres://isthmus:secret@db.example.org/isthmus
`,
	"rotate-keys": `Usage: gateway rotate-keys [--config FILE] [HANDLE]

Replaces the private key of one account, or without HANDLE of all and of the
gateway itself: after a leak of the database, say. Everybody who knows the old key
is told by a message that it signs; what waits to be delivered is still signed with
it, for a week at most. The gateway may be running or not.

Examples:
  gateway rotate-keys
  gateway rotate-keys alice
`,
	"healthcheck": `Usage: gateway healthcheck [--config FILE]

Asks the running gateway whether it is ready, at [monitor] listen, and exits with 1
if it is not, with a line for each part that does not work. For containers, and
for whoever wants to know.

Example:
  gateway healthcheck --config /etc/isthmus/config.toml
`,
	"check-config": `Usage: gateway check-config [--config FILE]

Lists everything wrong with the config file, each with its line, what was
expected and the fix, and exits with 1; or says that it is fine and what it
means. It changes nothing and connects to nothing.

Example:
  gateway check-config --config /etc/isthmus/config.toml
`,
	"version": "Usage: gateway version\n\nPrints the version, the commit it was built from, and the Go version.\n",
	"help":    "Usage: gateway help [COMMAND]\n\nExplains a command.\n",
}

func help(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	text, ok := commandUsage[args[0]]
	if !ok {
		fmt.Fprintf(stderr, "gateway help: there is no command %q%s\n\n%s", args[0], didYouMean(args[0]), usage)
		return exitUsage
	}
	fmt.Fprint(stdout, text)
	return exitOK
}

func didYouMean(name string) string {
	near := nearest(name, []string{"backup", "check-config", "db", "domains", "enrol", "healthcheck", "help", "keys", "restore", "rotate-keys", "run", "status", "verify", "version"})
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}

// versionLine is the release, the commit when the build knows it, and the toolchain.
func versionLine() string {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				commit = ", commit " + s.Value[:12]
			}
		}
	}
	return fmt.Sprintf("gateway %s (%s %s/%s%s)", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, commit)
}
