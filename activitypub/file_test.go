package activitypub

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func anImage(contentType string) bool { return strings.HasPrefix(contentType, "image/") }

// A file is bounded whatever is said of its size, of a type that is wanted, and asked
// for without a signature.
func TestFile(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	at := p.on("/a.png", serveAs("image/png", "12345"))
	typ, data, err := c.File(t.Context(), at, 5, anImage)
	if err != nil || typ != "image/png" || string(data) != "12345" {
		t.Errorf("got %s %q, %v", typ, data, err)
	}
	if r := p.request(0); r.Header.Get("Signature") != "" {
		t.Error("the request is signed")
	}
	_, _, err = c.File(t.Context(), at, 4, anImage)
	wantErr(t, "too large, as it says", err, ErrTooLarge)
	p.on("/a.png", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		for range 3 {
			io.WriteString(w, "12")
			http.NewResponseController(w).Flush() // so that no length is told
		}
	})
	_, _, err = c.File(t.Context(), at, 5, anImage)
	wantErr(t, "too large without saying", err, ErrTooLarge)
	p.on("/a.png", serveAs("text/html", "<script>"))
	_, _, err = c.File(t.Context(), at, 100, anImage)
	wantErr(t, "a page", err, ErrContentType)
}

// Redirects of files are followed as those of documents are, and no further.
func TestX2_FileRedirects(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	p.on("/a.png", serveAs("image/png", "12345"))
	to := func(where string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, where, http.StatusFound) }
	}
	if _, data, err := c.File(t.Context(), p.on("/moved", to("/a.png")), 5, anImage); err != nil || string(data) != "12345" {
		t.Errorf("moved: %q, %v", data, err)
	}
	_, _, err := c.File(t.Context(), p.on("/circle", to("/circle")), 5, anImage)
	wantErr(t, "circle", err, ErrRedirect)
	if _, _, err := c.File(t.Context(), p.on("/inside", to("https://10.0.0.1/a.png")), 5, anImage); err == nil {
		t.Error("a file of a private address was fetched")
	}
}
