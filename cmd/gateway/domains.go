package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"isthmus/bridge"
	"isthmus/db"
	"isthmus/policy"
)

// domains is what the admin decides about many servers at once.
func domains(ctx context.Context, cfg Config, args []string, out io.Writer) error {
	deed := "list"
	if len(args) > 0 {
		deed, args = args[0], args[1:]
	}
	all := deed == "apply" && len(args) > 1 && args[0] == "all"
	if all {
		args = args[1:]
	}
	switch deed {
	case "list", "export", "log":
		if len(args) > 0 {
			return fmt.Errorf("%w: %s takes no argument, but there is %q", errUsage, deed, args[0])
		}
	case "import", "apply", "allow":
		if len(args) != 1 {
			return fmt.Errorf("%w: %s takes one list: a file, or -", errUsage, deed)
		}
	default:
		return fmt.Errorf("%w: there is no %q", errUsage, deed)
	}
	store, err := openStore(ctx, cfg.DB)
	if err != nil {
		return err
	}
	defer store.Close()
	switch deed {
	case "list":
		return listDomains(ctx, store, out)
	case "export":
		list, err := bridge.ExportRules(ctx, store)
		if err != nil {
			return err
		}
		return policy.Write(out, list)
	case "log":
		return printAudit(ctx, store, out)
	}
	return importDomains(ctx, store, deed, all, args[0], out)
}

func listDomains(ctx context.Context, store *db.DB, out io.Writer) error {
	rules, err := store.Rules(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 2, 0, 2, ' ', 0)
	n := 0
	for _, r := range rules {
		if !strings.HasPrefix(r.Subject, "@") {
			continue
		}
		n++
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, levelText(r), r.Note)
	}
	if n == 0 {
		fmt.Fprintln(out, "Nothing is decided about any server.")
	}
	return w.Flush()
}

func levelText(r db.Rule) string {
	var parts []string
	if r.Level != db.RuleNone {
		parts = append(parts, r.Level)
	}
	if r.RejectMedia {
		parts = append(parts, "reject-media")
	}
	if r.RejectReports {
		parts = append(parts, "reject-reports")
	}
	return strings.Join(parts, ", ")
}

func printAudit(ctx context.Context, store *db.DB, out io.Writer) error {
	list, err := store.Audited(ctx, 200)
	for _, a := range list {
		line := fmt.Sprintf("%s  %s: %s %s %s", time.UnixMilli(a.At).UTC().Format("2006-01-02 15:04"), a.Who, a.Deed, a.Subject, a.Detail)
		fmt.Fprintln(out, strings.TrimSpace(line))
	}
	return err
}

// readInput reads a file, or standard input when its name is "-".
func readInput(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

// importDomains says what a list changes, and changes it unless it is only asked.
func importDomains(ctx context.Context, store *db.DB, deed string, all bool, name string, out io.Writer) error {
	text, err := readInput(name)
	if err != nil {
		return err
	}
	list, unread, err := policy.Read(bytes.NewReader(text))
	if err != nil {
		return err
	}
	printUnread(out, unread)
	if deed == "allow" {
		return storeRules(ctx, store, list, name, true, out)
	}
	plan, err := bridge.PlanRules(ctx, store, list)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "new: %d\nknown: %d\nconflicting: %d\n", len(plan.New), len(plan.Known), len(plan.Conflicting))
	for _, c := range plan.Conflicting {
		fmt.Fprintf(out, "  %s: here %s, in the list %s\n", c.Want.Domain, entryText(c.Have), entryText(c.Want))
	}
	take := plan.New
	if all {
		for _, c := range plan.Conflicting {
			take = append(take, c.Want)
		}
	}
	e, err := bridge.PlanEffect(ctx, store, take)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "parted: %d followers, %d follows, of %d people here\n", e.Followers, e.Following, e.People)
	if deed == "import" {
		fmt.Fprintf(out, "Nothing is changed. To do it: gateway domains apply %s\n", name)
		return nil
	}
	return storeRules(ctx, store, take, name, false, out)
}

func storeRules(ctx context.Context, store *db.DB, list []policy.Entry, name string, allow bool, out io.Writer) error {
	err := bridge.ImportRules(ctx, store, list, bridge.RuleImport{By: whoRuns(), Source: name, Allow: allow, At: time.Now().UnixMilli()})
	if err == nil {
		fmt.Fprintf(out, "Done: %d rules. A running gateway follows them within a second.\n", len(list))
	}
	return err
}

func printUnread(out io.Writer, unread []policy.Unread) {
	if len(unread) > 0 {
		fmt.Fprintf(out, "not understood: %d\n", len(unread))
	}
	for _, u := range unread {
		fmt.Fprintf(out, "  line %d: %q: %s\n", u.Line, u.Text, u.Why)
	}
}

func entryText(e policy.Entry) string {
	parts := []string{e.Severity}
	if e.RejectMedia {
		parts = append(parts, "reject media")
	}
	if e.RejectReports {
		parts = append(parts, "reject reports")
	}
	return strings.Join(parts, ", ")
}

// whoRuns is the name for the log of what admins did.
func whoRuns() string {
	name := os.Getenv("SUDO_USER")
	if u, err := user.Current(); name == "" && err == nil {
		name = u.Username
	}
	return "command line (" + name + ")"
}
