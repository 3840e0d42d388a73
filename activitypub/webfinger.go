package activitypub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// webFinger answers RFC 7033 queries. Which accounts there are is the Handler's
// knowledge; here is only the form of the question and of the answer.
func (s *server) webFinger(w http.ResponseWriter, r *http.Request) error {
	query, err := parseQuery(r)
	if err != nil {
		return err
	}
	resources := query["resource"]
	if len(resources) != 1 { // RFC 7033 §4.1
		return refuse(ErrBadRequest, "there must be one resource")
	}
	q, ok := parseResource(resources[0])
	if !ok {
		return refuse(ErrBadRequest, "resource must be acct:user@host or an https address")
	}
	if q.Host == s.host || q.Host == s.cfg.HandleDomain {
		// FEP-d556, row D11: the server itself
		if q.User == q.Host || q.URL == "https://"+q.Host+"/" {
			q = FingerQuery{Instance: true}
		}
	} else if q.URL != "" {
		return ErrNotFound // row D6
	}
	if q.URL != "" {
		q.Host = ""
	}
	f, err := s.handler.Finger(r.Context(), q)
	if err != nil {
		return err
	}
	return writeJRD(w, r, typeJRD, describe(f, query["rel"]))
}

// describe makes the descriptor of an account. Both media types of
// ActivityStreams lead to the same actor, since peers look for one of the two
// by its very spelling (row D1). Links are limited to the relations asked for
// (RFC 7033 §4.3).
func describe(f Finger, rels []string) jrd {
	subject := f.Subject
	if !strings.HasPrefix(subject, "acct:") {
		subject = "acct:" + subject
	}
	doc := jrd{Subject: subject, Aliases: f.Aliases, Links: []jrdLink{}}
	links := []jrdLink{
		{Rel: relSelf, Type: typeActivity, Href: f.ActorID},
		{Rel: relSelf, Type: typeLD, Href: f.ActorID},
	}
	if f.ProfileURL != "" {
		links = append(links, jrdLink{Rel: relProfile, Type: typeHTML, Href: f.ProfileURL})
	}
	for _, l := range links {
		if len(rels) == 0 || slices.Contains(rels, l.Rel) {
			doc.Links = append(doc.Links, l)
		}
	}
	return doc
}

// writeJRD sends a descriptor as JSON.
func writeJRD(w http.ResponseWriter, r *http.Request, contentType string, doc any) error {
	body, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("activitypub: printing a descriptor: %w", err)
	}
	return send(w, r, contentType, append(body, '\n'))
}
