package activitypub

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"

	"isthmus/activitypub/vocab"
)

// receive is the inbox (AP §7). The order is row S6's, cheap refusals first:
// recipient, headers, size, everything of the signature that needs no key,
// JSON, then the key, the signature, and whether the activity is the signer's.
// Nothing is believed, and the Handler not called, before all of that holds.
func (s *server) receive(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	token := r.PathValue("token")
	if token != "" {
		if !isUnreserved(token) {
			return ErrNotFound
		}
		if err := s.handler.InboxExists(ctx, token); err != nil {
			return err
		}
	}
	if err := checkPost(r); err != nil {
		return err
	}
	if err := s.checkHost(r); err != nil {
		return err
	}
	if r.Header.Get(signatureHeader) == "" {
		return refuse(ErrSignature, "there must be one Signature header")
	}
	body, err := readPost(w, r)
	if err != nil {
		return err
	}
	select {
	case s.inbox <- struct{}{}:
		defer func() { <-s.inbox }()
	default:
		return ErrBusy
	}

	signature, err := precheck(r, s.verifier.scheme(), body, s.verifier.now())
	if err != nil {
		return err
	}
	if hostOf(signature.key()) == s.host {
		return refuse(ErrSignature, "this is a key of ours")
	}
	in, err := readActivity(body)
	if err != nil {
		return err
	}
	in.Token, in.RequestID = token, requestID(ctx)
	if s.handler.Unwanted(ctx, signature.key(), in.Actor) {
		return s.drop(w, r, in, "its server or actor is blocked here")
	}
	isDelete := in.Doc.Is("Delete")
	// Row S16: every deletion of an account is sent to every server, which could
	// not even find its key any more. Of an unknown actor there is nothing here. A
	// deleted post is told to those alone who had it, and may come before it (I6).
	if isDelete && first(in.Doc.IDs("object")) == in.Actor && !s.handler.KnownActor(ctx, in.Actor) {
		return s.drop(w, r, in, "a Delete of an unknown actor")
	}

	owner, err := s.verifier.verify(ctx, r, signature)
	if isDelete && (errors.Is(err, errKeyGone) || errors.Is(err, errNoKey)) {
		if !s.confirmedGone(ctx, in, signature.key(), err) {
			return s.drop(w, r, in, "a Delete whose key is missing")
		}
		owner, err = in.Actor, nil
	}
	if err != nil {
		return err
	}
	if !s.hosts.allow(hostOf(owner)) {
		return ErrTooMany
	}
	if in.Doc.Is("Collection", "OrderedCollection") {
		return s.drop(w, r, in, "a collection") // row I14
	}
	if in.Actor != owner {
		if in.Forwarded, err = s.isForwarded(ctx, in); err != nil {
			return err
		}
	}
	in.Signer = owner
	if in.ID != "" && !sameHost(in.ID, in.Actor) {
		return refuse(ErrForbidden, "the activity's id is not on its actor's host")
	}
	if err := s.handler.Inbox(ctx, in); err != nil {
		return err
	}
	s.log.LogAttrs(ctx, slog.LevelDebug, "accepted", slog.String("request", in.RequestID),
		slog.String("activity", in.ID), slog.String("actor", in.Actor))
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// isForwarded judges an activity that somebody else brought than its actor. With a
// proof of its actor it is as good as if that had sent it (row S14). With one that we
// cannot check, the Handler can ask its origin (row S13): refusing would only make
// the forwarder come again. Follow and the like are between two: nobody brings them
// for others.
func (s *server) isForwarded(ctx context.Context, in Inbound) (bool, error) {
	if in.Doc["signature"] == nil && in.Doc["proof"] == nil {
		return false, refuse(ErrForbidden, "the key is not the actor's")
	}
	if in.Doc["proof"] == nil || in.ID == "" || !in.Doc.Is("Create", "Update", "Delete") || !sameHost(first(in.Doc.IDs("object")), in.Actor) {
		return true, nil
	}
	err := s.verifier.VerifyProof(ctx, in.Doc, in.Actor)
	s.log.LogAttrs(ctx, slog.LevelDebug, "forwarded", slog.String("activity", in.ID), slog.Any("proof", err))
	return err != nil, nil
}

// confirmedGone tells whether an actor that says it is deleted is so by its own
// server's word, which is as good as a signature (row S16).
func (s *server) confirmedGone(ctx context.Context, in Inbound, keyID string, err error) bool {
	if in.Actor != first(in.Doc.IDs("object")) || !sameHost(in.Actor, keyID) || !errors.Is(err, errKeyGone) {
		return false
	}
	return stripFragment(keyID) == in.Actor || s.verifier.gone(ctx, in.Actor)
}

// drop answers 202 to what is not wanted and would come again otherwise.
func (s *server) drop(w http.ResponseWriter, r *http.Request, in Inbound, why string) error {
	s.log.LogAttrs(r.Context(), slog.LevelDebug, "dropped", slog.String("request", in.RequestID),
		slog.String("activity", in.ID), slog.String("actor", in.Actor), slog.String("reason", why))
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// checkPost judges the headers of a POST: ActivityStreams (AP §7; ld+json also
// without its profile), not encoded, not declared too large.
func checkPost(r *http.Request) error {
	types := r.Header.Values("Content-Type")
	if len(types) != 1 {
		return ErrMediaType
	}
	t, _, err := mime.ParseMediaType(types[0])
	if err != nil || t != typeActivity && t != "application/ld+json" {
		return ErrMediaType
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return refuse(ErrMediaType, "without Content-Encoding")
	}
	if r.ContentLength > maxBody {
		return ErrTooLarge
	}
	return nil
}

// checkHost makes sure that a signature over the Host header was meant for this
// server: otherwise what was sent to another one could be sent here again.
func (s *server) checkHost(r *http.Request) error {
	host := strings.TrimSuffix(strings.ToLower(r.Host), ":443")
	if host != strings.TrimSuffix(s.host, ":443") {
		return refuse(ErrSignature, "the Host header must be "+s.host+" (a proxy has to pass it on unchanged)")
	}
	return nil
}

func readPost(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, ErrTooLarge
	case err != nil:
		return nil, refuse(ErrBadRequest, "the body ended early")
	}
	return body, nil
}

// readActivity reads as much of an activity as the border needs.
func readActivity(body []byte) (Inbound, error) {
	doc, err := vocab.Read(body, vocab.Limits{})
	switch {
	case errors.Is(err, vocab.ErrDuplicate):
		return Inbound{}, refuse(ErrBadRequest, "a member occurs twice") // attack X5
	case errors.Is(err, vocab.ErrLimit):
		return Inbound{}, refuse(ErrBadRequest, "nested too deep, or too many values")
	case err != nil:
		return Inbound{}, refuse(ErrBadRequest, "the body is not a JSON object")
	}
	types := doc.Types()
	if len(types) == 0 {
		return Inbound{}, refuse(ErrBadRequest, "type is missing")
	}
	in := Inbound{ID: doc.ID(), Type: types[0], Doc: doc, Body: body}
	switch actors := doc.IDs("actor"); {
	case len(actors) == 1:
		in.Actor = actors[0]
	case !doc.Is("Collection", "OrderedCollection"):
		return Inbound{}, refuse(ErrBadRequest, "there must be one actor")
	}
	return in, nil
}
