// Package sink is a Fediverse of many small hosts in one place: any number of
// host names below one zone, each with as many actors as are asked for, that
// can follow and then count what they are sent. It is for numbers: a thousand
// followers on ten hosts, two hundred deliveries, hosts that fail.
//
// Signatures are made and checked by its own code. It keeps no followers and
// answers no activities; package peer is the server that takes part.
package sink

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/netlab"
)

// ErrRefused wraps an answer that is not 2xx.
var ErrRefused = errors.New("sink: refused")

const (
	activityJSON = "application/activity+json"
	maxBody      = 4 << 20
)

// Sink holds the hosts of one zone, "sink.test". Host names are H.sink.test.
type Sink struct {
	Zone string

	http *http.Client
	key  *rsa.PrivateKey // one for all actors: their ids differ, and keys are dear

	held     atomic.Int64
	mu       sync.Mutex
	keys     map[string]*rsa.PublicKey
	got      []Delivery
	accepted map[[3]string]bool // host, path and id of what was taken
	faults   []*Fault
}

// Delivery is one POST that arrived.
type Delivery struct {
	At        time.Time
	Host      string
	Path      string // "/inbox" is the shared inbox
	Header    http.Header
	Body      []byte
	Activity  map[string]any // nil when the body is no JSON object
	Bad       error          // of its signature, digest or date; nil when good
	Status    int            // what was answered, 0 when the connection was cut
	Duplicate bool           // the same activity was accepted here before
}

// Type is the activity's type.
func (d Delivery) Type() string { s, _ := d.Activity["type"].(string); return s }

// ID is the activity's id.
func (d Delivery) ID() string { s, _ := d.Activity["id"].(string); return s }

// Fault is an answer given instead of 202.
type Fault struct {
	Host       string // "" is any
	Status     int    // 0 cuts the connection
	Times      int    // how often; 0 until Heal
	RetryAfter string
	Hold       <-chan struct{} // answer only when it is closed
}

// New opens a zone in the lab.
func New(lab *netlab.Lab, zone string) (*Sink, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	s := &Sink{Zone: zone, http: lab.Client(), key: key, keys: map[string]*rsa.PublicKey{}, accepted: map[[3]string]bool{}}
	lab.Serve("*."+zone, s)
	return s, nil
}

// Host is the full name of host h.
func (s *Sink) Host(h string) string { return h + "." + s.Zone }

// Actor is the id of an actor; every name exists.
func (s *Sink) Actor(host, user string) string { return "https://" + s.Host(host) + "/users/" + user }

// ServeHTTP answers WebFinger, actor documents and inboxes.
func (s *Sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, user := r.Host, ""
	if rest, ok := strings.CutPrefix(r.URL.Path, "/users/"); ok {
		user, _, _ = strings.Cut(rest, "/")
	}
	switch {
	case r.Method == http.MethodPost && (r.URL.Path == "/inbox" || user != "" && strings.HasSuffix(r.URL.Path, "/inbox")):
		s.inbox(w, r)
	case r.Method == http.MethodGet && r.URL.Path == "/.well-known/webfinger":
		acct := strings.TrimPrefix(r.URL.Query().Get("resource"), "acct:")
		name, _, _ := strings.Cut(acct, "@")
		write(w, "application/jrd+json", map[string]any{"subject": "acct:" + name + "@" + host, "links": []any{
			map[string]any{"rel": "self", "type": activityJSON, "href": "https://" + host + "/users/" + name},
			// The pages to act from that Mastodon offers, and a server with intents (FEP-3b86).
			map[string]any{"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "https://" + host + "/authorize_interaction?uri={uri}"},
			map[string]any{"rel": "https://w3id.org/fep/3b86/Follow", "template": "https://" + host + "/intents/follow?object={object}&back={on-success}"}}})
	case r.Method == http.MethodGet && r.URL.Path == "/users/"+user && user != "":
		write(w, activityJSON, s.actor(host, user))
	default:
		http.NotFound(w, r)
	}
}

func write(w http.ResponseWriter, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	json.NewEncoder(w).Encode(v)
}

func (s *Sink) actor(host, user string) map[string]any {
	id := "https://" + host + "/users/" + user
	return map[string]any{
		"@context":          []any{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":                id,
		"type":              "Person",
		"preferredUsername": user,
		"inbox":             id + "/inbox",
		"outbox":            id + "/outbox",
		"endpoints":         map[string]any{"sharedInbox": "https://" + host + "/inbox"},
		"publicKey":         map[string]any{"id": id + "#main-key", "owner": id, "publicKeyPem": encodeKey(&s.key.PublicKey)},
	}
}

// Follow lets an actor follow target, whose inbox is given. It returns the id
// of the Follow.
func (s *Sink) Follow(host, user, target, inbox string) (string, error) {
	actor := s.Actor(host, user)
	id := fmt.Sprintf("%s/follows/%d", actor, time.Now().UnixNano())
	return id, s.Post(host, user, inbox, map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Follow", "actor": actor, "object": target,
	})
}

// Unfollow takes a Follow back.
func (s *Sink) Unfollow(host, user, target, inbox, follow string) error {
	actor := s.Actor(host, user)
	return s.Post(host, user, inbox, map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": follow + "/undo", "type": "Undo", "actor": actor,
		"object": map[string]any{"id": follow, "type": "Follow", "actor": actor, "object": target},
	})
}

// Post sends an activity, signed by the actor.
func (s *Sink) Post(host, user, inbox string, activity map[string]any) error {
	body, err := json.Marshal(activity)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	req, err := http.NewRequest(http.MethodPost, inbox, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	req.Header.Set("Content-Type", activityJSON)
	req.Header.Set("User-Agent", "isthmus-e2e-sink/1.0")
	if err := sign(req, body, s.Actor(host, user)+"#main-key", s.key); err != nil {
		return err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%w: %s: %s %s", ErrRefused, inbox, resp.Status, answer)
	}
	return nil
}

// Wait waits until at least n deliveries fit, and returns all that do.
func (s *Sink) Wait(limit time.Duration, n int, fits func(Delivery) bool) ([]Delivery, error) {
	var out []Delivery
	err := await.Until(context.Background(), limit, func() error {
		if out = s.Received(fits); len(out) < n {
			return fmt.Errorf("%s: %d deliveries, waiting for %d", s.Zone, len(out), n)
		}
		return nil
	})
	return out, err
}
