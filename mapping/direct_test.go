package mapping

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

func direct(text string) Direct {
	return Direct{
		Said: stanza.Said{Text: text}, Name: "Louise", To: Mention{Handle: "bob@m.example", ActorURL: "https://m.example/u/bob"},
		NoteURL: "https://ap.example.org/ap/post/1", ActorURL: "https://ap.example.org/ap/actor/l", Published: time.Unix(1_790_000_000, 0),
	}
}

const toBob = `<span class="h-card" translate="no"><a href="https://m.example/u/bob" class="u-url mention">@bob@m.example</a></span>`

// What people type in a chat, as the Fediverse reads it, and as it comes back when
// somebody there writes the same.
func TestChatToNoteAndBack(t *testing.T) {
	for _, x := range []struct{ text, html, back string }{
		{"hi", `<p>` + toBob + ` hi</p>`, "hi"},
		{"hi *there* _you_ ~no~ `x*y*`", `<p>` + toBob + ` hi <strong>there</strong> <em>you</em> <del>no</del> <code>x*y*</code></p>`, "hi *there* _you_ ~no~ `x*y*`"},
		{"> said before\n> and more\n\nmine", `<p>` + toBob + `</p><blockquote><p>said before<br>and more</p></blockquote><p>mine</p>`, "> said before\n> and more\n\nmine"},
		{"> > deep\n> less", `<p>` + toBob + `</p><blockquote><blockquote><p>deep</p></blockquote><p>less</p></blockquote>`, "> > deep\n>\n> less"},
		{"```\ncode *x*\n  two\n```\nafter", `<p>` + toBob + `</p><pre><code>code *x*` + "\n" + `  two</code></pre><p>after</p>`, "```\ncode *x*\n  two\n```\n\nafter"},
		{"```alone", `<p>` + toBob + " ```alone</p>", "```alone"},
		{"/me waves *hard*", `<p>` + toBob + ` * Louise waves <strong>hard</strong></p>`, "* Louise waves *hard*"},
		{"a\nb\n\nc", `<p>` + toBob + ` a<br>b</p><p>c</p>`, "a\nb\n\nc"},
		{"not *bold _at all* here_", `<p>` + toBob + ` not <strong>bold _at all</strong> here_</p>`, "not *bold _at all* here_"},
		{"<b>&amp;", `<p>` + toBob + ` &lt;b&gt;&amp;amp;</p>`, "<b>&amp;"},
		{"@bob@m.example hi", `<p>` + toBob + ` hi</p>`, "hi"},
		{"see https://example.org/x", `<p>` + toBob + ` see <a href="https://example.org/x">https://example.org/x</a></p>`, "see https://example.org/x"},
	} {
		o := DirectNote(direct(x.text))
		if o.Content != x.html {
			t.Errorf("%q\n got %s\nwant %s", x.text, o.Content, x.html)
		}
		back, _ := ChatText(Reply{Object: vocab.Incoming{Type: "Note", Content: o.Content}}, "bob@m.example", "")
		if back != x.back && back != "[…]" {
			t.Errorf("%q comes back as %q, want %q", x.text, back, x.back)
		}
	}
}

