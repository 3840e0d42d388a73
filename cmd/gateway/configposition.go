package main

import "github.com/pelletier/go-toml/v2/unstable"

// positions maps every key path of a document that parsed to where it stands.
func positions(data []byte) map[string]unstable.Position {
	at := map[string]unstable.Position{}
	var p unstable.Parser
	p.Reset(data)
	section := ""
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			section = note(&p, at, "", e)
		case unstable.KeyValue:
			notePair(&p, at, section, e)
		}
	}
	return at
}

func notePair(p *unstable.Parser, at map[string]unstable.Position, prefix string, e *unstable.Node) {
	path := note(p, at, prefix, e)
	if e.Value().Kind != unstable.InlineTable {
		return
	}
	for it := e.Value().Children(); it.Next(); {
		if it.Node().Kind == unstable.KeyValue {
			notePair(p, at, path, it.Node())
		}
	}
}

// note remembers where the (possibly dotted) key of e stands, and its parents
// if this is the first time they are named.
func note(p *unstable.Parser, at map[string]unstable.Position, path string, e *unstable.Node) string {
	for it := e.Key(); it.Next(); {
		if path != "" {
			path += "."
		}
		path += string(it.Node().Data)
		if _, seen := at[path]; !seen {
			at[path] = p.Shape(it.Node().Raw).Start
		}
	}
	return path
}
