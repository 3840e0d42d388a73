package activitypub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxToken = 128

// object serves documents with a token: actors, posts, activities. What is not there
// or deleted says so to everybody, signed or not (peers.md rule 9).
func (s *server) object(get func(context.Context, string) (Document, error)) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		if !isUnreserved(token) {
			return ErrNotFound
		}
		doc, err := get(r.Context(), token)
		if err == nil {
			err = s.mayRead(r, s.cfg.PublicURL+r.URL.Path, &doc)
		}
		if err != nil {
			return err
		}
		return s.document(w, r, doc)
	}
}

// collection serves the collections of an actor or a post, and their pages
// (AP §5).
func (s *server) collection(name string, get func(ctx context.Context, token, name, page string) (Document, error)) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		query, err := parseQuery(r)
		if err != nil {
			return err
		}
		page := query.Get("page")
		if !isUnreserved(token) || page != "" && !isUnreserved(page) {
			return ErrNotFound
		}
		doc, err := get(r.Context(), token, name, page)
		if err == nil {
			err = s.mayRead(r, s.cfg.PublicURL+strings.TrimSuffix(r.URL.Path, "/"+name), &doc)
		}
		if err != nil {
			return err
		}
		return s.document(w, r, doc)
	}
}

// document sends ActivityStreams with the one content type that every peer
// takes (row D15), or who wants a page to the page.
func (s *server) document(w http.ResponseWriter, r *http.Request, doc Document) error {
	h := w.Header()
	h.Add("Vary", "Accept") // row D16
	if doc.Private {
		h.Del("Access-Control-Allow-Origin")
		h.Add("Vary", "Signature")
	}
	if doc.HTMLURL != "" && !wantsObject(r, false) {
		h.Set("Location", doc.HTMLURL)
		w.WriteHeader(http.StatusFound)
		return nil
	}
	h.Set("Cache-Control", "no-cache") // to be kept, but asked for again
	if doc.Private {
		h.Set("Cache-Control", "private, no-store")
	}
	if !doc.Modified.IsZero() {
		h.Set("Last-Modified", doc.Modified.UTC().Format(http.TimeFormat))
	}
	etag := etagOf(doc.Body)
	h.Set("ETag", etag)
	if notModified(r, etag, doc.Modified) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return send(w, r, typeActivity, doc.Body)
}

// page serves everything else: pages for people. Those of actors and posts lead
// who asks for ActivityStreams to the id (rows D14, D17).
func (s *server) page(w http.ResponseWriter, r *http.Request) error {
	if handle, token, ok := pageOf(r.URL.Path); ok {
		w.Header().Add("Vary", "Accept")
		if wantsObject(r, true) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			id, err := s.handler.PageID(r.Context(), handle, token)
			if err != nil {
				return err
			}
			w.Header().Set("Location", id)
			w.WriteHeader(http.StatusFound)
			return nil
		}
	}
	if s.pages == nil {
		return ErrNotFound
	}
	s.pages.ServeHTTP(w, r)
	return nil
}

// pageOf takes /@handle and /@handle/TOKEN apart; feeds have no other form.
func pageOf(path string) (handle, token string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/@")
	if !ok {
		return "", "", false
	}
	handle, token, deep := strings.Cut(rest, "/")
	return handle, token, isUnreserved(handle) && (!deep || isUnreserved(token) && token != "feed.atom")
}

// send writes a whole body, or its headers for HEAD.
func send(w http.ResponseWriter, r *http.Request, contentType string, body []byte) error {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body) // nobody is left to tell when this fails
	}
	return nil
}

// etagOf makes a strong validator (RFC 9110 §8.8.3).
func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// notModified judges the preconditions of a GET (RFC 9110 §13.2.2): the date
// only counts when no tag is given.
func notModified(r *http.Request, etag string, modified time.Time) bool {
	if tags := r.Header.Values("If-None-Match"); len(tags) > 0 {
		for tag := range strings.SplitSeq(strings.Join(tags, ","), ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == etag || tag == "*" {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !modified.IsZero() && !modified.Truncate(time.Second).After(since)
}

// isUnreserved tells a token: only characters that no peer, proxy or signature
// scheme escapes (RFC 3986 §2.3).
func isUnreserved(s string) bool {
	return s != "" && len(s) <= maxToken && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~") == ""
}

// mediaTypes may be shown by a browser from this host. All others are handed
// out as files without meaning: above all nothing that a peer could take for an
// ActivityStreams document (attack X3), and nothing with scripts.
var mediaTypes = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/avif": true,
	"audio/mpeg": true, "audio/ogg": true, "audio/mp4": true, "audio/wav": true,
	"video/mp4": true, "video/webm": true, "video/ogg": true,
}

// media serves a file under the hash of its content, which never changes.
func (s *server) media(w http.ResponseWriter, r *http.Request) error {
	hash := r.PathValue("hash")
	if !isUnreserved(hash) {
		return ErrNotFound
	}
	contentType, data, err := s.handler.Media(r.Context(), hash)
	if err != nil {
		return err
	}
	h := w.Header()
	if !mediaTypes[contentType] {
		contentType = "application/octet-stream"
		h.Set("Content-Disposition", "attachment")
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+hash+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	return nil
}
