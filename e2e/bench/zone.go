package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"hash/maphash"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// zoneName is the zone of the servers that are written to: h0.load.test and so on.
const zoneName = "load.test"

// zoneConfig says where a zone listens and what it serves; it is read from standard input.
type zoneConfig struct {
	Addr      string // ip:443
	Cert, Key string // PEM files: the chain, the leaf's key
	Actors    string // PEM of the public key of every actor here
}

// faults are what a zone does wrong, by host: of a thousand hosts so many.
type faults struct {
	Failing int           // answer 503
	Slow    int           // answer after Delay
	Delay   time.Duration //
	Latency time.Duration // of every other answer
}

// tally is what arrived since it was last asked to begin anew.
type tally struct {
	Posts       int64 // taken
	Again       int64 // of them with the same bytes to the same inbox as one before
	Late        int64 // of them since the time that was asked for
	Refused     int64 // answered 503
	Slow        int64 // taken by a host that is slow; Posts has the others
	Connections int64 // accepted
	Resumed     int64 // of them with a ticket
	Gets        int64
	Bytes       int64 // of the bodies of the POSTs that were taken
	First, Last int64 // Unix nanoseconds of the first and the last POST, 0 for none

	Probes map[string]int64 // when the last POST came to a host whose name begins with p
}

// zone is thousands of servers of the Fediverse in a process of their own, behind one
// certificate for all of them. It reads what it gets, counts, and keeps nothing.
type zone struct {
	cfg    zoneConfig
	faults atomic.Pointer[faults]

	mu   sync.Mutex
	t    tally
	seen map[uint64]struct{} // hashes of inbox and body
	late []int64             // when the last POSTs came, Unix nanoseconds
}

// lately is how many POSTs a zone remembers the time of.
const lately = 10_000

// runZone serves until standard input ends. It prints the address of its control port.
func runZone() error {
	var cfg zoneConfig
	if err := json.NewDecoder(os.Stdin).Decode(&cfg); err != nil {
		return fmt.Errorf("zone: %w", err)
	}
	chain, err := tls.LoadX509KeyPair(cfg.Cert, cfg.Key)
	if err != nil {
		return fmt.Errorf("zone: %w", err)
	}
	z := &zone{cfg: cfg}
	z.begin()
	z.faults.Store(&faults{})
	ln, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("zone: %w", err)
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("zone: %w", err)
	}
	srv := &http.Server{
		Handler: z, TLSConfig: &tls.Config{Certificates: []tls.Certificate{chain}, VerifyConnection: z.connected},
		ReadHeaderTimeout: time.Minute,
	}
	go srv.ServeTLS(ln, "", "")
	go http.Serve(control, http.HandlerFunc(z.control))
	fmt.Println("http://" + control.Addr().String())
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, srv.Close())
}

func (z *zone) begin() {
	z.t, z.seen, z.late = tally{Probes: map[string]int64{}}, map[uint64]struct{}{}, nil
}

func (z *zone) connected(s tls.ConnectionState) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.t.Connections++
	if s.DidResume {
		z.t.Resumed++
	}
	return nil
}

// control tells the tally (GET, with what came since a time), begins it anew (DELETE), or
// sets the faults (PUT).
func (z *zone) control(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		var f faults
		if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		z.faults.Store(&f)
		return
	}
	since, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	z.mu.Lock()
	t := z.t
	t.Probes = maps.Clone(t.Probes)
	for i := len(z.late) - 1; i >= 0 && z.late[i] >= since; i-- {
		t.Late++
	}
	if r.Method == http.MethodDelete {
		z.begin()
	}
	z.mu.Unlock()
	json.NewEncoder(w).Encode(t)
}

func (z *zone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		z.document(w, r)
		return
	}
	at := time.Now().UnixNano()
	var what maphash.Hash
	what.SetSeed(seed)
	what.WriteString(r.Host + r.URL.Path)
	size, err := io.Copy(&what, r.Body)
	if err != nil {
		return // it was cut off: who sent it was killed
	}
	f := z.faults.Load()
	slow := false
	switch n := fate(r.Host); {
	case n < f.Failing:
		z.mu.Lock()
		z.t.Refused++
		z.mu.Unlock()
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case n < f.Failing+f.Slow:
		slow = true
		time.Sleep(f.Delay)
	default:
		time.Sleep(f.Latency)
	}
	z.mu.Lock()
	defer w.WriteHeader(http.StatusAccepted)
	defer z.mu.Unlock()
	if slow {
		z.t.Slow++
		return
	}
	z.t.Posts++
	z.t.Bytes += size
	if _, again := z.seen[what.Sum64()]; again {
		z.t.Again++
	}
	z.seen[what.Sum64()] = struct{}{}
	if len(z.late) == 2*lately {
		z.late = append(z.late[:0], z.late[lately:]...)
	}
	z.late = append(z.late, at)
	if z.t.First == 0 {
		z.t.First = at
	}
	z.t.Last = max(z.t.Last, at)
	if strings.HasPrefix(r.Host, "p") {
		z.t.Probes[r.Host] = at
	}
}

var seed = maphash.MakeSeed()

// fate says what becomes of a host when some fail, 0 to 999.
func fate(host string) int {
	h := fnv.New32a()
	io.WriteString(h, host)
	return int(h.Sum32() % 1000)
}

// document answers for actors, whatever their name, and finds them; all have the same key.
func (z *zone) document(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	z.t.Gets++
	z.mu.Unlock()
	if r.URL.Path == "/.well-known/webfinger" {
		acct := strings.TrimPrefix(r.URL.Query().Get("resource"), "acct:")
		user, _, _ := strings.Cut(acct, "@")
		w.Header().Set("Content-Type", "application/jrd+json")
		json.NewEncoder(w).Encode(map[string]any{"subject": "acct:" + acct, "links": []map[string]string{
			{"rel": "self", "type": "application/activity+json", "href": "https://" + r.Host + "/users/" + user}}})
		return
	}
	user, found := strings.CutPrefix(r.URL.Path, "/users/")
	if !found {
		http.NotFound(w, r)
		return
	}
	id := "https://" + r.Host + "/users/" + user
	w.Header().Set("Content-Type", "application/activity+json")
	json.NewEncoder(w).Encode(map[string]any{
		"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       id, "type": "Person", "preferredUsername": user,
		"inbox": id + "/inbox", "outbox": id + "/outbox",
		"endpoints": map[string]string{"sharedInbox": "https://" + r.Host + "/inbox"},
		"publicKey": map[string]string{"id": id + "#main-key", "owner": id, "publicKeyPem": z.cfg.Actors},
	})
}
