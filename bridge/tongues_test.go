package bridge

import (
	"strings"
	"testing"

	"isthmus/db"
)

// What is told later is in the language of whom it is told, and so is what was
// stored before they chose another.
func TestOwnersAreToldInTheirLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	w.change(louise, microblog, func(n *node) { n.closed = true })
	w.says(louise, "language de")
	w.says(louise, "start")
	w.until("the gate is known", func() bool {
		blog, err := w.db.BlogByNode(t.Context(), louise, microblog)
		return err == nil && blog.Gate == db.GateClosed
	})
	for lang, want := range map[string]string{"de": "Nur Kontakte können das Blog lesen", "fr": "Seuls les contacts peuvent lire le blog", "en": "Only contacts can read the blog"} {
		w.says(louise, "language "+lang)
		if text := w.says(louise, "status"); !strings.Contains(text, want) {
			t.Errorf("status in %s is %q", lang, text)
		}
	}
	w.says(louise, "language es")
	w.change(louise, microblog, func(n *node) { n.closed = false })
	w.says(louise, "status")
	blog := w.tended(louise, microblog)
	w.forget()
	p.follows("bob", blog.Token)
	if text := w.told(louise); !strings.Contains(text, "te sigue ahora") {
		t.Errorf("louise is told %q", text)
	}
	w.says(louise, "approval on")
	p.post("carol", w.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": w.b.addr.Actor(blog.Token)})
	if text := w.told(louise); !strings.Contains(text, "pide seguirte") {
		t.Errorf("louise is asked %q", text)
	}
}
