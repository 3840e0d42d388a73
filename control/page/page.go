// Package page is what an admin sees in the browser: the answers of a control.Desk as HTML,
// without a script. Who wants in needs a link that works once.
package page

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"isthmus/control"
)

// Path is where the pages are, below their address.
const Path = "/admin/"

// Config is how the page behaves.
type Config struct {
	Desk  control.Desk
	Name  string                  // of the gateway
	Write bool                    // decisions can be made; otherwise they are only shown
	Admit func(token string) bool // whether a token is one that the gateway made, and not too old
	HTTPS bool                    // browsers come by https
}

type server struct {
	Config
	sessions sessions
}

//go:embed templates style.css
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"when": func(t time.Time) string {
		if t.IsZero() {
			return "–"
		}
		return t.UTC().Format("2006-01-02 15:04")
	},
	"ago":   ago,
	"chart": chart,
	"add":   func(a, b int64) int64 { return a + b },
}).ParseFS(files, "templates/*.html"))

// New serves everything below Path.
func New(cfg Config) http.Handler {
	s := &server{Config: cfg}
	mux := http.NewServeMux()
	style, err := files.ReadFile("style.css")
	if err != nil {
		panic(err) // embedded
	}
	mux.HandleFunc("GET "+Path+"style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write(style)
	})
	mux.HandleFunc("GET "+Path+"enter", s.door)
	mux.HandleFunc("POST "+Path+"enter", s.enter)
	mux.HandleFunc("POST "+Path+"leave", s.known(s.leave))
	mux.HandleFunc("POST "+Path+"do", s.known(s.do))
	for _, v := range views {
		mux.HandleFunc("GET "+Path+v.path, s.known(s.view(v)))
	}
	mux.HandleFunc(Path, s.known(func(w http.ResponseWriter, r *http.Request) {
		s.show(w, http.StatusNotFound, "said.html", frame{Title: "Not found", Body: said{Text: "There is no such page."}})
	}))
	return secured(http.NewCrossOriginProtection().Handler(mux))
}

// policy lets a page show itself, and send forms back.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Robots-Tag", "noindex")
		next.ServeHTTP(w, r)
	})
}

// frame is a page: what surrounds the view that the template shows.
type frame struct {
	Name, Title, Path string
	Views             []view
	Inside            bool // somebody is let in
	Write             bool
	Body              any
}

// show writes a page.
func (s *server) show(w http.ResponseWriter, status int, name string, f frame) {
	f.Name, f.Views, f.Write = s.Name, views, s.Write
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, f); err != nil {
		http.Error(w, "the page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	b.WriteTo(w)
}

// view serves one of the views.
func (s *server) view(v view) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := v.read(r, s.Desk)
		if err != nil {
			s.failed(w, err)
			return
		}
		s.show(w, http.StatusOK, v.template, frame{Title: v.Title, Path: Path + v.Link, Inside: true, Body: body})
	}
}

// said is a page with a sentence.
type said struct {
	Text string
	Back string
	Ask  string // the command that is done when they agree
}

func (s *server) failed(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if errors.Is(err, control.ErrNotFound) {
		status = http.StatusNotFound
	}
	s.show(w, status, "said.html", frame{Title: "That did not work", Inside: true, Body: said{Text: err.Error(), Back: Path}})
}

// do runs a command, after asking whether they are sure where that is asked.
func (s *server) do(w http.ResponseWriter, r *http.Request) {
	if !s.Write {
		s.show(w, http.StatusForbidden, "said.html", frame{Title: "Only for reading", Inside: true, Body: said{Text: "This page is for looking only: [admin] page is “read”.", Back: Path}})
		return
	}
	text := strings.Join(strings.Fields(r.PostFormValue("text")+" "+r.PostFormValue("more")), " ")
	done, err := s.Desk.Do(r.Context(), control.Doing{By: "admin page", Text: text, Sure: r.PostFormValue("sure") != ""})
	if err != nil {
		s.failed(w, err)
		return
	}
	body := said{Text: done.Text, Back: back(r)}
	title := "Done"
	if done.Asks {
		body.Ask, title = text, "Are you sure?"
	}
	s.show(w, http.StatusOK, "said.html", frame{Title: title, Inside: true, Body: body})
}

// back is the page that a form was on, of ours.
func back(r *http.Request) string {
	if to := r.PostFormValue("back"); strings.HasPrefix(to, Path) && !strings.ContainsAny(to, "\\:") {
		return to
	}
	return Path
}
