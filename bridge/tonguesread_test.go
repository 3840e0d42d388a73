package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// A reader hears everything in their language, also what comes later and in forms.
func TestReadersAreToldInTheirLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	w.says(alice, "language es")
	for _, x := range [][2]string{{"find nobody", "Busco @user@host"}, {"find bob@" + p.name, "Dirección: "}, {"follow bob@" + p.name, "He preguntado a @bob@"}, {"following", "Sigues 1:"}} {
		if text := w.says(alice, x[0]); !strings.Contains(text, x[1]) {
			t.Errorf("%q is answered with %q", x[0], text)
		}
	}
	if text := w.message("ap.example.org", alice).First("", "body").Text(); !strings.Contains(text, "necesitas un nombre allí") {
		t.Errorf("alice is told %q", text)
	}
	p.accepts("bob", p.await("Follow"))
	if text := w.message("ap.example.org", alice).First("", "body").Text(); !strings.Contains(text, "Ahora sigues a @bob@") {
		t.Errorf("alice is told %q", text)
	}
	w.says(alice, "import nobody@nowhere.example")
	if text := w.message("ap.example.org", alice).First("", "body").Text(); !strings.Contains(text, "import: hecho") {
		t.Errorf("alice is told %q", text)
	}
	form := w.xmpp.Ask(`<iq type='get' id='s' from='alice@example.org/x' to='ap.example.org'><query xmlns='jabber:iq:search'/></iq>`)
	if text := form.First(stanza.NSSearch, "query").DeepText(); !strings.Contains(text, "Busca a alguien en el Fediverso") {
		t.Errorf("the search form says %q", text)
	}
	refused := w.xmpp.Ask(`<iq type='get' id='d' from='alice@example.org/x' to='what@ap.example.org'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`)
	if e := stanza.ParseError(refused); e == nil || !strings.Contains(e.Text, "Las direcciones aquí") {
		t.Errorf("an error says %v", e)
	}
}
