package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"isthmus/cmd/gateway/setup"
)

// setupCommand writes the config of a new gateway, or prints what the programs beside
// one have to be told.
func setupCommand(ctx context.Context, args []string, in *os.File, stdout, stderr io.Writer) int {
	var p setup.Plan
	var domains, pubsub, print string
	flags := flag.NewFlagSet("gateway setup", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&p.Config, "config", "config.toml", "")
	flags.StringVar(&p.Component, "component", "", "")
	flags.StringVar(&domains, "domains", "", "")
	flags.StringVar(&pubsub, "pubsub", "", "")
	flags.StringVar(&p.Server, "server", "", "")
	flags.StringVar(&p.Listen, "listen", "", "")
	flags.StringVar(&p.Handles, "handles", "", "")
	flags.StringVar(&p.DB, "db", "", "")
	flags.StringVar(&p.Contact, "contact", "", "")
	flags.StringVar(&print, "print", "", "")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usageOf("setup"))
		return exitOK
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("it takes no argument, but there is %q", flags.Arg(0))
	}
	p.Domains, p.PubSub = setup.Split(domains), setup.Split(pubsub)
	if err == nil && print == "" && !isTerminal(in) && (len(p.Domains) == 0 || p.Component == "") {
		err = errors.New("nobody is there to be asked: it needs --domains and --component")
	}
	if err != nil {
		fmt.Fprintf(stderr, "gateway setup: %v\n\n%s", err, usageOf("setup"))
		return exitUsage
	}
	if p.Config, err = filepath.Abs(p.Config); err == nil {
		if print != "" {
			err = printSnippet(p.Config, print, stdout)
		} else {
			err = writeConfig(ctx, p, in, stdout)
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "gateway setup: %v\n", err)
		return exitFailure
	}
	return exitOK
}

// printSnippet prints one for the gateway of a config file.
func printSnippet(file, name string, stdout io.Writer) error {
	cfg, err := LoadConfig(file)
	if err != nil {
		return err
	}
	p := setup.Plan{Component: cfg.XMPP.Component, Domains: cfg.XMPP.Domains, PubSub: cfg.XMPP.PubSub, Secret: string(cfg.XMPP.Secret), Server: cfg.XMPP.Server,
		Listen: cfg.HTTP.Listen, PublicURL: cfg.HTTP.PublicURL, Handles: cfg.ActivityPub.HandleDomain, DB: cfg.DB.URL, Contact: cfg.Gateway.Contact, Config: file}
	text, err := p.Snippet(name)
	if err == nil {
		_, err = io.WriteString(stdout, text)
	}
	return err
}

// writeConfig makes a config file, checks it as “run” would, and says what comes next. A
// file that is there already is left alone: it may be all that knows the secret.
func writeConfig(ctx context.Context, p setup.Plan, in io.Reader, stdout io.Writer) error {
	if _, err := os.Stat(p.Config); err == nil {
		return fmt.Errorf("%s is there already. “gateway setup --print NAME” prints for it; move it away to begin anew", p.Config)
	}
	var err error
	if len(p.Domains) == 0 || p.Component == "" {
		if p, err = setup.Ask(p, in, stdout); err != nil {
			return err
		}
		fmt.Fprintln(stdout)
	}
	p.Listen = cmp.Or(p.Listen, setup.FreeListen(8080))
	p.Secret = setup.NewSecret()
	p = p.Fill(databaseDir(p.Config))
	f, err := os.OpenFile(p.Config, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(p.ConfigFile())
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		_, err = LoadConfig(p.Config)
	}
	if err != nil {
		os.Remove(p.Config) // nothing that does not work is left
		return err
	}
	fmt.Fprintf(stdout, "%s is written, with a new secret; only %s can read it.\n\n", p.Config, share(p.Config))
	for _, f := range p.Probe(ctx) {
		mark := "ok     "
		if !f.OK {
			mark = "to do  "
		}
		fmt.Fprintf(stdout, "%s%s\n", mark, f.What)
		if !f.OK {
			fmt.Fprintf(stdout, "       fix: %s\n", f.Fix)
		}
	}
	here := "gateway setup --config " + p.Config + " --print "
	fmt.Fprintf(stdout, `
What comes next:
1. the XMPP server   %[1]sprosody    or    %[1]sejabberd
2. the web server    %[1]snginx    or    %[1]scaddy
`, here)
	if p.Handles != strings.TrimPrefix(p.PublicURL, "https://") {
		fmt.Fprintf(stdout, "   and that of %s   %sapex\n", p.Handles, here)
	}
	fmt.Fprintf(stdout, `3. the service       %[1]ssystemd
4. gateway doctor --config %[2]s    until nothing is wrong any more
5. send “start” to %[3]s from your own XMPP client
`, here, p.Config, p.Component)
	return nil
}

// share lets the group of the gateway's user read what root has written, and says who can.
func share(file string) string {
	g, err := user.LookupGroup("isthmus")
	if err != nil || os.Geteuid() != 0 {
		return "its owner"
	}
	gid, err := strconv.Atoi(g.Gid)
	if err == nil {
		err = os.Chown(file, 0, gid)
	}
	if err == nil {
		err = os.Chmod(file, 0o640)
	}
	if err != nil {
		return "root"
	}
	return "root and the group isthmus"
}

// databaseDir is where the database of a new gateway goes: where Debian wants it when the
// config is below /etc, else beside the config.
func databaseDir(config string) string {
	if strings.HasPrefix(config, "/etc/") {
		return "/var/lib/isthmus"
	}
	return filepath.Dir(config)
}
