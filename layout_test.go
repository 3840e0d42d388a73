// Package isthmus has no code of its own: this test keeps the layout of
// docs/ARCHITECTURE.md true.
package isthmus

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// allowed lists, for each package, the packages of ours that it may import.
// Imports run one way; the leaves import nothing of ours.
var allowed = map[string][]string{
	"isthmus/component/stanza":  {},
	"isthmus/activitypub/vocab": {},
	"isthmus/component":         {"isthmus/component/stanza"},
	"isthmus/activitypub":       {"isthmus/activitypub/vocab"},
	"isthmus/mapping":           {"isthmus/component/stanza", "isthmus/activitypub/vocab"},
	"isthmus/db":                {},
	"isthmus/queue":             {},
	"isthmus/media":             {},
	"isthmus/words":             {},
	"isthmus/policy":            {},
	"isthmus/monitor":           {},
	"isthmus/doctor":            {},
	"isthmus/control":           {"isthmus/doctor"},
	"isthmus/control/page":      {"isthmus/control"},
	"isthmus/web":               {"isthmus/words"},
	"isthmus/bridge": {
		"isthmus/component", "isthmus/component/stanza", "isthmus/activitypub", "isthmus/activitypub/vocab",
		"isthmus/mapping", "isthmus/db", "isthmus/queue", "isthmus/web", "isthmus/media",
		"isthmus/words", "isthmus/policy", "isthmus/monitor", "isthmus/control", "isthmus/doctor",
	},
	"isthmus/cmd/gateway/setup": {},
	"isthmus/cmd/gateway":       {"isthmus/cmd/gateway/setup", "isthmus/bridge", "isthmus/activitypub", "isthmus/component/stanza", "isthmus/db", "isthmus/queue", "isthmus/policy", "isthmus/monitor", "isthmus/control", "isthmus/control/page", "isthmus/doctor"},
}

// only names the one place that may import a library whose quirks it hides.
var only = map[string]string{
	"mellium.im/xmpp":              "component/stream.go",
	"github.com/go-fed/httpsig":    "activitypub/signature.go",
	"github.com/go-ap/activitypub": "activitypub/vocab/",
	"modernc.org/sqlite":           "db/open.go",
	"github.com/jackc/pgx/v5":      "db/",
}

// beside are parts of such a library that are leaves of their own.
var beside = map[string]string{"mellium.im/xmpp/styling": "mapping/styling.go"}

func TestImportsRunOneWay(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range list(t) {
		rules, ok := allowed[p.ImportPath]
		if !ok {
			if strings.HasPrefix(p.ImportPath, "isthmus/e2e") || strings.HasSuffix(p.ImportPath, "test") || p.ImportPath == "isthmus" {
				continue // test doubles and scenarios may look anywhere
			}
			t.Errorf("package %s is not in the layout: add it to docs/ARCHITECTURE.md and to this test", p.ImportPath)
		}
		seen[p.ImportPath] = true
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "isthmus") && !slices.Contains(rules, i) {
				t.Errorf("%s imports %s: imports run cmd → bridge → borders → leaves", p.ImportPath, i)
			}
		}
	}
	for p := range allowed {
		if !seen[p] {
			t.Errorf("package %s is in the layout but not there", p)
		}
	}
}

func TestLibrariesStayInTheirFile(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "e2e/") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			name := strings.Trim(i.Path.Value, `"`)
			for lib, home := range only {
				if (name == lib || strings.HasPrefix(name, lib+"/")) && !strings.HasPrefix(path, home) && beside[name] != path {
					t.Errorf("%s imports %s, which only %s may", path, name, home)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type pkg struct {
	ImportPath, Dir string
	Imports         []string
	GoFiles         []string
	Doc             string
}

func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	for _, p := range list(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles,Doc", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// dials is how a Go program gets a connection of its own.
var dials = regexp.MustCompile(`http\.(Get|Post|PostForm|Head)\(|http\.(DefaultClient|DefaultTransport|Client\{)|\b(net|tls)\.Dial|DialContext`)

// TestX1_OneClient: whatever role an address of a peer's has (inbox, key, picture, next
// page, list), it is asked through the one guarded dialer; the other one is for the XMPP
// server of the configuration.
func TestX1_OneClient(t *testing.T) {
	may := map[string]bool{filepath.Join("activitypub", "dial.go"): true, filepath.Join("component", "stream.go"): true,
		filepath.Join("cmd", "gateway", "healthcheck.go"): true, filepath.Join("cmd", "gateway", "setup", "probe.go"): true, filepath.Join("monitor", "systemd.go"): true, // of this machine
		filepath.Join("control", "client.go"): true, filepath.Join("control", "serve.go"): true,
		filepath.Join("doctor", "site.go"): true, filepath.Join("doctor", "certificate.go"): true} // of the admin's own names
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	met := 0
	for _, p := range list(t) {
		if _, ours := allowed[p.ImportPath]; !ours {
			continue // tests and their servers
		}
		for _, file := range p.GoFiles {
			path, err := filepath.Rel(root, filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			switch found := dials.Find(text); {
			case found == nil:
			case may[path]:
				met++
			default:
				t.Errorf("%s has %s: ask peers through activitypub.Client", path, found)
			}
		}
	}
	if met != len(may) {
		t.Errorf("%d of %d dialers were found: does the pattern still fit?", met, len(may))
	}
}

// TestEveryAttackHasATest: SECURITY.md promises that each attack of its two lists is in
// the name of a test.
func TestEveryAttackHasATest(t *testing.T) {
	var names strings.Builder
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		names.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for letter, last := range map[string]int{"X": 20, "Y": 13} {
		for i := 1; i <= last; i++ {
			if named := fmt.Sprintf(`func Test([XY]\d+_)*%s%d_`, letter, i); !regexp.MustCompile(named).MatchString(names.String()) {
				t.Errorf("no test is named after %s%d", letter, i)
			}
		}
	}
}
