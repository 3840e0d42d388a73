package web

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// deeds are what a visitor can do on a server of their own, by their name in addresses.
var deeds = map[string]struct {
	intent string // FEP-3b86
	place  string // which its template must have
}{
	"follow": {"Follow", "object"},
	"like":   {"Like", "object"},
	"boost":  {"Announce", "object"},
	"reply":  {"Create", "inReplyTo"},
}

// interaction is one deed of a visitor and what it is done to.
type interaction struct {
	Do      string // key of deeds
	Author  Author
	Post    *Post  // nil: the author is followed
	Object  string // ActivityPub id
	Page    string // address of its page
	Search  string // what to look for on the visitor's server
	Me      string // the visitor's account, as it was typed or kept
	Host    string // its server, "" when it is not known
	Problem string // why it does not go on: "address", "account", "answer" or "way"; "" for nothing
	Site    string
}

func interactPage(t tongue, v interaction) page {
	return page{Tongue: t, Template: "interact.html", Title: t.say("do."+v.Do, "who", v.Author.Display()), Site: v.Site, Type: "website", Hidden: true, Personal: true, View: v}
}

// interactPolicy is policy for a page with a form that leads to the visitor's server.
var interactPolicy = strings.Replace(policy, "form-action 'none'", "form-action 'self' https:", 1)

// ask shows the form, or sends who has filled it in before straight on.
func (s server) ask(w http.ResponseWriter, r *http.Request) {
	v, ok := s.interaction(w, r)
	if !ok {
		return
	}
	v.Me = kept(r)
	if v.Me != "" && !r.URL.Query().Has("other") && r.Method == http.MethodGet {
		s.depart(w, r, v)
		return
	}
	s.show(w, r, http.StatusOK, interactPage(tongueOf(r), v))
}

// answer takes the form. What another site sends here goes no further: it would choose
// where the visitor ends.
func (s server) answer(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	v, ok := s.interaction(w, r)
	if !ok {
		return
	}
	v.Me = strings.TrimSpace(r.PostFormValue("me"))
	switch {
	case http.NewCrossOriginProtection().Check(r) != nil:
	case r.PostForm.Has("forget"):
		keep(w, "")
		v.Me = ""
	default:
		s.depart(w, r, v)
		return
	}
	s.show(w, r, http.StatusOK, interactPage(tongueOf(r), v))
}

// interaction reads what a request is about, or answers it.
func (s server) interaction(w http.ResponseWriter, r *http.Request) (v interaction, ok bool) {
	w.Header().Set("Content-Security-Policy", interactPolicy)
	v.Do = r.PathValue("do")
	handle, named := handleOf(r)
	token := r.PathValue("token")
	if _, known := deeds[v.Do]; !known || !named || len(token) > maxName || (v.Do == "follow") != (token == "") {
		s.fail(w, r, ErrNotFound)
		return v, false
	}
	if err := s.subject(r.Context(), &v, handle, token); err != nil {
		s.fail(w, r, err)
		return v, false
	}
	if v.Author.Handle != handle {
		http.Redirect(w, r, interactURL(v.Do, v.Page), http.StatusFound)
		return v, false
	}
	return v, true
}

func (s server) subject(ctx context.Context, v *interaction, handle, token string) error {
	if token == "" {
		p, err := s.src.Profile(ctx, handle, "")
		if err != nil {
			return err
		}
		p = tidyProfile(p)
		v.Author, v.Site, v.Object, v.Page, v.Search = p.Author, p.Site, p.ID, p.URL, p.Acct
		return nil
	}
	p, err := s.src.Post(ctx, handle, token)
	if err != nil {
		return err
	}
	p = tidyPost(p)
	v.Author, v.Site, v.Post, v.Object, v.Page, v.Search = p.Author, p.Site, &p, p.ID, p.URL, p.URL
	return nil
}

// depart sends the visitor home, or says why that cannot be.
func (s server) depart(w http.ResponseWriter, r *http.Request, v interaction) {
	home, err := s.src.Home(r.Context(), v.Me)
	_, v.Host, _ = strings.Cut(cmp.Or(home.Handle, strings.TrimPrefix(v.Me, "@")), "@")
	status := http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, ErrAddress):
		v.Problem, v.Host = "address", ""
	case errors.Is(err, ErrNotFound):
		v.Problem = "account"
	case err != nil:
		slog.InfoContext(r.Context(), "a visitor's server does not answer", "host", v.Host, "err", err)
		v.Problem = "answer" // and no 502, in whose place proxies put pages of their own
	default:
		keep(w, home.Handle)
		if to := v.address(home); to != "" {
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		v.Me, v.Problem, status = "@"+home.Handle, "way", http.StatusOK
	}
	s.show(w, r, status, interactPage(tongueOf(r), v))
}

var places = regexp.MustCompile(`\{[^{}]*\}`)

// address is where the visitor's server wants to be asked: by the intent for the deed, by
// the one that shows an object, by OStatus's page; "" when it offers none of them.
func (v interaction) address(home Home) string {
	deed := deeds[v.Do]
	for _, t := range []struct{ template, place string }{
		{home.Intents[deed.intent], deed.place}, {home.Intents["Object"], "object"}, {home.Subscribe, "uri"},
	} {
		if !strings.Contains(t.template, "{"+t.place+"}") {
			continue
		}
		values := map[string]string{"{" + t.place + "}": v.Object, "{on-success}": v.Page, "{on-cancel}": v.Page}
		if deed.intent == "Create" {
			values["{type}"] = "Note"
		}
		// What is not known is replaced with nothing (FEP-3b86 §3.2).
		to := places.ReplaceAllStringFunc(t.template, func(place string) string { return url.QueryEscape(values[place]) })
		if u, err := url.Parse(to); err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil {
			return to
		}
	}
	return ""
}

// homeCookie keeps the visitor's account in their own browser, which shows it to nothing
// but this form.
const homeCookie = "home"

func keep(w http.ResponseWriter, handle string) {
	c := &http.Cookie{Name: homeCookie, Value: url.QueryEscape(handle), Path: "/interact/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if handle == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func kept(r *http.Request) string {
	c, err := r.Cookie(homeCookie)
	if err != nil {
		return ""
	}
	handle, err := url.QueryUnescape(c.Value)
	if err != nil || handle == "" || len(handle) > 512 {
		return ""
	}
	return "@" + plain(handle)
}
