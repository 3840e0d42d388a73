package bridge

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"isthmus/words"
)

// Every sentence that the code says is in the catalogue and gets what it has places
// for, and the catalogue has none that nobody says.
func TestWordsAreSaid(t *testing.T) {
	said := map[string]bool{}
	files, _ := filepath.Glob("*.go")
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				key, err := strconv.Unquote(lit.Value)
				if err == nil && words.Known(key) {
					said[key] = true
				}
				if err == nil && strings.HasSuffix(key, ".") { // the rest is put behind it
					for _, k := range words.Keys(words.Languages[0]) {
						if strings.HasPrefix(k, key) {
							said[k] = true
						}
					}
				}
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "say" {
				return true
			}
			lit, ok := call.Args[1].(*ast.BasicLit)
			if !ok {
				return true // the key is made up elsewhere
			}
			key, _ := strconv.Unquote(lit.Value)
			if !words.Known(key) {
				t.Errorf("%s: there is no sentence %q", fset.Position(call.Pos()), key)
				return true
			}
			if call.Ellipsis.IsValid() {
				return true
			}
			var names []string
			for i := 2; i < len(call.Args); i += 2 {
				if lit, ok := call.Args[i].(*ast.BasicLit); ok {
					name, _ := strconv.Unquote(lit.Value)
					names = append(names, name)
				}
			}
			slices.Sort(names)
			if want := words.Places(words.Languages[0], key); !slices.Equal(names, want) {
				t.Errorf("%s: %q gets %v, and has places for %v", fset.Position(call.Pos()), key, names, want)
			}
			return true
		})
	}
	for _, c := range commands {
		said["cmd."+c.Name], said["cmd."+c.Name+".args"] = true, true
		if !words.Known("cmd." + c.Name) {
			t.Errorf("help does not say what %s is for", c.Name)
		}
		for _, x := range slices.Concat(c.Fields, c.Asks) {
			label := "cmd." + c.Name + "." + x.Var
			said[label], said[label+".more"] = true, true
			if !words.Known(label) {
				t.Errorf("the form of %s has no name for %s", c.Name, x.Var)
			}
			for _, o := range x.Options {
				said["cmd.option."+o], said[label+"."+o] = true, true
			}
		}
		for _, next := range c.Next {
			if name, _, _ := strings.Cut(next, " "); !slices.ContainsFunc(commands, func(c command) bool { return c.Name == name }) {
				t.Errorf("after %s comes %s, which there is not", c.Name, next)
			}
		}
	}
	for _, key := range words.Keys(words.Languages[0]) {
		if !said[key] && !strings.HasPrefix(key, "page.") { // web says those
			t.Errorf("nobody says %s", key)
		}
	}
}
