package main

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"isthmus/e2e/world"
)

// parcel is a POST to the gateway, signed beforehand so that signing is not what is measured.
type parcel struct {
	wire []byte
	took time.Duration
	code int
}

// actor is one of the zone's.
func actor(host, user int) string { return fmt.Sprintf("https://%s/users/u%d", hostName(host), user) }

// parcels makes and signs n activities, on all processors.
func (l *load) parcels(n int, inbox string, activity func(i int) world.JSON) []*parcel {
	out := make([]*parcel, n)
	var g sync.WaitGroup
	const parts = 4
	for p := range parts {
		g.Go(func() {
			for i := p; i < n; i += parts {
				a := activity(i)
				a["@context"] = "https://www.w3.org/ns/activitystreams"
				body, err := json.Marshal(a)
				if err != nil {
					panic(err)
				}
				out[i] = &parcel{wire: l.request(inbox, fmt.Sprint(a["actor"], "#main-key"), body)}
			}
		})
	}
	g.Wait()
	return out
}

// request is a signed POST as it goes over the line.
func (l *load) request(inbox, keyID string, body []byte) []byte {
	path := inbox[len(l.Gateway.URL("")):]
	date := time.Now().UTC().Format(http.TimeFormat)
	sum := sha256.Sum256(body)
	digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	text := "(request-target): post " + path + "\nhost: " + l.Gateway.Component + "\ndate: " + date + "\ndigest: " + digest + "\ncontent-type: application/activity+json"
	sum = sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, l.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	var w bytes.Buffer
	fmt.Fprintf(&w, "POST %s HTTP/1.1\r\nHost: %s\r\nDate: %s\r\nDigest: %s\r\nContent-Type: application/activity+json\r\nUser-Agent: load\r\nContent-Length: %d\r\n"+
		"Signature: keyId=%q,algorithm=\"rsa-sha256\",headers=\"(request-target) host date digest content-type\",signature=%q\r\n\r\n",
		path, l.Gateway.Component, date, digest, len(body), keyID, base64.StdEncoding.EncodeToString(sig))
	w.Write(body)
	return w.Bytes()
}

// send sends them all over so many connections to addr, and fails unless each is taken.
func (l *load) send(addr string, conns int, parcels []*parcel) {
	work := make(chan *parcel)
	var g sync.WaitGroup
	for range conns {
		g.Go(func() {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				l.t.Errorf("inbox: %v", err)
			} else {
				defer c.Close()
			}
			for p := range work {
				if c == nil {
					continue
				}
				begun := time.Now()
				if _, err := c.Write(p.wire); err != nil {
					l.t.Errorf("inbox: %v", err)
					c = nil
					continue
				}
				resp, err := http.ReadResponse(bufio.NewReader(c), nil)
				if err != nil {
					l.t.Errorf("inbox: %v", err)
					c = nil
					continue
				}
				p.took, p.code = time.Since(begun), resp.StatusCode
				if resp.StatusCode != http.StatusAccepted {
					var text bytes.Buffer
					text.ReadFrom(resp.Body)
					l.t.Errorf("inbox: %s %.200s", resp.Status, text.String())
				}
				resp.Body.Close()
			}
		})
	}
	for _, p := range parcels {
		work <- p
	}
	close(work)
	g.Wait()
	if l.t.Failed() {
		l.t.Fatalf("inbox: not everything was taken")
	}
}

// quantile is how long the q-th of the parcels took, 0.5 for the middle one.
func quantile(parcels []*parcel, q float64) time.Duration {
	took := make([]time.Duration, len(parcels))
	for i, p := range parcels {
		took[i] = p.took
	}
	slices.Sort(took)
	return took[int(q*float64(len(took)-1))]
}
