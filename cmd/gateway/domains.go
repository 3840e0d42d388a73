package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"

	"isthmus/bridge"
	"isthmus/control"
	"isthmus/db"
	"isthmus/policy"
)

// domains is what the admin decides about many servers at once.
func domains(ctx context.Context, c *call) error {
	args, out := c.args, c.out
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
	store, err := openStore(ctx, c.cfg.DB)
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
		return out.result(list, func(w io.Writer) { err = policy.Write(w, list) })
	case "log":
		return printAudit(ctx, store, out)
	}
	return importDomains(ctx, store, deed, all, args[0], out)
}

func listDomains(ctx context.Context, store *db.DB, out output) error {
	rules, err := store.Rules(ctx)
	if err != nil {
		return err
	}
	list := []control.Rule{}
	for _, r := range rules {
		if strings.HasPrefix(r.Subject, "@") {
			list = append(list, control.Rule{Name: r.Name, Server: true, Level: levelText(r), Note: r.Note, Created: time.UnixMilli(r.Created).UTC()})
		}
	}
	return out.table(list, len(list), "Nothing is decided about any server.", func(i int) []string {
		return []string{list[i].Name, list[i].Level, list[i].Note}
	})
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

func printAudit(ctx context.Context, store *db.DB, out output) error {
	list, err := store.Audited(ctx, 200)
	if err != nil {
		return err
	}
	deeds := []control.Deed{}
	for _, a := range list {
		deeds = append(deeds, control.Deed{At: time.UnixMilli(a.At).UTC(), By: a.Who, Deed: a.Deed, Subject: a.Subject, Detail: a.Detail})
	}
	return out.result(deeds, func(w io.Writer) {
		for _, d := range deeds {
			fmt.Fprintln(w, strings.TrimSpace(fmt.Sprintf("%s  %s: %s %s %s", when(d.At), d.By, d.Deed, d.Subject, d.Detail)))
		}
	})
}

// readInput reads a file, or standard input when its name is "-".
func readInput(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

// importDomains says what a list changes, and changes it unless it is only asked.
func importDomains(ctx context.Context, store *db.DB, deed string, all bool, name string, out output) error {
	text, err := readInput(name)
	if err != nil {
		return err
	}
	list, unread, err := policy.Read(bytes.NewReader(text))
	if err != nil {
		return err
	}
	done := imported{Unread: unread}
	if deed == "allow" {
		return done.store(ctx, store, list, name, true, out)
	}
	plan, err := bridge.PlanRules(ctx, store, list)
	if err != nil {
		return err
	}
	done.New, done.Known, done.Conflicting, done.conflicts = len(plan.New), len(plan.Known), len(plan.Conflicting), plan.Conflicting
	take := plan.New
	if all {
		for _, c := range plan.Conflicting {
			take = append(take, c.Want)
		}
	}
	if done.Parted, err = bridge.PlanEffect(ctx, store, take); err != nil {
		return err
	}
	if deed == "import" {
		return out.result(done, func(w io.Writer) {
			done.print(w)
			fmt.Fprintf(w, "Nothing is changed. To do it: gateway domains apply %s\n", name)
		})
	}
	return done.store(ctx, store, take, name, false, out)
}

// imported is what a list changes, or changed.
type imported struct {
	Unread      []policy.Unread `json:"not_understood"`
	New         int             `json:"new"`
	Known       int             `json:"known"`
	Conflicting int             `json:"conflicting"`
	Parted      bridge.Effect   `json:"parted"`
	Stored      int             `json:"stored"` // rules; 0 when it was only asked

	conflicts []policy.Conflict
	allow     bool
}

func (d imported) store(ctx context.Context, store *db.DB, list []policy.Entry, name string, allow bool, out output) error {
	err := bridge.ImportRules(ctx, store, list, bridge.RuleImport{By: whoRuns(), Source: name, Allow: allow, At: time.Now().UnixMilli()})
	if err != nil {
		return err
	}
	d.Stored, d.allow = len(list), allow
	return out.result(d, func(w io.Writer) {
		d.print(w)
		fmt.Fprintf(w, "Done: %d rules. A running gateway follows them within a second.\n", d.Stored)
	})
}

func (d imported) print(w io.Writer) {
	if len(d.Unread) > 0 {
		fmt.Fprintf(w, "not understood: %d\n", len(d.Unread))
	}
	for _, u := range d.Unread {
		fmt.Fprintf(w, "  line %d: %q: %s\n", u.Line, u.Text, u.Why)
	}
	if d.allow {
		return
	}
	fmt.Fprintf(w, "new: %d\nknown: %d\nconflicting: %d\n", d.New, d.Known, d.Conflicting)
	for _, c := range d.conflicts {
		fmt.Fprintf(w, "  %s: here %s, in the list %s\n", c.Want.Domain, entryText(c.Have), entryText(c.Want))
	}
	fmt.Fprintf(w, "parted: %d followers, %d follows, of %d people here\n", d.Parted.Followers, d.Parted.Following, d.Parted.People)
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
