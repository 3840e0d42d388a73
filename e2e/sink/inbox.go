package sink

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// inbox records a POST and answers it: with a fault that was asked for, with
// 401 when its signature is bad, else 202.
func (s *Sink) inbox(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	d := Delivery{At: time.Now(), Host: r.Host, Path: r.URL.Path, Header: r.Header.Clone(), Body: body, Status: http.StatusAccepted}
	json.Unmarshal(body, &d.Activity)
	f := s.fault(r.Host)
	if f != nil && f.Hold != nil && !s.hold(f, r) {
		return
	}
	if _, d.Bad = verify(r, body, s.publicKey); d.Bad != nil {
		d.Status = http.StatusUnauthorized
	}
	if f != nil && (f.Hold == nil || f.Status != 0) {
		d.Status = f.Status
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
	}
	s.record(d)
	if d.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(d.Status)
}

// hold keeps a request waiting until the fault lets go, and reports false when
// the sender gave up, or was killed, before that.
func (s *Sink) hold(f *Fault, r *http.Request) bool {
	s.held.Add(1)
	defer s.held.Add(-1)
	select {
	case <-r.Context().Done():
		return false
	case <-f.Hold:
		return r.Context().Err() == nil
	}
}

// Held is how many requests are being kept waiting.
func (s *Sink) Held() int { return int(s.held.Load()) }

func (s *Sink) record(d Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	arrived := [3]string{d.Host, d.Path, d.ID()}
	d.Duplicate = s.accepted[arrived]
	if d.Status == http.StatusAccepted {
		s.accepted[arrived] = true
	}
	s.got = append(s.got, d)
}

// Received returns the deliveries so far that fit; nil fits all.
func (s *Sink) Received(fits func(Delivery) bool) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Delivery
	for _, d := range s.got {
		if fits == nil || fits(d) {
			out = append(out, d)
		}
	}
	return out
}

// Fail makes inboxes answer with a fault; Heal ends all faults.
func (s *Sink) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal ends all faults.
func (s *Sink) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault takes the fault that applies to a request for host.
func (s *Sink) fault(host string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Host != "" && f.Host != host {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return f
	}
	return nil
}

// publicKey fetches a key the way peers do: the document named by the key id,
// signed with an actor of ours, must carry it. Keys are kept.
func (s *Sink) publicKey(id string) (*rsa.PublicKey, error) {
	s.mu.Lock()
	key := s.keys[id]
	s.mu.Unlock()
	if key != nil {
		return key, nil
	}
	var doc struct {
		ID        string
		PublicKey struct{ ID, Owner, PublicKeyPem string }
	}
	if err := s.Get("fetcher", "instance", id, &doc); err != nil {
		return nil, err
	}
	if doc.PublicKey.ID != id || doc.PublicKey.Owner != doc.ID {
		return nil, fmt.Errorf("%w: %s does not own key %s", ErrSignature, doc.ID, id)
	}
	key, err := decodeKey(doc.PublicKey.PublicKeyPem)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.keys[id] = key
	s.mu.Unlock()
	return key, nil
}

// Get fetches a JSON document with a GET signed by an actor.
func (s *Sink) Get(host, user, url string, out any) error {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	req.Header.Set("Accept", activityJSON)
	req.Header.Set("User-Agent", "isthmus-e2e-sink/1.0")
	if err := sign(req, nil, s.Actor(host, user)+"#main-key", s.key); err != nil {
		return err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s: %s", ErrRefused, url, resp.Status)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(out); err != nil {
		return fmt.Errorf("sink: %s: %w", url, err)
	}
	return nil
}
