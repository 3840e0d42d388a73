package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// release is set by the release build with -ldflags "-X main.release=0.1.0".
var release = "0.1.0-dev"

// version is what the gateway calls itself to other programs.
func version() string { return release }

//go:embed usage/*.txt
var usageTexts embed.FS

// usageOf explains a command, "" when there is none of that name.
func usageOf(name string) string {
	text, err := usageTexts.ReadFile("usage/" + name + ".txt")
	if err != nil {
		return ""
	}
	return string(text)
}

const (
	intro = "gateway connects an XMPP server with the Fediverse: XMPP blogs become accounts\nthat people on Mastodon and its kin can follow."
	outro = `--config names the config file; without it, config.toml in the current folder.
--json prints results for programs. Commands that look at the running gateway ask it
at its control socket (see [admin] socket), and are run as the gateway's own user.
Exit codes: 0 done, 1 failed, 2 wrong usage.

Examples:
  gateway setup
  gateway doctor --config /etc/isthmus/config.toml
  gateway enrol alice@example.org
`
)

// overview names all commands.
func overview() string {
	var b strings.Builder
	b.WriteString(intro + "\n\nUsage: gateway COMMAND [--config FILE] [--json] [ARGUMENT…]\n\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-13s %s\n", c.name, c.about)
	}
	return b.String() + "\n" + outro
}

func help(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stdout, overview())
		return exitOK
	}
	text := usageOf(args[0])
	if text == "" {
		fmt.Fprintf(stderr, "gateway help: there is no command %q%s\n\n%s", args[0], didYouMean(args[0]), overview())
		return exitUsage
	}
	fmt.Fprint(stdout, text)
	return exitOK
}

func didYouMean(name string) string {
	near := nearest(name, commandNames())
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}

// printVersion is the release, the commit when the build knows it, and the toolchain.
func printVersion(args []string, stdout io.Writer) int {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				commit = s.Value[:12]
			}
		}
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	if slices.Contains(args, "--json") {
		text, _ := json.Marshal(map[string]string{"version": version(), "commit": commit, "go": runtime.Version(), "platform": platform}) // strings
		fmt.Fprintln(stdout, string(text))
		return exitOK
	}
	if commit != "" {
		commit = ", commit " + commit
	}
	fmt.Fprintf(stdout, "gateway %s (%s %s%s)\n", version(), runtime.Version(), platform, commit)
	return exitOK
}
