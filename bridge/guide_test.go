package bridge

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const guide = "../docs/USER.md"

var (
	shownHere = regexp.MustCompile(`(?s)<!-- transcript (\S+) ([^\n]+) -->\n(.*?)<!-- end -->`)
	speaker   = regexp.MustCompile(`^\S+@\S+( → \S+)?:$`)
)

// guideIsTrue: what docs/USER.md shows of conversations is what the transcripts say;
// -update writes it again.
func guideIsTrue(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	got := shownHere.ReplaceAllStringFunc(string(text), func(block string) string {
		seen++
		m := shownHere.FindStringSubmatch(block)
		golden, err := os.ReadFile(filepath.Join("testdata", "chat", m[1]+".txt"))
		if err != nil {
			t.Error(err)
			return block
		}
		part := exchanges(string(golden), strings.Fields(m[2]))
		if part == "" {
			t.Errorf("%s has nothing of %s", m[1], m[2])
		}
		return "<!-- transcript " + m[1] + " " + m[2] + " -->\n```\n" + part + "\n```\n<!-- end -->"
	})
	if seen < 10 {
		t.Errorf("only %d transcripts are shown", seen)
	}
	if got == string(text) {
		return
	}
	if !*update {
		t.Fatalf("%s shows what nobody says any more (go test ./bridge -run Transcripts -update writes it again)", guide)
	}
	if err := os.WriteFile(guide, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
}

// exchanges are what somebody said with these first words, each with all that was
// said until they spoke again; * is everything.
func exchanges(transcript string, words []string) string {
	var out []string
	take := slices.Contains(words, "*")
	lines := strings.Split(strings.TrimSpace(transcript), "\n")
	for i, line := range lines {
		mine := speaker.MatchString(line) && !strings.Contains(strings.SplitN(line, " ", 2)[0], `\40`)
		if mine && i+1 < len(lines) {
			first, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
			take = slices.Contains(words, "*") || slices.Contains(words, first)
		}
		if take {
			out = append(out, line)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
