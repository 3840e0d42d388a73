package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

// limitConfig says which limit to measure; it is read from standard input.
type limitConfig struct {
	Kind  string // "kept": raw TLS on connections that stand; "fresh": net/http, a new one for each; "verify": check and store
	Addr  string // where every host of the zone is, ip:443
	Hosts int
	Per   int // POSTs to each
	Body  int // bytes
	Batch int // rows in a commit, of "verify"
	Key   string
	Root  string // PEM file of the zone's root
	Dir   string // for a database
}

// sample is what a number of operations took of one process.
type sample struct {
	Ops       int
	CPU, Wall time.Duration
	Peak      int64         // resident bytes
	Median    time.Duration // of a commit, of "verify"
}

// rate is operations for each second of processor time.
func (s sample) rate() float64 { return float64(s.Ops) / s.CPU.Seconds() }

// inFlight is how many hosts the limit is measured with at a time, as many as the gateway has workers.
const inFlight = 64

// runLimit does nothing but what cannot be left out: sign and send. It prints a sample.
func runLimit() error {
	var cfg limitConfig
	if err := json.NewDecoder(os.Stdin).Decode(&cfg); err != nil {
		return fmt.Errorf("limit: %w", err)
	}
	block, _ := pem.Decode([]byte(cfg.Key))
	if block == nil {
		return errors.New("limit: no key")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("limit: %w", err)
	}
	l := &limit{limitConfig: cfg, key: parsed.(*rsa.PrivateKey), roots: x509.NewCertPool(), body: bytes.Repeat([]byte("x"), cfg.Body)}
	sum := sha256.Sum256(l.body)
	l.digest = "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	measure := l.verify
	if cfg.Kind != "verify" {
		root, err := os.ReadFile(cfg.Root)
		if err != nil {
			return fmt.Errorf("limit: %w", err)
		}
		l.roots.AppendCertsFromPEM(root)
		measure = l.measure
	}
	s, err := measure()
	if err != nil {
		return fmt.Errorf("limit: %w", err)
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

type limit struct {
	limitConfig
	key    *rsa.PrivateKey
	roots  *x509.CertPool
	body   []byte
	digest string
}

// measure gives each host to one of inFlight goroutines, which first opens what may stand.
func (l *limit) measure() (sample, error) {
	var (
		ready, ended sync.WaitGroup
		begin        = make(chan struct{})
		errs         = make(chan error, inFlight)
	)
	workers := min(inFlight, l.Hosts)
	for w := range workers {
		ready.Add(1)
		ended.Go(func() {
			if err := l.work(w, workers, func() { ready.Done(); <-begin }); err != nil {
				errs <- err
			}
		})
	}
	ready.Wait()
	cpu, wall := used(), time.Now()
	close(begin)
	ended.Wait()
	s := sample{Ops: l.Hosts * l.Per, CPU: used() - cpu, Wall: time.Since(wall)}
	select {
	case err := <-errs:
		return sample{}, err
	default:
		return s, nil
	}
}

func (l *limit) work(first, step int, ready func()) (err error) {
	var conns []*tls.Conn
	if l.Kind == "kept" {
		for h := first; h < l.Hosts && err == nil; h += step {
			var c *tls.Conn
			c, err = tls.Dial("tcp", l.Addr, &tls.Config{RootCAs: l.roots, ServerName: hostName(h)})
			conns = append(conns, c)
		}
	}
	ready()
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: l.roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, l.Addr)
		},
	}}
	for i, h := 0, first; h < l.Hosts; i, h = i+1, h+step {
		for range l.Per {
			req, err := http.NewRequest(http.MethodPost, "https://"+hostName(h)+"/inbox", bytes.NewReader(l.body))
			if err != nil {
				return err
			}
			if err := l.sign(req); err != nil {
				return err
			}
			if l.Kind == "kept" {
				err = exchange(conns[i], req)
			} else {
				err = fetch(client, req)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sign is draft-cavage-12 by hand, with the digest made once.
func (l *limit) sign(req *http.Request) error {
	date := time.Now().UTC().Format(http.TimeFormat)
	text := "(request-target): post /inbox\nhost: " + req.Host + "\ndate: " + date + "\ndigest: " + l.digest + "\ncontent-type: application/activity+json"
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, l.key, crypto.SHA256, sum[:])
	if err != nil {
		return err
	}
	req.Header = http.Header{
		"Date": {date}, "Digest": {l.digest}, "Content-Type": {"application/activity+json"}, "User-Agent": {"limit"},
		"Signature": {`keyId="https://ap.test/ap/actor/x#main-key",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="` +
			base64.StdEncoding.EncodeToString(sig) + `"`},
	}
	return nil
}

// exchange writes a request in one piece and reads the head of the answer, which has no body.
func exchange(c *tls.Conn, req *http.Request) error {
	var out bytes.Buffer
	if err := req.Write(&out); err != nil {
		return err
	}
	if _, err := c.Write(out.Bytes()); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReaderSize(c, 512), req)
	if err != nil {
		return err
	}
	return taken(resp)
}

func fetch(client *http.Client, req *http.Request) error {
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	return taken(resp)
}

func taken(resp *http.Response) error {
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return errors.New(resp.Status)
	}
	return nil
}

func hostName(n int) string { return fmt.Sprintf("h%d.%s", n, zoneName) }

// used is the processor time of this process.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
