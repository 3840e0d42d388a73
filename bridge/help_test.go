package bridge

import (
	"slices"
	"strings"
	"testing"
)

// Every command of users is in one group, and each name there is a command.
func TestHelpNamesAll(t *testing.T) {
	var listed []string
	for _, g := range helpGroups {
		listed = append(listed, g.names...)
	}
	for _, c := range commands {
		n := len(slices.DeleteFunc(slices.Clone(listed), func(s string) bool { return s != c.Name }))
		if want := map[access]int{users: 1, admins: 0}[c.Who]; n != want {
			t.Errorf("%s is listed %d times, want %d", c.Name, n, want)
		}
	}
	for _, name := range slices.Concat(listed, often) {
		if _, ok := findCommand(name); !ok {
			t.Errorf("help lists %s, which there is not", name)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	short, all := w.says(louise, "help"), w.says(louise, "help all")
	if !strings.Contains(short, "\n  follow @user@host — ") || strings.Contains(short, "backfill") || !strings.Contains(short, "help all") {
		t.Errorf("help: %s", short)
	}
	for _, want := range []string{"\n  backfill @user@host number — ", "Reading and answering:", "\n  follow @user@host — "} {
		if !strings.Contains(all, want) {
			t.Errorf("help all lacks %q:\n%s", want, all)
		}
	}
	if one := w.says(louise, "help backfill"); !strings.HasPrefix(one, "backfill @user@host number — ") || !strings.Contains(one, "How many: for example 200") {
		t.Errorf("help backfill: %s", one)
	}
}
