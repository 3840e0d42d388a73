package activitypub

import (
	"encoding/xml"
	"fmt"
	"net/http"
)

// hostMeta answers /.well-known/host-meta (RFC 6415 §2), where peers learn which
// host answers WebFinger: this one, also for a handle domain that forwards here
// (rows D8, D12). XML by default, JSON for who likes that more (row D9).
func (s *server) hostMeta(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	offers := []string{typeXRD, typeJRD, typeJSON, "application/xml", "text/xml"}
	switch t := parseAccept(r.Header.Values("Accept")).best(offers...); t {
	case typeJRD, typeJSON:
		return writeJRD(w, r, t, s.hostMetaDoc())
	default:
		body, err := xml.Marshal(s.hostMetaDoc())
		if err != nil {
			return fmt.Errorf("activitypub: printing host-meta: %w", err)
		}
		return send(w, r, t, append([]byte(xml.Header), body...))
	}
}

// hostMetaJSON answers /.well-known/host-meta.json (RFC 6415 §3).
func (s *server) hostMetaJSON(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	return writeJRD(w, r, parseAccept(r.Header.Values("Accept")).best(typeJRD, typeJSON), s.hostMetaDoc())
}

func (s *server) hostMetaDoc() jrd {
	return jrd{Links: []jrdLink{{
		Rel: relLRDD, Type: typeJRD, Template: s.cfg.PublicURL + "/.well-known/webfinger?resource={uri}",
	}}}
}
