package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// The language is the one that somebody chose, else that of what they sent.
func TestLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := func(lang, text string) string {
		w.xmpp.Send(`<message type='chat' from='louise@example.org/phone' to='ap.example.org' id='m' xml:lang='` + lang + `'><body>` + text + `</body></message>`)
		return w.xmpp.Await("an answer to "+text, func(e *stanza.Element) bool {
			return e.Local == "message" && e.Get("to") == "louise@example.org/phone"
		}).First("", "body").Text()
	}
	for _, step := range []struct{ lang, text, want string }{
		{"de-AT", "help", "Ich verbinde XMPP"},
		{"fr", "help", "Je relie XMPP"},
		{"ja", "help", "I connect XMPP"},
		{"fr", "language es", "A partir de ahora te hablo en español."},
		{"fr", "help", "Conecto XMPP"},
		{"fr", "language tlh", "No hablo «tlh»"},
		{"fr", "language", "Te hablo en español"},
		{"fr", "language auto", "Désormais je parle la langue"},
		{"de", "xyzzy", "„xyzzy“ kenne ich nicht."},
	} {
		if got := ask(step.lang, step.text); !strings.Contains(got, step.want) {
			t.Errorf("%s in %s is answered with %q", step.text, step.lang, got)
		}
	}
	// What is told later is in the language that was heard last.
	if got := w.b.say(w.b.speakTo(t.Context(), mustJID(louise)), "chat.yes"); got != "ja" {
		t.Errorf("heard last: %q", got)
	}
}

// What an answer offers next is a line of it, and buttons where a client has such.
func TestNextSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.xmpp.Send(`<message type='chat' from='louise@example.org/phone' to='ap.example.org' id='m'><body>status</body></message>`)
	got := w.xmpp.Await("an answer", func(e *stanza.Element) bool { return e.Local == "message" && e.Get("to") == "louise@example.org/phone" })
	if text := got.First("", "body").Text(); !strings.HasSuffix(text, "Next: “preview”, “followers”") {
		t.Errorf("status ends with %q", text)
	}
	if n := len(got.All(stanza.NSQuickResponse, "response")); n != 2 {
		t.Errorf("%d buttons: %s", n, got.XML())
	}
}
