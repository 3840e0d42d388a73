package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// manual prints a manual page in troff (man(7)), made from what “help” says: of the program,
// or of one command.
func manual(args []string, stdout, stderr io.Writer) int {
	name := "gateway"
	if len(args) > 0 {
		if usageOf(args[0]) == "" {
			fmt.Fprintf(stderr, "gateway man: there is no command %q%s\n", args[0], didYouMean(args[0]))
			return exitUsage
		}
		name = args[0]
	}
	if name == "gateway" {
		fmt.Fprint(stdout, manProgram())
	} else {
		fmt.Fprint(stdout, manCommand(name))
	}
	return exitOK
}

// roff keeps text from being read as requests: backslashes, and dots and quotes at the
// beginning of a line.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

func manHead(title, about string) string {
	return fmt.Sprintf(".TH %s 1 \"\" \"Isthmus %s\"\n.SH NAME\n%s \\- %s\n", roff(strings.ToUpper(title)), roff(version()), roff(title), roff(about))
}

func manProgram() string {
	var b strings.Builder
	b.WriteString(manHead("gateway", "XMPP–ActivityPub gateway"))
	b.WriteString(".SH SYNOPSIS\n.B gateway\n.I COMMAND\n[\\-\\-config FILE] [\\-\\-json] [ARGUMENT…]\n.SH DESCRIPTION\n" + roff(intro) + "\n.SH COMMANDS\n")
	for _, c := range commands {
		fmt.Fprintf(&b, ".TP\n.BR gateway\\-%s (1)\n%s\n", roff(c.name), roff(c.about))
	}
	b.WriteString(".SH NOTES\n.nf\n" + roff(strings.TrimSpace(outro)) + "\n.fi\n")
	return b.String()
}

func manCommand(name string) string {
	about := name
	if c, ok := commandNamed(name); ok {
		about = c.about
	}
	head, rest, _ := strings.Cut(usageOf(name), "\n\n")
	head = strings.ReplaceAll(strings.TrimPrefix(head, "Usage: "), "\n       ", "\n")
	return manHead("gateway-"+name, about) + ".SH SYNOPSIS\n.nf\n" + roff(head) + "\n.fi\n.SH DESCRIPTION\n.nf\n" + roff(strings.TrimSpace(rest)) + "\n.fi\n.SH SEE ALSO\n.BR gateway (1)\n"
}

// completion prints a script for a shell.
func completion(args []string, stdout, stderr io.Writer) int {
	shells := map[string]func() string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	if len(args) != 1 || shells[args[0]] == nil {
		fmt.Fprintf(stderr, "gateway completion: it needs bash, zsh or fish\n\n%s", usageOf("completion"))
		return exitUsage
	}
	fmt.Fprint(stdout, shells[args[0]]())
	return exitOK
}

// flagsOf are the flags of a command, with their dashes.
func flagsOf(c command) (names []string) {
	set := flag.NewFlagSet("", flag.ContinueOnError)
	if c.flags != nil {
		c.flags(set, new(options))
	}
	set.VisitAll(func(f *flag.Flag) { names = append(names, "--"+f.Name) })
	return append(names, "--config", "--json", "--help")
}

// words are what may follow some commands.
var following = map[string][]string{
	"domains": {"list", "import", "export", "apply", "allow", "log"}, "keys": {"export", "import"}, "db": {"copy"}, "test": {"follow"},
	"completion": {"bash", "zsh", "fish"},
}

func bashCompletion() string {
	var b strings.Builder
	b.WriteString("# bash completion for gateway\n_gateway() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words\n")
	b.WriteString("\tCOMPREPLY=()\n\tif [ \"$prev\" = --config ]; then COMPREPLY=($(compgen -f -- \"$cur\")); return; fi\n")
	fmt.Fprintf(&b, "\tif [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W %q -- \"$cur\")); return; fi\n\tcase ${COMP_WORDS[1]} in\n", strings.Join(commandNames(), " "))
	for _, c := range commands {
		list := append(slices.Clone(following[c.name]), flagsOf(c)...)
		if c.name == "help" || c.name == "man" {
			list = commandNames()
		}
		fmt.Fprintf(&b, "\t%s) words=%q ;;\n", c.name, strings.Join(list, " "))
	}
	b.WriteString("\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\") $(compgen -f -- \"$cur\"))\n}\ncomplete -F _gateway gateway\n")
	return b.String()
}

func zshCompletion() string {
	return "#compdef gateway\nautoload -U +X bashcompinit && bashcompinit\n" + bashCompletion()
}

func fishCompletion() string {
	var b strings.Builder
	b.WriteString("# fish completion for gateway\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "complete -c gateway -n __fish_use_subcommand -f -a %s -d '%s'\n", c.name, strings.ReplaceAll(c.about, "'", `\'`))
		for _, f := range flagsOf(c) {
			fmt.Fprintf(&b, "complete -c gateway -n '__fish_seen_subcommand_from %s' -l %s\n", c.name, strings.TrimPrefix(f, "--"))
		}
		for _, w := range following[c.name] {
			fmt.Fprintf(&b, "complete -c gateway -n '__fish_seen_subcommand_from %s' -f -a %s\n", c.name, w)
		}
	}
	return b.String()
}