func TestDirectNoteIsForOne(t *testing.T) {
	d := direct("hi")
	d.InReplyTo, d.Context = "https://m.example/1", "https://m.example/c/1"
	doc, err := vocab.Read(Create(DirectNote(d), "https://ap.example.org/ap/activity/2").JSON(), vocab.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	note, _ := doc.One("object")
	for _, x := range []vocab.Doc{doc, note} {
		if to, cc := fmt.Sprint(x.IDs("to")), x.IDs("cc"); to != "[https://m.example/u/bob]" || len(cc) != 0 {
			t.Errorf("to %s, cc %v", to, cc)
		}
	}
	tag, _ := note.One("tag")
	if tag.Str("type") != "Mention" || tag.Str("name") != "@bob@m.example" || note.Str("inReplyTo") != d.InReplyTo || note.Str("context") != d.Context {
		t.Errorf("%s", doc)
	}
	if v := vocab.ReadIncoming(note).Visibility(""); v != "direct" {
		t.Errorf("it is %s", v)
	}
}

func TestWarnings(t *testing.T) {
	for _, x := range []struct {
		said             stanza.Said
		summary, content string
	}{
		{stanza.Said{Text: "⚠ the end\nhe dies"}, "the end", "he dies"},
		{stanza.Said{Text: "CW: the end\n\nhe dies"}, "the end", "he dies"},
		{stanza.Said{Text: "⚠ careful!"}, "", "⚠ careful!"},
		{stanza.Said{Text: "he dies", Spoiler: true, Warning: "the end"}, "the end", "he dies"},
		{stanza.Said{Text: "he dies", Spoiler: true}, "⚠", "he dies"},
	} {
		d := direct("")
		d.Said = x.said
		o := DirectNote(d)
		if o.Summary != x.summary || o.Sensitive != (x.summary != "") || !strings.Contains(o.Content, x.content) {
			t.Errorf("%+v: %q %v %s", x.said, o.Summary, o.Sensitive, o.Content)
		}
	}
	back, _ := ChatText(Reply{Object: vocab.Incoming{Type: "Note", Summary: "the end", Content: "<p>he dies</p>"}}, "louise@ap.example.org", "")
	if back != "⚠ the end\n\nhe dies" {
		t.Errorf("a warning comes as %q", back)
	}
}

func TestFilesOfMessages(t *testing.T) {
	d := direct("look")
	d.Said.Files = []stanza.File{{URL: "https://up.example/a.jpg", Desc: "A cat", Size: 7}, {URL: "https://up.example/b.pdf", Type: "application/pdf"}, {URL: "javascript:x"}}
	o := DirectNote(d)
	if len(o.Attachments) != 2 || o.Attachments[0] != (vocab.Attachment{Type: "Image", URL: "https://up.example/a.jpg", MediaType: "image/jpeg", Name: "A cat", Size: 7}) ||
		o.Attachments[1].Type != "Document" {
		t.Errorf("%+v", o.Attachments)
	}
	text, files := ChatText(Reply{Object: vocab.Incoming{Type: "Note", Content: "<p>look</p>", Attachments: o.Attachments}}, "x@y", "")
	if text != "look" || len(files) != 2 || files[0] != (stanza.File{URL: "https://up.example/a.jpg", Type: "image/jpeg", Desc: "A cat", Size: 7}) {
		t.Errorf("%q %+v", text, files)
	}
}

// A name at the beginning is the address, anywhere else a word.
func TestGreetingsAreDropped(t *testing.T) {
	mention := `<span class="h-card"><a href="https://ap.example.org/@louise" class="u-url mention">@<span>louise</span></a></span>`
	other := `<span class="h-card"><a href="https://m.example/@carol" class="u-url mention">@<span>carol</span></a></span>`
	for html, want := range map[string]string{
		`<p>` + mention + ` hi</p>`:                       "hi",
		`<p>` + mention + `, hi ` + mention + `</p>`:      "hi @louise",
		`<p>` + mention + ` ` + other + ` hi</p>`:         "@carol hi",
		`<p>` + mention + `<br>hi</p>`:                    "hi",
		`<p>` + mention + `</p><p>hi</p>`:                 "hi",
		`<p>hi ` + mention + `</p>`:                       "hi @louise",
		`<p><a href="https://x.example/">@home</a> x</p>`: "@home x",
	} {
		if got, _ := ChatText(Reply{Object: vocab.Incoming{Type: "Note", Content: html}}, "louise@ap.example.org", ""); got != want {
			t.Errorf("%s: %q, want %q", html, got, want)
		}
	}
}

func FuzzChatText(f *testing.F) {
	for _, s := range []string{"hi *there*", "> a\n> > b", "```\nx\n```", "/me x", "*_~`", "⚠ a\nb", "> ```\n> x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o := DirectNote(direct(s))
		if again := Sanitize(o.Content); again != o.Content {
			t.Errorf("%q is not what is let through:\n%s\n%s", s, o.Content, again)
		}
		ChatText(Reply{Object: vocab.Incoming{Type: "Note", Content: o.Content}}, "bob@m.example", "")
	})
}
