package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"

	"isthmus/control"
)

// command is one thing that the program can be asked for. How it is used is in
// usage/NAME.txt.
type command struct {
	name  string
	about string                             // one line for the overview
	flags func(*flag.FlagSet, *options)      // of its own; nil for none
	check func(args []string) error          // nil when it takes no argument
	run   func(context.Context, *call) error // nil for those that Main does itself
}

// call is a command with everything that it was given.
type call struct {
	cfg  Config
	args []string
	opts options
	out  output
	errs io.Writer // for people who wait, and for what is no result
}

// desk is the running gateway.
func (c *call) desk() *control.Client { return control.NewClient(c.cfg.Admin.Socket) }

// options are the values of all flags.
type options struct {
	config   string
	json     bool
	run      runOptions
	from, to string
	all      bool
	watch    bool
	yes      bool
	peer     string
}

// commands are in the order of the overview.
var commands []command

func init() { // help refers back to the table
	commands = []command{
		{name: "setup", about: "write the config of a new gateway, and print what other programs need"},
		{name: "run", about: "run the gateway until it gets SIGINT or SIGTERM", flags: func(f *flag.FlagSet, o *options) { o.run.flags(f) }},
		{name: "doctor", about: "find what is wrong, here and in between, and how to mend it", flags: peerFlag, run: runDoctor},
		{name: "status", about: "show the state of the gateway and of every blog", run: status},
		{name: "enrol", about: "turn federation on for an account or a pubsub node", check: some("the address to enrol"), run: enrol},
		{name: "accounts", about: "list blogs, communities and readers", run: listAccounts},
		{name: "follows", about: "list who follows an account, and whom it follows", check: some("a JID or a handle"), run: listFollows},
		{name: "suspend", about: "pause everything of somebody here", flags: yesFlag, check: some("an account"), run: tellDesk("suspend")},
		{name: "unsuspend", about: "let them go on", flags: yesFlag, check: some("an account"), run: tellDesk("unsuspend")},
		{name: "reports", about: "list what was reported", flags: allFlag, run: listReports},
		{name: "report", about: "decide about a report", flags: yesFlag, check: some("the number of a report"), run: tellDesk("report")},
		{name: "admin", about: "run any other command that admins have in the chat", flags: yesFlag, check: some("a command, such as “domain block HOST”"), run: tellDesk("")},
		{name: "queue", about: "show what waits", run: showQueue},
		{name: "hosts", about: "list servers in trouble, and why", flags: allFlag, run: listHosts},
		{name: "jobs", about: "show long work that people asked for, and how far it is", flags: watchFlag, run: listJobs},
		{name: "domains", about: "list, import and export what is decided about servers", check: anything, run: domains},
		{name: "test", about: "follow an account elsewhere, and tell each step", check: checkTest, run: runTest},
		{name: "trace", about: "follow one post, comment or activity through the gateway", check: some("an address, or the id of an item"), run: runTrace},
		{name: "page", about: "print a link to the admin's page", run: pageLink},
		{name: "backup", about: "make a checked copy of the database, also while the gateway runs", check: one("the name of the copy", true), run: backup},
		{name: "restore", about: "put such a copy in the place of the database", check: one("the name of the copy", true), run: restore},
		{name: "verify", about: "read the database from end to end and say whether it is sound", check: one("", false), run: verify},
		{name: "db", about: "move everything to another database, such as PostgreSQL", flags: databaseFlags, check: checkCopy, run: copyDB},
		{name: "keys", about: "export and import who the accounts are: their ids and keys", check: checkKeys, run: keys},
		{name: "rotate-keys", about: "give one account, or all, new keys to sign with", check: one("", false), run: rotateKeys},
		{name: "healthcheck", about: "ask the running gateway whether it is ready", run: healthcheck},
		{name: "check-config", about: "say what is wrong with the config file, or what it means", run: describe},
		{name: "completion", about: "print a script that completes commands in bash, zsh or fish"},
		{name: "man", about: "print the manual page of the program, or of a command"},
		{name: "version", about: "print the version"},
		{name: "help", about: "explain a command"},
	}
}

func commandNamed(name string) (command, bool) {
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	if i < 0 {
		return command{}, false
	}
	return commands[i], true
}

func commandNames() (names []string) {
	for _, c := range commands {
		names = append(names, c.name)
	}
	return names
}

func allFlag(f *flag.FlagSet, o *options)   { f.BoolVar(&o.all, "all", false, "all there are") }
func watchFlag(f *flag.FlagSet, o *options) { f.BoolVar(&o.watch, "watch", false, "until they end") }
func yesFlag(f *flag.FlagSet, o *options)   { f.BoolVar(&o.yes, "yes", false, "ask nothing") }
func peerFlag(f *flag.FlagSet, o *options)  { f.StringVar(&o.peer, "peer", "", "another server") }

func databaseFlags(f *flag.FlagSet, o *options) {
	f.StringVar(&o.from, "from", "", "the database to read")
	f.StringVar(&o.to, "to", "", "the database to write")
}

func anything([]string) error { return nil } // it checks its own

// some is for one argument or more.
func some(what string) func([]string) error {
	return func(args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("it needs %s", what)
		}
		return nil
	}
}

// one is for one argument; needed says whether it may be left out.
func one(what string, needed bool) func([]string) error {
	return func(args []string) error {
		switch {
		case needed && len(args) == 0:
			return fmt.Errorf("it needs %s", what)
		case len(args) > 1:
			return fmt.Errorf("it takes one argument, but there is %q, too", args[1])
		}
		return nil
	}
}

func checkCopy(args []string) error {
	if len(args) != 1 || args[0] != "copy" {
		return errors.New("it needs \"copy\" and --to DATABASE")
	}
	return nil
}

func checkKeys(args []string) error {
	if len(args) != 2 || args[0] != "export" && args[0] != "import" {
		return errors.New("it needs \"export\" or \"import\", and a file")
	}
	return nil
}

func checkTest(args []string) error {
	if len(args) != 2 || args[0] != "follow" {
		return errors.New("it needs \"follow\" and an account, such as @you@social.example")
	}
	return nil
}
