package stanza

import (
	"reflect"
	"testing"
)

func TestForm(t *testing.T) {
	f := NewForm("form", "urn:example:form",
		Field{Var: "handle", Type: "text-single", Label: "Handle", Desc: "a-z, 0-9", Required: true, Values: []string{"alice"}},
		Field{Var: "mode", Type: "list-single", Values: []string{"on"}, Options: []Option{{"On", "on"}, {"", "off"}}},
		Field{Type: "fixed", Values: []string{"two\nlines"}},
		Field{Var: "note", Type: "text-multi", Values: []string{"a", "b"}},
		Field{Var: "public", Type: "boolean", Values: []string{"1"}},
		Field{Var: "empty", Type: "text-single", Values: []string{""}},
	)
	f.Title, f.Instructions = "Blog", "Read this.\nAnd this."
	const want = `<x xmlns="jabber:x:data" type="form"><title>Blog</title><instructions>Read this.</instructions><instructions>And this.</instructions>` +
		`<field var="FORM_TYPE" type="hidden"><value>urn:example:form</value></field>` +
		`<field var="handle" type="text-single" label="Handle"><desc>a-z, 0-9</desc><required/><value>alice</value></field>` +
		`<field var="mode" type="list-single"><value>on</value><option label="On"><value>on</value></option><option><value>off</value></option></field>` +
		`<field type="fixed"><value>two</value><value>lines</value></field>` +
		`<field var="note" type="text-multi"><value>a</value><value>b</value></field>` +
		`<field var="public" type="boolean"><value>1</value></field>` +
		`<field var="empty" type="text-single"><value/></field></x>`
	if got := f.Element().XML(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	again := ParseForm(New(NSCommands, "command").Add(f.Element()))
	f.Fields[3].Values = []string{"two", "lines"} // one value is one line
	if !reflect.DeepEqual(again, f) {
		t.Errorf("read  %+v\nwrote %+v", again, f)
	}
	if again.FormType() != "urn:example:form" || again.Value("note") != "a\nb" || len(again.Values("note")) != 2 ||
		!again.Bool("public") || again.Bool("handle") || again.Value("none") != "" || again.Values("none") != nil {
		t.Errorf("values of %+v", again)
	}
}

func TestNoForm(t *testing.T) {
	var none *Form
	if ParseForm(New(NSCommands, "command")) != nil || ParseForm(nil) != nil || none.Element() != nil || none.Value("x") != "" || none.FormType() != "" {
		t.Error("a form out of nothing")
	}
	if got := (&Form{}).Element().XML(); got != `<x xmlns="jabber:x:data" type="form"/>` {
		t.Errorf("empty form %s", got)
	}
}
