package activitypub

import (
	"cmp"
	"crypto"
	"encoding/json"
	"net"
	"net/http"
	"time"
)

// Echo is what arrived here of a request that an admin's check sent to the public address:
// what stands between shows in the difference.
type Echo struct {
	Method    string   `json:"method"`
	Target    string   `json:"target"` // as on the wire
	Host      string   `json:"host"`
	From      string   `json:"from"`      // address of who connected, such as the web server's
	Trusted   bool     `json:"trusted"`   // its X-Forwarded-For is believed
	Client    string   `json:"client"`    // address that limits count, "" when only a proxy is known
	Forwarded []string `json:"forwarded"` // X-Forwarded-For
	Accept    string   `json:"accept"`
	Body      int      `json:"body"`      // bytes
	Signature string   `json:"signature"` // why it is refused, "" when it is good or there is none
}

// EchoPath is where a server answers with an Echo, followed by a token.
const EchoPath = "/ap/echo/"

// echo answers who has a token of the gateway's; for everybody else there is nothing.
func (s *server) echo(w http.ResponseWriter, r *http.Request) error {
	key, ok := s.cfg.Echo(r.Context(), r.PathValue("token"))
	if !ok {
		return ErrNotFound
	}
	body, err := readPost(w, r)
	if err != nil {
		return err
	}
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	e := Echo{
		Method: r.Method, Target: cmp.Or(r.RequestURI, r.URL.RequestURI()), Host: r.Host, From: from, Client: s.cfg.Limits.addressOf(r),
		Forwarded: r.Header.Values("X-Forwarded-For"), Accept: r.Header.Get("Accept"), Body: len(body),
	}
	direct := *r
	direct.Header = http.Header{}
	e.Trusted = s.cfg.Limits.addressOf(&direct) == ""
	if r.Header.Get(signatureHeader) != "" || r.Header.Get(inputHeader) != "" {
		if err := s.echoed(r, body, key); err != nil {
			e.Signature = err.Error()
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(e)
}

func (s *server) echoed(r *http.Request, body []byte, key crypto.PublicKey) error {
	if err := s.checkHost(r); err != nil {
		return err
	}
	if r.Method == http.MethodGet {
		body = nil
	}
	signature, err := precheck(r, s.verifier.scheme(), body, time.Now())
	if err != nil {
		return err
	}
	if !signature.matches(r, key) {
		return refuse(ErrSignature, "wrong signature")
	}
	return nil
}
