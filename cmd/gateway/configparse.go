package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document knows where each key of a parsed file stands and which keys already
// had a problem, so that later checks neither repeat nor contradict it.
type document struct {
	at     map[string]unstable.Position // "xmpp" and "xmpp.component"
	failed map[string]bool
}

// parseConfig decodes data over the defaults in cfg. Unknown keys and wrong
// types are problems, all of them at once; go-toml's own strict mode stops at
// the first wrong type, which is why the tree is walked here. The document is
// nil when data is not TOML at all.
func parseConfig(data []byte, cfg *Config) (*document, []Problem) {
	tree := map[string]any{}
	if err := toml.Unmarshal(data, &tree); err != nil {
		p := Problem{Text: strings.TrimPrefix(err.Error(), "toml: ")}
		var de *toml.DecodeError
		if errors.As(err, &de) {
			p.Line, p.Column = de.Position()
			p.Key = strings.Join(de.Key(), ".")
			p.Fix = syntaxHint(data, p.Line)
			if strings.HasSuffix(p.Text, "is already defined") {
				p.Fix = "keep one of the two"
			}
		}
		return nil, []Problem{p}
	}
	d := &document{at: positions(data), failed: map[string]bool{}}
	var problems []Problem
	d.fill(reflect.ValueOf(cfg).Elem(), tree, "", func(key, text, fix string) {
		problems = append(problems, d.problem(key, text, fix))
		d.failed[key] = true
	})
	return d, problems
}

// hasFailed tells whether key, or the section around it, had a problem already.
func (d *document) hasFailed(key string) bool {
	section, _, _ := strings.Cut(key, ".")
	return d.failed[key] || d.failed[section]
}

// problem names the line of key, or of its section when the key is not there.
func (d *document) problem(key, text, fix string) Problem {
	at, ok := d.at[key]
	if section, _, found := strings.Cut(key, "."); !ok && found {
		at = d.at[section]
	}
	return Problem{Line: at.Line, Column: at.Column, Key: key, Text: text, Fix: fix}
}

// fill sets the fields of a struct from one table.
func (d *document) fill(dst reflect.Value, table map[string]any, prefix string, bad func(key, text, fix string)) {
	fields := tagged(dst.Type())
	for _, name := range slices.Sorted(maps.Keys(table)) {
		key, value := prefix+name, table[name]
		index, known := fields[name]
		if !known {
			text, fix, meant := unknownKey(prefix, name, fields)
			bad(key, text, fix)
			if _, there := d.at[prefix+meant]; meant != "" && !there {
				d.failed[prefix+meant] = true // it is not missing, only misspelt
			}
			continue
		}
		field := dst.Field(index)
		if field.Kind() == reflect.Struct {
			sub, ok := value.(map[string]any)
			if !ok {
				bad(key, fmt.Sprintf("is %s, but it is a section", found(key, value)), "write it as ["+name+"] on a line of its own, with its keys below")
				continue
			}
			d.fill(field, sub, key+".", bad)
			continue
		}
		if text, fix := set(field, key, value); text != "" {
			bad(key, text, fix)
		}
	}
}

// tagged maps toml keys to field numbers.
func tagged(t reflect.Type) map[string]int {
	fields := map[string]int{}
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("toml"); name != "-" {
			fields[name] = i
		}
	}
	return fields
}

// unknownKey explains a key that nobody reads; meant is the key of the same
// section it was probably meant to be.
func unknownKey(prefix, name string, fields map[string]int) (text, fix, meant string) {
	text = "there is no such key"
	if prefix == "" {
		text = "there is no such section or key"
	}
	if section := sectionOf(name); section != "" && section+"." != prefix {
		return text, fmt.Sprintf("it belongs below [%s]", section), ""
	}
	known := slices.Sorted(maps.Keys(fields))
	if meant = nearest(name, known); meant != "" {
		return text, fmt.Sprintf("did you mean %q?", meant), meant
	}
	return text, "remove it; known here are " + strings.Join(known, ", "), ""
}

// sectionOf finds the one section that has a key of that name.
func sectionOf(name string) string {
	sections := reflect.TypeFor[Config]()
	for i := range sections.NumField() { // the first that has it
		section := sections.Field(i).Tag.Get("toml")
		if section == "-" {
			continue
		}
		if _, ok := tagged(sections.Field(i).Type)[name]; ok {
			return section
		}
	}
	return ""
}

// syntaxHint adds what go-toml's message leaves out for the usual slips.
func syntaxHint(data []byte, line int) string {
	lines := strings.Split(string(data), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	text := strings.TrimSpace(lines[line-1])
	_, value, isPair := strings.Cut(text, "=")
	value = strings.TrimSpace(value)
	switch {
	case isPair && value == "":
		return "write a value after the equals sign"
	case isPair && strings.Count(value, `"`)%2 == 1:
		return "close the double quotes"
	case isPair && value[0] != '"' && value[0] != '[' && value[0] != '{':
		return "put text in double quotes"
	case !isPair && strings.Contains(text, ":"):
		return `this is TOML: write key = "value"`
	}
	return ""
}
