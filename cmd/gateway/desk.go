package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"isthmus/control"
)

// This file is the commands that ask the running gateway.

func listAccounts(ctx context.Context, c *call) error {
	list, err := c.desk().Accounts(ctx)
	if err != nil {
		return err
	}
	return c.out.table(list, len(list), "Nobody uses the gateway yet.", func(i int) []string {
		a := list[i]
		state := a.State
		if a.Suspended {
			state += ", suspended"
		}
		return []string{strings.TrimSpace(a.JID + " " + a.Node), "@" + a.Handle, a.Kind, state, fmt.Sprintf("%d followers", a.Followers), fmt.Sprintf("%d followed", a.Following), fmt.Sprintf("%d posts", a.Posts), "since " + when(a.Created), a.Reason}
	})
}

func listFollows(ctx context.Context, c *call) error {
	who := strings.Join(c.args, " ")
	list, err := c.desk().Follows(ctx, who)
	if errors.Is(err, control.ErrNotFound) {
		return fmt.Errorf("there is no account %q; “gateway accounts” lists them", who)
	}
	if err != nil {
		return err
	}
	return c.out.table(list, len(list), "Nobody follows it, and it follows nobody.", func(i int) []string {
		return []string{list[i].Direction, list[i].Account, list[i].State, "since " + when(list[i].Since)}
	})
}

func listHosts(ctx context.Context, c *call) error {
	list, err := c.desk().Hosts(ctx, c.opts.all)
	if err != nil {
		return err
	}
	return c.out.table(list, len(list), "No server is in trouble.", func(i int) []string {
		h := list[i]
		rest := ""
		if !h.Until.IsZero() {
			rest = "rests until " + when(h.Until)
		}
		return []string{h.Host, fmt.Sprintf("%d failures", h.Failures), "since " + when(h.Since), rest, fmt.Sprintf("%d wait", h.Waiting), h.Error}
	})
}

func listReports(ctx context.Context, c *call) error {
	list, err := c.desk().Reports(ctx, false)
	if err == nil && c.opts.all {
		var closed []control.Report
		closed, err = c.desk().Reports(ctx, true)
		list = append(list, closed...)
	}
	if err != nil {
		return err
	}
	return c.out.table(list, len(list), "Nothing is reported. “--all” shows what was.", func(i int) []string {
		r := list[i]
		return []string{fmt.Sprint(r.ID), r.State, when(r.Created), r.Reporter + " about " + r.About, strings.Join(strings.Fields(r.Text), " "), r.Note}
	})
}

func showQueue(ctx context.Context, c *call) error {
	s, err := c.desk().State(ctx)
	if err != nil {
		return err
	}
	names := []string{"posts", "inboxes", "activities", "jobs"}
	counts := []int{s.Queue.Posts, s.Queue.Inboxes, s.Queue.Activities, s.Queue.Jobs}
	return c.out.table(s.Queue, len(names), "", func(i int) []string {
		late := ""
		if age, ok := s.Queue.Oldest[names[i]]; ok {
			late = "the oldest is due since " + (time.Duration(age) * time.Second).String()
		}
		return []string{names[i], fmt.Sprint(counts[i]), late}
	})
}

