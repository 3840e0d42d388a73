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

// errSaid is a failure that was told already.
var errSaid = errors.New("failed")

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
		fmt.Fprint(stderr, overview())
		return exitUsage
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		return help(args, stdout, stderr)
	case "version", "-version", "--version":
		return printVersion(args, stdout)
	case "completion":
		return completion(args, stdout, stderr)
	case "man":
		return manual(args, stdout, stderr)
	case "setup":
		return setupCommand(ctx, args, os.Stdin, stdout, stderr)
	}
	cmd, ok := commandNamed(name)
	if !ok {
		fmt.Fprintf(stderr, "gateway: there is no command %q%s\n\n%s", name, didYouMean(name), overview())
		return exitUsage
	}
	c := call{errs: stderr}
	rest, err := parseFlags(cmd, args, &c.opts)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usageOf(name))
		return exitOK
	}
	if err == nil {
		err = checkArgs(cmd, rest)
	}
	if err != nil {
		fmt.Fprintf(stderr, "gateway %s: %v\n\n%s", name, err, usageOf(name))
		return exitUsage
	}
	c.args, c.out = rest, output{stdout, c.opts.json}
	if c.cfg, err = LoadConfig(c.opts.config); err != nil {
		fmt.Fprintln(stderr, err)
		return exitFailure
	}
	if name == "run" {
		return runCommand(ctx, c, stderr)
	}
	switch err := cmd.run(ctx, &c); {
	case err == nil:
		return exitOK
	case errors.Is(err, errSaid):
		return exitFailure
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "gateway %s: %v\n\n%s", name, err, usageOf(name))
		return exitUsage
	default:
		fmt.Fprintf(stderr, "gateway %s: %v\n", name, err)
		return exitFailure
	}
}

// runCommand is “run”, which logs instead of answering.
func runCommand(ctx context.Context, c call, stderr io.Writer) int {
	if err := c.opts.run.apply(&c.cfg); err != nil {
		fmt.Fprintf(stderr, "gateway run: %v\n", err)
		return exitUsage
	}
	log := newLogger(c.cfg.Log, stderr)
	for _, w := range c.cfg.Warnings {
		log.Warn("config: "+w.String(), "file", c.cfg.Path)
	}
	if err := run(ctx, c.cfg, log); err != nil {
		log.Error("the gateway stopped", "err", err)
		return exitFailure
	}
	return exitOK
}

// parseFlags takes flags before, between and after the arguments.
func parseFlags(cmd command, args []string, opts *options) (rest []string, err error) {
	flags := flag.NewFlagSet("gateway "+cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Main prints the error once, with our usage
	flags.StringVar(&opts.config, "config", "config.toml", "the config file")
	if cmd.name != "run" {
		flags.BoolVar(&opts.json, "json", false, "for programs")
	}
	if cmd.flags != nil {
		cmd.flags(flags, opts)
	}
	for {
		if err := flags.Parse(args); err != nil {
			if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
				err = fmt.Errorf("there is no flag --%s; there is --config FILE", strings.TrimLeft(name, "-"))
			}
			return nil, err
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

func checkArgs(cmd command, rest []string) error {
	if cmd.check != nil {
		return cmd.check(rest)
	}
	if len(rest) > 0 {
		return fmt.Errorf("it takes no argument, but there is %q", rest[0])
	}
	return nil
}
