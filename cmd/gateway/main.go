// Command gateway is the whole of Isthmus in one program: it runs the gateway
// and carries the administrator's commands. This package reads the command line
// and the config file and puts the parts together; it translates nothing itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1 // it was understood and did not work
	exitUsage   = 2 // it was not understood
)

// errUsage marks errors that are the caller's way of writing the command;
// wrapped by a command, the program exits with exitUsage and shows its usage.
var errUsage = errors.New("wrong usage")

func main() {
	syscall.Umask(0o077) // what we make holds private keys: the database, its copies
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(Main(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Main is the program without the process around it: it runs one subcommand
// until it is done or ctx ends, and returns the exit code.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		return help(args, stdout, stderr)
	case "version", "-version", "--version":
		fmt.Fprintln(stdout, versionLine())
		return exitOK
	case "setup":
		return setupCommand(ctx, args, os.Stdin, stdout, stderr)
	case "run", "enrol", "status", "rotate-keys", "domains", "check-config", "backup", "restore", "verify", "keys", "healthcheck", "db":
	default:
		fmt.Fprintf(stderr, "gateway: there is no command %q%s\n\n%s", name, didYouMean(name), usage)
		return exitUsage
	}

	var opts runOptions
	path, rest, err := parseFlags(name, args, &opts)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, commandUsage[name])
		return exitOK
	}
	if err == nil {
		err = checkArgs(name, rest)
	}
	if err != nil {
		fmt.Fprintf(stderr, "gateway %s: %v\n\n%s", name, err, commandUsage[name])
		return exitUsage
	}

	cfg, err := LoadConfig(path)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitFailure
	}
	if err := opts.apply(&cfg); err != nil {
		fmt.Fprintf(stderr, "gateway run: %v\n", err)
		return exitUsage
	}
	switch name {
	case "check-config":
		describe(stdout, cfg)
	case "run":
		log := newLogger(cfg.Log, stderr)
		for _, w := range cfg.Warnings {
			log.Warn("config: "+w.String(), "file", cfg.Path)
		}
		if err = run(ctx, cfg, log); err != nil {
			log.Error("the gateway stopped", "err", err)
			return exitFailure
		}
	case "enrol":
		err = enrol(ctx, cfg, rest, stdout)
	case "status":
		err = status(ctx, cfg, stdout)
	case "domains":
		err = domains(ctx, cfg, rest, stdout)
	case "backup":
		err = backup(ctx, cfg, rest, stdout)
	case "restore":
		err = restore(ctx, cfg, rest, stdout)
	case "verify":
		err = verify(ctx, cfg, rest, stdout)
	case "db":
		err = copyDB(ctx, cfg, rest, stdout)
	case "healthcheck":
		err = healthcheck(ctx, cfg, stdout)
	case "keys":
		err = keys(ctx, cfg, rest, stdout)
	case "rotate-keys":
		err = rotateKeys(ctx, cfg, rest, stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "gateway %s: %v\n", name, err)
		if errors.Is(err, errUsage) {
			fmt.Fprintf(stderr, "\n%s", commandUsage[name])
			return exitUsage
		}
		return exitFailure
	}
	return exitOK
}

// parseFlags takes flags before, between and after the arguments.
func parseFlags(name string, args []string, opts *runOptions) (path string, rest []string, err error) {
	flags := flag.NewFlagSet("gateway "+name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Main prints the error once, with our usage
	flags.StringVar(&path, "config", "config.toml", "the config file")
	var from, to string
	if name == "run" {
		opts.flags(flags)
	}
	if name == "db" {
		flags.StringVar(&from, "from", "", "the database to read")
		flags.StringVar(&to, "to", "", "the database to write")
	}
	for {
		if err := flags.Parse(args); err != nil {
			if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
				err = fmt.Errorf("there is no flag --%s; there is --config FILE", strings.TrimLeft(name, "-"))
			}
			return "", nil, err
		}
		if flags.NArg() == 0 && name == "db" {
			return path, append(rest, from, to), nil
		}
		if flags.NArg() == 0 {
			return path, rest, nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

func checkArgs(name string, rest []string) error {
	switch {
	case name == "enrol" && len(rest) == 0:
		return errors.New("it needs the address to enrol")
	case name == "domains": // checks its own
	case name == "db" && (len(rest) != 3 || rest[0] != "copy" || rest[2] == ""):
		return errors.New("it needs \"copy\" and --to DATABASE")
	case name == "db":
	case (name == "backup" || name == "restore") && len(rest) == 0:
		return errors.New("it needs the name of the copy")
	case (name == "backup" || name == "restore" || name == "verify") && len(rest) > 1:
		return fmt.Errorf("it takes one file, but there is %q, too", rest[1])
	case name == "keys" && (len(rest) != 2 || rest[0] != "export" && rest[0] != "import"):
		return errors.New("it needs \"export\" or \"import\", and a file")
	case name == "keys" || name == "backup" || name == "restore" || name == "verify":
	case name == "rotate-keys" && len(rest) > 1:
		return fmt.Errorf("it takes one handle, but there is %q, too", rest[1])
	case name != "enrol" && name != "rotate-keys" && len(rest) > 0:
		return fmt.Errorf("it takes no argument, but there is %q", rest[0])
	}
	return nil
}
