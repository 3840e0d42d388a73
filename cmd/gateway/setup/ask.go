package setup

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrUnanswered says that the answers ended before the questions.
var ErrUnanswered = errors.New("setup: the questions were not answered")

// Ask asks for what a Plan still lacks; an empty answer takes what stands in brackets.
func Ask(p Plan, in io.Reader, out io.Writer) (Plan, error) {
	lines := bufio.NewScanner(in)
	question := func(text, usual string) (string, error) {
		for {
			fmt.Fprint(out, text)
			if usual != "" {
				fmt.Fprintf(out, " [%s]", usual)
			}
			fmt.Fprint(out, ": ")
			if !lines.Scan() {
				return "", cmp.Or(lines.Err(), ErrUnanswered)
			}
			if answer := cmp.Or(strings.TrimSpace(lines.Text()), usual); answer != "" {
				return answer, nil
			}
		}
	}
	if len(p.Domains) == 0 {
		answer, err := question("Domain of your XMPP server, whose accounts may use the gateway (several: a, b)", "")
		if err != nil {
			return p, err
		}
		p.Domains = Split(answer)
	}
	if p.Component == "" {
		answer, err := question("Host name of the gateway, its own and for good", Usual(p.Domains[0]))
		if err != nil {
			return p, err
		}
		p.Component = answer
	}
	if p.Handles == "" {
		fmt.Fprintf(out, "Handles can be @alice@%s, which works at once, or @alice@%s, when the web server of %[2]s forwards two paths. Followers lose a handle that changes.\n", p.Component, p.Domains[0])
		answer, err := question("Domain of handles", p.Component)
		if err != nil {
			return p, err
		}
		p.Handles = answer
	}
	if p.Contact == "" {
		answer, err := question(`Who runs it, such as xmpp:admin@example.org or mailto:…, for everybody to see ("-" for nobody)`, "-")
		if err != nil {
			return p, err
		}
		p.Contact = strings.TrimPrefix(answer, "-")
	}
	return p, nil
}

// Split reads a list whose items stand between commas or spaces.
func Split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
