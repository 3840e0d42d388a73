package activitypub

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// fingers serves WebFinger: JRDs by resource.
func (p *peer) fingers(answers map[string]string) {
	p.on("/.well-known/webfinger", func(w http.ResponseWriter, r *http.Request) {
		doc, ok := answers[r.URL.Query().Get("resource")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/jrd+json; charset=utf-8")
		io.WriteString(w, strings.ReplaceAll(doc, "$BASE", p.URL))
	})
}

const selfLink = `"links":[{"rel":"http://webfinger.net/rel/profile-page","type":"text/html","href":"$BASE/@bob"},
	{"rel":"self","type":"text/html","href":"$BASE/@bob"},{"rel":"self","type":"application/activity+json","href":"$BASE/users/bob"}]`

func TestFinger(t *testing.T) {
	p, other, c := newPeer(t), newPeer(t), newClient(t)
	host, ap := p.Listener.Addr().String(), other.Listener.Addr().String()
	p.fingers(map[string]string{
		"acct:bob@" + host:   `{"subject":"acct:Bob@` + strings.ToUpper(host) + `",` + selfLink + `}`,
		"acct:alias@" + host: `{"subject":"acct:bob@` + host + `",` + selfLink + `}`,
		// what bob@ap host is called here, and a liar about another host
		"acct:split@" + host:     strings.ReplaceAll(`{"subject":"acct:split@`+host+`",`+selfLink+`}`, "$BASE", other.URL),
		"acct:liar@" + host:      `{"subject":"acct:bob@` + ap + `",` + selfLink + `}`,
		"acct:hop@" + host:       `{"subject":"acct:alias@` + host + `",` + selfLink + `}`,
		"acct:nosubject@" + host: `{` + selfLink + `}`,
		"acct:web@" + host:       `{"subject":"acct:web@` + host + `","links":[{"rel":"self","type":"text/html","href":"$BASE/@web"}]}`,
		"acct:evil@" + host:      `{"subject":"acct:evil@` + host + `","links":[{"rel":"self","type":"application/activity+json","href":"https://10.0.0.1/"}]}`,
		"acct:bad@" + host:       `{"subject":1}`,
	})
	other.fingers(map[string]string{
		"acct:bob@" + ap:   `{"subject":"acct:bob@` + ap + `",` + selfLink + `}`,
		"acct:split@" + ap: `{"subject":"acct:split@` + host + `",` + selfLink + `}`,
	})
	for handle, want := range map[string]string{
		"bob@" + host:       p.URL + "/users/bob",
		"@bob@" + host:      p.URL + "/users/bob",
		"acct:bob@" + host:  p.URL + "/users/bob",
		"ACCT:@bob@" + host: p.URL + "/users/bob",
		"alias@" + host:     p.URL + "/users/bob",
		"split@" + ap:       other.URL + "/users/bob",
		"split@" + host:     other.URL + "/users/bob",
	} {
		got, subject, err := c.Finger(t.Context(), handle)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", handle, got, err)
		}
		wantSubject := "bob@" + host
		if strings.HasPrefix(handle, "split") {
			wantSubject = "split@" + host
		}
		equal(t, "subject of "+handle, strings.ToLower(subject), wantSubject)
	}
	for _, user := range []string{"liar", "hop", "nosubject", "web", "evil", "bad"} {
		_, _, err := c.Finger(t.Context(), user+"@"+host)
		wantErr(t, user, err, ErrFinger)
	}
	_, _, err := c.Finger(t.Context(), "nobody@"+host)
	equal(t, "unknown is gone", Gone(err), true)
	equal(t, "unsigned", p.request(0).Header.Get("Signature"), "")
}

// TestX15_Handles: the domain becomes part of an address (attack X15).
func TestX15_Handles(t *testing.T) {
	c := newClient(t, func(cfg *ClientConfig) { cfg.AllowPrivate = nil })
	for _, handle := range []string{"", "@", "bob", "bob@", "@mastodon.example", "@@mastodon.example", "a@b@mastodon.example",
		"bob@mastodon.example/x", "bob@mastodon.example?x", "bob@mastodon.example#x", "bob@mastodon.example:8080",
		"bob@user:pass@mastodon.example", "bob@127.0.0.1", "bob@localhost", "bob@[::1]", "bob@mastodon..example", "bob@mastodon.example.",
		"bo b@mastodon.example", "bob\n@mastodon.example", "bob@mastodon.example\r\nX: y", "bob/x@mastodon.example", "bob@a b.example",
		strings.Repeat("x", 2000) + "@mastodon.example", "bob@%6d.example", "bob@" + strings.Repeat("a", 64) + ".example"} {
		_, _, err := c.Finger(t.Context(), handle)
		wantErr(t, handle, err, ErrHandle)
	}
	user, host, err := c.splitHandle("Bob@BÜCHER.example")
	if err != nil || user != "Bob" || host != "xn--bcher-kva.example" {
		t.Errorf("%s, %s, %v", user, host, err)
	}
}

// TestFingerHostMeta: where WebFinger has no answer, host-meta tells the place,
// in XML or JSON.
func TestFingerHostMeta(t *testing.T) {
	apex, ap, c := newPeer(t), newPeer(t), newClient(t)
	host := apex.Listener.Addr().String()
	ap.fingers(map[string]string{"acct:bob@" + host: `{"subject":"acct:bob@` + host + `",` + selfLink + `}`})
	template := ap.URL + "/.well-known/webfinger?resource={uri}"
	for contentType, doc := range map[string]string{
		"application/xrd+xml; charset=utf-8": `<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
			<Link rel="other" template="x"/><Link rel="lrdd" type="application/jrd+json" template="` + template + `"/></XRD>`,
		"application/jrd+json": `{"links":[{"rel":"lrdd","template":"` + template + `"}]}`,
		"application/json":     ` {"links":[{"rel":"lrdd","template":"` + template + `"}]}`,
	} {
		apex.on("/.well-known/host-meta", serveAs(contentType, doc))
		got, subject, err := c.Finger(t.Context(), "bob@"+host)
		if err != nil || got != ap.URL+"/users/bob" || subject != "bob@"+host {
			t.Errorf("%s: %s, %s, %v", contentType, got, subject, err)
		}
	}
	for name, doc := range map[string]string{
		"no template":   `{"links":[]}`,
		"no {uri}":      `{"links":[{"rel":"lrdd","template":"https://x.example/"}]}`,
		"not JSON":      `{`,
		"private place": `{"links":[{"rel":"lrdd","template":"https://10.0.0.1/{uri}"}]}`,
	} {
		apex.on("/.well-known/host-meta", serveAs("application/json", doc))
		if _, _, err := c.Finger(t.Context(), "bob@"+host); err == nil {
			t.Errorf("%s: believed", name)
		}
	}
	apex.on("/.well-known/webfinger", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusGone) })
	before := len(apex.requests())
	_, _, err := c.Finger(t.Context(), "bob@"+host)
	equal(t, "410 is the last word", Gone(err), true)
	equal(t, "requests", len(apex.requests())-before, 1)
	apex.on("/.well-known/webfinger", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, ap.URL+r.URL.RequestURI(), http.StatusMovedPermanently)
	})
	got, _, err := c.Finger(t.Context(), "bob@"+host)
	equal(t, "by redirect", fmt.Sprint(got, err), ap.URL+"/users/bob<nil>")
}
