package isthmus

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	docLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	docHeading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	notInSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// Every link of the guides to a file or a heading of ours leads there.
func TestLinksLeadSomewhere(t *testing.T) {
	files, _ := filepath.Glob("docs/*.md")
	root, _ := filepath.Glob("*.md")
	met := 0
	for _, file := range append(files, root...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range docLink.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") || strings.HasPrefix(m[1], "xmpp:") {
				continue
			}
			met++
			path, anchor, _ := strings.Cut(m[1], "#")
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			there, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: %s: %v", file, m[1], err)
				continue
			}
			if anchor != "" && !hasHeading(string(there), anchor) {
				t.Errorf("%s: %s: there is no such heading", file, m[1])
			}
		}
	}
	if met < 10 {
		t.Errorf("%d links were found: does the pattern still fit?", met)
	}
}

// hasHeading tells whether a page has the anchor, as it is made of a heading.
func hasHeading(page, anchor string) bool {
	for _, m := range docHeading.FindAllStringSubmatch(page, -1) {
		slug := strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")
		if slug == anchor {
			return true
		}
	}
	return false
}

var (
	checkID    = regexp.MustCompile(`(?:(?:Good|Bad|Odd|Skipped|inTime)\(|v\.finger\(ctx, |\bid(?:, fix)?\s*:?=\s*)"([a-z]+(?:\.[a-z0-9]+)*)"`)
	docSection = regexp.MustCompile(`(?m)^### (.+)$`)
)

// Each check of “doctor” is explained, and nothing else.
func TestEveryCheckIsExplained(t *testing.T) {
	page, err := os.ReadFile("docs/DOCTOR.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, m := range docSection.FindAllStringSubmatch(string(page), -1) {
		explained[m[1]] = false
	}
	explained["http.signature.draft"], explained["http.signature.rfc9421"] = true, true // by their way
	files, _ := filepath.Glob("doctor/*.go")
	for _, file := range append(files, "bridge/deskchecks.go", "cmd/gateway/doctor.go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range checkID.FindAllStringSubmatch(string(text), -1) {
			if _, ok := explained[m[1]]; !ok {
				t.Errorf("%s: docs/DOCTOR.md does not explain %s", file, m[1])
			}
			explained[m[1]] = true
		}
	}
	for id, met := range explained {
		if !met {
			t.Errorf("docs/DOCTOR.md explains %s, which is no check", id)
		}
	}
	if len(explained) < 50 {
		t.Errorf("%d checks were found: does the pattern still fit?", len(explained))
	}
}

var docTest = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")

// What the guides for other developers say works has tests, by name: each row of XEPS.md
// that says yes, and each FEP of FEDERATION.md.
func TestWhatIsPromisedIsTested(t *testing.T) {
	var sources strings.Builder
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		sources.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	check := func(promise string) {
		named := docTest.FindAllStringSubmatch(promise, -1)
		if len(named) == 0 {
			t.Errorf("no test is named: %.100s", promise)
		}
		for _, n := range named {
			if !strings.Contains(sources.String(), "\nfunc "+n[1]+"(") {
				t.Errorf("there is no %s: %.100s", n[1], promise)
			}
		}
	}
	read := func(file string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	rows := 0
	for line := range strings.Lines(read("docs/XEPS.md")) {
		if strings.Contains(line, "| yes |") {
			rows++
			check(line)
		}
	}
	_, feps, _ := strings.Cut(read("docs/FEDERATION.md"), "## Supported FEPs\n")
	feps, _, _ = strings.Cut(feps, "\n## ")
	for _, entry := range strings.Split(feps, "\n- ")[1:] {
		rows++
		check(entry)
	}
	if rows < 30 {
		t.Errorf("%d promises were found: does the pattern still fit?", rows)
	}
}
