package world

import (
	"fmt"
	"net/http"
	"strings"
)

// maxStanza is docs/XEPS.md's; sizes of activities are the strict peers' business.
const maxStanza = 256 << 10

// audit looks at everything the gateway sent during a scenario, whatever the
// scenario was about: good signatures only, what strict peers demand, addresses of
// its own.
func (w *World) audit() {
	for _, at := range w.abroad {
		for _, r := range w.sentTo(at) {
			a := r.Activity()
			for _, problem := range inspect(a, fmt.Sprint(r.Headers["user-agent"])) {
				w.T.Errorf("to %s: %s: %s", at.Host, r, problem)
			}
			if r.Status == http.StatusUnauthorized && !r.Fault && a["type"] != "Delete" { // the key of a deleted actor is gone
				w.T.Errorf("%s refused the signature: %s", at.Host, r)
			}
		}
	}
	for _, d := range w.Sink.Received(nil) {
		if !w.ours(d.Activity) {
			continue
		}
		for _, problem := range inspect(d.Activity, d.Header.Get("User-Agent")) {
			w.T.Errorf("to %s%s: %s %s: %s", d.Host, d.Path, d.Type(), d.ID(), problem)
		}
		if d.Bad != nil && d.Type() != "Delete" {
			w.T.Errorf("to %s: %s: %v", d.Host, d.Type(), d.Bad)
		}
	}
	w.auditStrict()
	w.auditLog()
	for _, s := range w.Tap.Since(0, func(s Tapped) bool { return !s.ToGateway && s.Name != "handshake" }) {
		if s.Size > maxStanza {
			w.T.Errorf("a stanza of %d bytes: %.300s", s.Size, s)
		}
		_, host, found := strings.Cut(bare(s.Attr["from"]), "@")
		if !found {
			host = bare(s.Attr["from"])
		}
		if host != w.Gateway.Component || s.Attr["to"] == "" {
			w.T.Errorf("a stanza from %q to %q: %.300s", s.Attr["from"], s.Attr["to"], s)
		}
	}
}

// auditLog makes sure that the log can be shown to anybody: no secret of the
// component, no key, no signature that was sent.
func (w *World) auditLog() {
	secrets := map[string]string{"the component's secret": w.Server.Secret, "a private key": "PRIVATE KEY", "an Authorization header": "Authorization:"}
	for _, at := range w.abroad {
		for i, r := range w.sentTo(at) {
			_, value, found := strings.Cut(fmt.Sprint(r.Headers["signature"]), `signature="`)
			if value, _, _ = strings.Cut(value, `"`); found && len(value) > 40 {
				secrets[fmt.Sprint("signature ", i, " to ", at.Host)] = value[:40]
			}
		}
	}
	log := w.Gateway.Log()
	for what, secret := range secrets {
		if secret != "" && strings.Contains(log, secret) {
			w.T.Errorf("the log holds %s", what)
		}
	}
}

// inspect lists what is wrong with an activity, whoever gets it.
func inspect(a JSON, userAgent string) []string {
	var out []string
	for _, k := range []string{"@context", "id", "type", "actor", "object"} {
		if a[k] == nil {
			out = append(out, "no "+k)
		}
	}
	if userAgent == "" || strings.HasPrefix(userAgent, "Go-http-client") {
		out = append(out, "user agent "+userAgent)
	}
	return out
}