// listJobs shows them once, or until none runs any more.
func listJobs(ctx context.Context, c *call) error {
	for drawn := 0; ; {
		list, err := c.desk().Jobs(ctx)
		if err != nil {
			return err
		}
		running := 0
		for _, j := range list {
			if j.State == "running" {
				running++
			}
		}
		if drawn > 0 && isTerminal(c.out.w) {
			fmt.Fprintf(c.out.w, "\x1b[%dA\x1b[J", drawn) // over what was drawn before
		}
		drawn = max(1, len(list))
		err = c.out.table(list, len(list), "Nothing was asked for.", func(i int) []string {
			j := list[i]
			failed := ""
			if j.Failed > 0 {
				failed = fmt.Sprintf("%d failed", j.Failed)
			}
			return []string{fmt.Sprint(j.ID), j.JID, j.Kind, bar(j.Done+j.Failed, j.Total), fmt.Sprintf("%d of %d", j.Done+j.Failed, j.Total), j.State, failed}
		})
		if err != nil || !c.opts.watch || running == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

// tellDesk runs a command that admins have in the chat; name is its first word, "" when the
// arguments have it.
func tellDesk(name string) func(context.Context, *call) error {
	return func(ctx context.Context, c *call) error {
		d := control.Doing{By: whoRuns(), Text: strings.TrimSpace(name + " " + strings.Join(c.args, " ")), Sure: c.opts.yes}
		done, err := c.desk().Do(ctx, d)
		if errors.Is(err, control.ErrNotFound) {
			return fmt.Errorf("%w: admins have no command %q: “help” in the chat lists them", errUsage, d.Text)
		}
		if err == nil && done.Asks {
			if !c.agrees(done.Text) {
				return errors.New("nothing was done")
			}
			d.Sure = true
			done, err = c.desk().Do(ctx, d)
		}
		if err != nil {
			return err
		}
		return c.out.result(done, func(w io.Writer) { fmt.Fprintln(w, done.Text) })
	}
}

// agrees asks whoever sits there.
func (c *call) agrees(question string) bool {
	fmt.Fprintln(c.errs, question)
	if !isTerminal(os.Stdin) {
		fmt.Fprintln(c.errs, "Nobody is there to be asked: add --yes to do it.")
		return false
	}
	fmt.Fprint(c.errs, "Do it? [y/N] ")
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n') // nothing is no
	return strings.EqualFold(strings.TrimSpace(line), "y") || strings.EqualFold(strings.TrimSpace(line), "yes")
}

func runTest(ctx context.Context, c *call) error {
	var hops []control.Hop
	failed := false
	err := c.desk().TryFollow(ctx, c.args[1], func(h control.Hop) {
		hops = append(hops, h)
		failed = failed || h.State == "failed"
		if !c.out.json {
			printHop(c.out.w, h)
		}
	})
	if err != nil {
		return err
	}
	if c.out.json {
		if err := c.out.result(hops, nil); err != nil {
			return err
		}
	}
	if failed {
		return errSaid
	}
	if !c.out.json {
		fmt.Fprintln(c.out.w, "Both directions work.")
	}
	return nil
}

func runTrace(ctx context.Context, c *call) error {
	t, err := c.desk().Trace(ctx, strings.Join(c.args, " "))
	if err != nil {
		return err
	}
	return c.out.result(t, func(w io.Writer) {
		fmt.Fprintln(w, t.What)
		for _, h := range t.Hops {
			printHop(w, h)
		}
	})
}

// printHop is a step on one line, with what was said there below it.
func printHop(w io.Writer, h control.Hop) {
	mark := map[string]string{"ok": "✓", "waits": "…", "failed": "✗"}[h.State]
	took := ""
	if h.Took > 0 {
		took = fmt.Sprintf(" (%.1f s)", h.Took)
	}
	fmt.Fprintf(w, "%s %s: %s%s\n", mark, h.Where, h.Seen, took)
	if !h.At.IsZero() && h.Took == 0 {
		fmt.Fprintf(w, "    at %s UTC\n", h.At.UTC().Format(time.DateTime))
	}
	if h.Body != "" {
		fmt.Fprintf(w, "    %s\n", strings.ReplaceAll(strings.TrimSpace(h.Body), "\n", "\n    "))
	}
}

func pageLink(ctx context.Context, c *call) error {
	link, err := c.desk().PageLink(ctx)
	if err != nil {
		return err
	}
	return c.out.result(map[string]string{"link": link}, func(w io.Writer) {
		fmt.Fprintf(w, "%s\nIt works once, within ten minutes.\n", link)
	})
}
