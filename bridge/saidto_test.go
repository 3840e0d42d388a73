package bridge

import (
	"errors"
	"testing"

	"isthmus/component/stanza"
)

// Who asks for the same at the same time is refused each in their own language.
func TestSharedRefusalsAreSaidToEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.says(alice, "language es")
	w.says(louise, "language de")
	spanish, german := w.b.speakTo(t.Context(), mustJID(alice)), w.b.speakTo(t.Context(), mustJID(louise))
	err := w.b.errBarred(spanish, "bob")
	for _, hers := range []error{saidTo(german, err), err} {
		lang := german
		if hers == err {
			lang = spanish // the first asker's words stay hers
		}
		var e *stanza.Error
		if want := w.b.say(lang, "safety.barred", "who", "bob"); !errors.As(hers, &e) || e.Text != want {
			t.Errorf("%v, want %q", hers, want)
		}
	}
}
