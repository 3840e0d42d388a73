package world

import (
	"fmt"
	"net/http"
	"strings"
)

// Limits of everything the gateway sends (docs/FEDERATION.md).
const (
	maxActivity = 64 << 10
	maxDepth    = 8
	maxStanza   = 256 << 10
)

// audit looks at everything the gateway sent during a scenario, whatever the
// scenario was about: good signatures only, sizes, headers that some peer
// demands, addresses of its own.
func (w *World) audit() {
	for _, at := range w.abroad {
		for _, r := range w.sentTo(at) {
			a := r.Activity()
			for _, problem := range inspect(a, len(r.Body), func(name string) string { return fmt.Sprint(r.Headers[strings.ToLower(name)]) }) {
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
		for _, problem := range inspect(d.Activity, len(d.Body), d.Header.Get) {
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

// inspect lists what is wrong with an activity and its request's headers.
func inspect(a JSON, size int, header func(string) string) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if size >= maxActivity {
		bad("%d bytes", size)
	}
	if d := depth(a); d > maxDepth {
		bad("nested %d deep", d)
	}
	for _, k := range []string{"@context", "id", "type", "actor", "object"} {
		if a[k] == nil {
			bad("no %s", k)
		}
	}
	if !strings.HasPrefix(header("Content-Type"), "application/activity+json") {
		bad("content type %q", header("Content-Type"))
	}
	if ua := header("User-Agent"); ua == "" || strings.HasPrefix(ua, "Go-http-client") {
		bad("user agent %q", ua)
	}
	signed, demanded := header("Signature"), []string{"(request-target)", "host", "date", "digest"}
	if input := header("Signature-Input"); strings.HasPrefix(input, "sig1=") { // RFC 9421, for who refused the draft
		signed, demanded = input, []string{`"@method"`, `"@target-uri"`, `"content-digest"`, "created=", "keyid="}
	}
	for _, covered := range demanded {
		if !strings.Contains(signed, covered) {
			bad("%s is not signed: %q", covered, signed)
		}
	}
	return out
}

// depth is how deep a JSON value is nested; a scalar is 0.
func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			deepest = max(deepest, depth(e))
		}
	case JSON:
		for _, e := range v {
			deepest = max(deepest, depth(e))
		}
	default:
		return 0
	}
	return deepest + 1
}
