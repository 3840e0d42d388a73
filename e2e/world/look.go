package world

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"isthmus/e2e/xmppclient"
)

// Fetch gets a URL unsigned and returns status and body; redirects are not
// followed.
func (w *World) Fetch(url, accept string) (int, string) {
	w.T.Helper()
	resp, body := w.Request(http.MethodGet, url, accept, "", "")
	return resp.StatusCode, body
}

// Request makes any unsigned request.
func (w *World) Request(method, url, accept, contentType, body string) (*http.Response, string) {
	w.T.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	w.check(err, "%s %s", method, url)
	req.Header.Set("User-Agent", "isthmus-e2e/1.0")
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := w.Ground.Lab.Client().Do(req)
	w.check(err, "%s %s", method, url)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	w.check(err, "%s %s", method, url)
	return resp, string(b)
}

// Answers returns nil when a URL has this status, asked without a signature.
func (w *World) Answers(url string, status int) error {
	w.T.Helper()
	if code, body := w.Fetch(url, "application/activity+json"); code != status {
		return fmt.Errorf("%s answers %d, want %d: %.200s", url, code, status, body)
	}
	return nil
}

// Findable returns nil when WebFinger knows the person.
func (w *World) Findable(p *Person) error {
	w.T.Helper()
	return w.Answers(w.Gateway.URL("/.well-known/webfinger?resource="+url.QueryEscape("acct:"+p.Handle())), 200)
}

// Actor is the person's actor id, as WebFinger tells it.
func (p *Person) Actor() string {
	p.w.T.Helper()
	return p.w.ActorOf(p.Handle())
}

// ActorOf is the actor id behind a handle of this gateway.
func (w *World) ActorOf(handle string) string {
	w.T.Helper()
	var jrd struct {
		Links []struct{ Rel, Type, Href string }
	}
	_, host, _ := strings.Cut(handle, "@")
	code, body := w.Fetch("https://"+host+"/.well-known/webfinger?resource="+url.QueryEscape("acct:"+handle), "application/jrd+json")
	if code != http.StatusOK {
		w.T.Fatalf("WebFinger of %s: %d %s", handle, code, body)
	}
	w.check(decode(body, &jrd), "WebFinger of %s", handle)
	for _, l := range jrd.Links {
		if l.Rel == "self" {
			return l.Href
		}
	}
	w.T.Fatalf("WebFinger of %s has no self link: %s", handle, body)
	return ""
}

// HandleOf waits until a community node has a handle and returns it. The
// gateway shortens names that are no handles, so it is asked: the command line
// lists every blog with its handle.
func (w *World) HandleOf(node string) string {
	w.T.Helper()
	var handle string
	w.Until("the handle of "+node, func() error {
		out, code := w.Gateway.Run("status")
		if code != 0 {
			return fmt.Errorf("status: %d %s", code, out)
		}
		for _, line := range strings.Split(out, "\n") {
			if !strings.Contains(line, node) {
				continue
			}
			for _, word := range strings.Fields(line) {
				if h := strings.Trim(word, "@(),;"); strings.HasSuffix(h, "@"+w.Gateway.Handles) {
					handle = h
					return nil
				}
			}
		}
		return fmt.Errorf("status does not show it: %s", out)
	})
	return handle
}

// Runs runs an ad-hoc command of the gateway to its end; fields are var, value
// pairs.
func (p *Person) Runs(node string, fields ...string) xmppclient.CommandAnswer {
	p.w.T.Helper()
	values := map[string]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		values[fields[i]] = fields[i+1]
	}
	a, err := p.Client.Command(p.w.Gateway.Component, node, values)
	p.w.check(err, "%s runs %s", p.JID, node)
	return a
}

// Settled returns when the gateway has dealt with everything that the person's
// account had sent it: it answers one sender's stanzas in order. What it has to say to
// those before is not taken for the answer.
func (p *Person) Settled() {
	p.w.T.Helper()
	mark := p.Client.Mark()
	_, err := p.Client.Chat(p.w.Gateway.Component, "help")
	p.w.check(err, "%s asks for help", p.JID)
	p.Hears(mark, "I connect XMPP with the Fediverse")
}

// Armed waits until the gateway's presence has reached the person's client: by
// it the server learns what the gateway wants to be told (XEP-0163 §4.3.2). The
// server asks for capabilities, unless it knows them, before it passes the
// presence on, and the gateway answers one account's stanzas in order.
func (p *Person) Armed() {
	p.w.T.Helper()
	p.w.Until("the gateway shows "+p.JID+" its presence", func() error {
		for _, e := range p.Client.Since(0) {
			if e.Name == "presence" && e.Attr["type"] == "" && bare(e.Attr["from"]) == p.w.Gateway.Component {
				return nil
			}
		}
		return fmt.Errorf("no presence of %s yet", p.w.Gateway.Component)
	})
	p.Settled()
}

// ExactlyOnce fails unless exactly one Create with this text was accepted by
// the fan's server.
func (w *World) ExactlyOnce(f *Fan, text string) {
	w.T.Helper()
	n := 0
	for _, r := range w.sentTo(f.at) {
		if a := r.Activity(); r.Status == http.StatusAccepted && a["type"] == "Create" && strings.Contains(Flat(a), text) {
			n++
		}
	}
	if n != 1 {
		w.T.Errorf("%d Creates of %q arrived at %s, want 1", n, text, f.at.Host)
	}
}
