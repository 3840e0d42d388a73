package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"isthmus/db"
	"isthmus/e2e/await"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// load is one gateway with an XMPP server on one side and a zone on the other.
type load struct {
	*world.World
	t       *stage
	key     *rsa.PrivateKey // of every actor of the zone
	addr    string          // of the zone, ip:443
	root    string          // PEM file
	control string          // of the zone, an address
	self    string          // this program

	profiled bool // the gateway writes a profile of each measurement
}

// newLoad starts the zone and prepares a gateway; settings are added to its configuration.
func newLoad(s *stage, ground *world.Ground, f xmppserver.Flavour, settings string) *load {
	must := func(err error) {
		if err != nil {
			s.Fatalf("bench: %v", err)
		}
	}
	l := &load{World: world.Prepare(s, ground, f, world.Quick(settings)), t: s}
	l.Gateway.Rewrite(`level = "debug"`, `level = "warn"`)
	l.Gateway.Rewrite("[http]\n", "[http]\nrate_address = 0\nrate_host = 0\n") // all of them are at one address here
	var err error
	if l.profiled = profiles; !profiles {
		must(os.Setenv("ISTHMUS_LAB_PROFILE", filepath.Join(l.Gateway.Dir, "profile-")))
	}
	l.self, err = os.Executable()
	must(err)
	dir := filepath.Join(l.Gateway.Dir, "zone")
	must(os.Mkdir(dir, 0o700))
	cert, key, root, err := chain(dir, "*."+zoneName)
	must(err)
	l.root = root
	l.key, err = rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	must(trust(ground.Lab.CAFile, root))
	public, err := x509.MarshalPKIXPublicKey(&l.key.PublicKey)
	must(err)
	l.addr = ground.Lab.Host("*."+zoneName).String() + ":443"
	_, l.control = l.server("zone", zoneConfig{Addr: l.addr, Cert: cert, Key: key,
		Actors: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))})
	return l
}

// trust adds the certificates of one file to another.
func trust(file, more string) error {
	b, err := os.ReadFile(more)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// ask speaks to the zone's control port.
func (l *load) ask(method string, in any) tally { return l.askOf(method, "", in) }

func (l *load) askOf(method, query string, in any) (t tally) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			l.t.Fatalf("zone: %v", err)
		}
		body = strings.NewReader(string(b))
	}
	req, err := http.NewRequest(method, l.control+query, body)
	if err != nil {
		l.t.Fatalf("zone: %v", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.t.Fatalf("zone: %v", err)
	}
	defer resp.Body.Close()
	if method != http.MethodPut {
		if err := json.NewDecoder(resp.Body).Decode(&t); err != nil {
			l.t.Fatalf("zone: %v", err)
		}
	}
	return t
}

// arrived waits until n POSTs were taken since the tally began anew.
func (l *load) arrived(n int) tally {
	var t tally
	await.True(l.t, 20*time.Minute, fmt.Sprintf("%d deliveries", n), func() error {
		if t = l.ask(http.MethodGet, nil); t.Posts < int64(n) {
			return fmt.Errorf("%d", t.Posts)
		}
		return nil
	})
	return t
}

// blogger turns on federation for somebody new.
func (l *load) blogger(name string) *world.Person {
	p := l.Person(name)
	p.Opens()
	p.Starts()
	return p
}

// database opens that of the gateway, which does not run.
func (l *load) database() *db.DB {
	url := l.Gateway.DB
	if file, is := strings.CutPrefix(url, "sqlite:"); is {
		url = "sqlite:" + filepath.Join(l.Gateway.Dir, file)
	}
	d, err := db.Open(context.Background(), url)
	if err != nil {
		l.t.Fatalf("bench: %v", err)
	}
	return d
}

// audience is who follows a blog in a benchmark.
type audience struct {
	first, hosts int // h{first} and so on
	per          int // followers on each
	shared       bool
}

// follow writes followers to the database of a gateway that does not run: a hundred
// thousand real ones would take ten minutes.
func (l *load) follow(p *world.Person, a audience) {
	ctx := context.Background()
	d := l.database()
	defer d.Close()
	blog, err := d.BlogByNode(ctx, p.JID, "urn:xmpp:microblog:0")
	if err != nil {
		l.t.Fatalf("bench: %v", err)
	}
	for h := range a.hosts {
		if err := d.Tx(ctx, func(tx *db.Tx) error {
			for u := range a.per {
				host := hostName(a.first + h)
				actor := fmt.Sprintf("https://%s/users/u%d", host, u)
				f := db.Follower{BlogID: blog.ID, Actor: actor, Own: actor + "/inbox", Inbox: actor + "/inbox", Host: host, State: "accepted",
					Follow: actor + "/follow/" + p.User, Created: time.Now().UnixMilli()}
				if a.shared {
					f.Inbox = "https://" + host + "/inbox"
				}
				if _, err := tx.PutFollower(ctx, f); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			l.t.Fatalf("bench: %v", err)
		}
	}
}

// post publishes one and measures what the gateway takes to deliver it to n inboxes.
func (l *load) post(p *world.Person, n int, text string) (sample, tally) {
	l.ask(http.MethodDelete, nil)
	if err := l.Gateway.Process().Forget(); err != nil {
		l.t.Fatalf("bench: %v", err)
	}
	var t tally
	begun := time.Now()
	s := l.cost(l.Gateway.Process(), n, func() {
		p.Publishes(text)
		t = l.arrived(n)
		l.idle()
	})
	_, peak, err := l.Gateway.Process().Memory()
	if err != nil {
		l.t.Fatalf("bench: %v", err)
	}
	s.Wall, s.Peak = time.Unix(0, t.Last).Sub(begun), peak
	return s, t
}

// idle waits until the gateway has stored what it did.
func (l *load) idle() {
	await.True(l.t, time.Minute, "an empty queue", func() error {
		if out, _ := l.Gateway.Run("status"); !strings.Contains(out, "queue: 0 posts on their way") {
			return fmt.Errorf("%s", out)
		}
		return nil
	})
}

// limit measures a bare client in a process of its own.
func (l *load) limit(kind string, hosts, per, body int) sample {
	return l.child("limit", limitConfig{Kind: kind, Addr: l.addr, Hosts: hosts, Per: per, Body: body, Root: l.root, Key: l.secret()})
}

// secret is the key of the zone's actors as PEM.
func (l *load) secret() string {
	der, err := x509.MarshalPKCS8PrivateKey(l.key)
	if err != nil {
		l.t.Fatalf("key: %v", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
