package world

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"isthmus/e2e/strict"
)

// most is how many documents of one kind are looked at after a scenario.
const most = 40

// auditStrict asks what seven servers (package strict) would have refused: of each
// request that the gateway made, and of each actor and post that it spoke of, as the
// gateway serves it at the end.
func (w *World) auditStrict() {
	requests := w.requests()
	actors, posts := map[string]bool{}, map[string]bool{}
	for _, r := range requests {
		for _, p := range strict.Peers {
			for _, problem := range p.Request(r) {
				w.T.Errorf("%s %s%s: %s\n%.600s", r.Method, r.Host, r.Path, problem, r.Body)
			}
		}
		if id := signer(r.Header); id != "" {
			actors[id] = true
		}
		var a JSON
		if decode(string(r.Body), &a) == nil && (a["type"] == "Create" || a["type"] == "Update") {
			if id := objectID(a); !actors[id] {
				posts[id] = true
			}
		}
	}
	w.documents(actors, strict.Peer.Actor, func(body JSON) { w.finger(body) })
	w.documents(posts, strict.Peer.Object, nil)
}

// requests are all that the gateway signed.
func (w *World) requests() []strict.Request {
	var out []strict.Request
	for _, at := range w.abroad {
		all, err := at.Since(at.mark, 0)
		w.check(err, "journal of %s", at.Host)
		for _, r := range all {
			h := http.Header{}
			for name, v := range r.Headers {
				if list, is := v.([]any); is {
					for _, e := range list {
						h.Add(name, fmt.Sprint(e))
					}
					continue
				}
				h.Set(name, fmt.Sprint(v))
			}
			// What is passed on unchanged has another's actor, and is for those who know its proof.
			if strings.HasPrefix(signer(h), w.Gateway.URL("/")) && (r.Method == http.MethodGet || w.ours(r.Activity())) {
				out = append(out, strict.Request{Method: r.Method, Host: at.Host, Path: r.Path, Header: h, Body: []byte(r.Body), At: r.At})
			}
		}
	}
	for _, d := range w.Sink.Received(nil) {
		if w.ours(d.Activity) {
			out = append(out, strict.Request{Method: http.MethodPost, Host: d.Host, Path: d.Path, Header: d.Header, Body: d.Body, At: d.At})
		}
	}
	return out
}

// signer is the actor whose key signed.
func signer(h http.Header) string {
	for _, name := range []string{"Signature-Input", "Signature"} {
		for _, start := range []string{`keyid="`, `keyId="`} {
			if _, rest, found := strings.Cut(h.Get(name), start); found {
				id, _, _ := strings.Cut(rest, "#")
				return id
			}
		}
	}
	return ""
}

// documents shows what the gateway serves at these ids to all strict peers. What is
// gone, private or not to be had unsigned is no fault; a gateway that a scenario has
// ended serves nothing.
func (w *World) documents(ids map[string]bool, judge func(strict.Peer, strict.Document) []string, then func(JSON)) {
	n := 0
	for id := range ids {
		if n++; n > most {
			return
		}
		doc, err := w.serves(id, "application/activity+json")
		if err != nil {
			return
		}
		switch doc.Status {
		case http.StatusUnauthorized, http.StatusNotFound, http.StatusGone, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway: // the last: the front door, of a gateway that is not there
			continue
		}
		for _, p := range strict.Peers {
			for _, problem := range judge(p, doc) {
				w.T.Errorf("%s: %s\n%.1500s", id, problem, doc.Body)
			}
		}
		var body JSON
		if then != nil && decode(string(doc.Body), &body) == nil {
			then(body)
		}
	}
}

// finger asks WebFinger for an actor by the name that it gives itself.
func (w *World) finger(actor JSON) {
	name, _ := actor["webfinger"].(string)
	_, host, _ := strings.Cut(name, "@")
	doc, err := w.serves("https://"+host+"/.well-known/webfinger?resource="+url.QueryEscape("acct:"+name), "application/jrd+json")
	if err != nil || doc.Status == http.StatusTooManyRequests || doc.Status == http.StatusBadGateway {
		return
	}
	for _, p := range strict.Peers {
		for _, problem := range p.Finger(doc) {
			w.T.Errorf("WebFinger of %s: %s\n%s", name, problem, doc.Body)
		}
	}
	if id, _ := actor["id"].(string); !strings.Contains(string(doc.Body), `"`+id+`"`) {
		w.T.Errorf("WebFinger of %s does not name %s: %s", name, id, doc.Body)
	}
}

// serves gets one document, unsigned; an error is that there is nobody to serve.
func (w *World) serves(id, accept string) (strict.Document, error) {
	req, err := http.NewRequest(http.MethodGet, id, nil)
	if err != nil {
		return strict.Document{}, err
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "isthmus-e2e/1.0")
	resp, err := w.Ground.Lab.Client().Do(req)
	if err != nil {
		return strict.Document{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return strict.Document{URL: id, Status: resp.StatusCode, ContentType: resp.Header.Get("Content-Type"), Body: body}, err
}
