package activitypub

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// testNow is the time of all requests here. It is the present because the
// library looks at its own clock for (created) and (expires).
var testNow = time.Now().UTC().Truncate(time.Second)

const testBody = `{"type":"Like"}`

// TestSignGolden: what we send, byte by byte (rows S1, S2). RSA PKCS#1 v1.5 has
// no randomness.
func TestSignGolden(t *testing.T) {
	k := key(t, "alice", "https://ap.example.org/ap/actor/abc#main-key")
	for _, c := range []struct{ name, method, url, body string }{
		{"get", "GET", "https://mastodon.example/users/bob", ""},
		{"get-query", "GET", "https://mastodon.example/users/bob/outbox?page=true&max_id=1", ""},
		{"get-escaped", "GET", "https://mastodon.example:8443/users/bob%40x%2Fy", ""},
		{"post", "POST", "https://mastodon.example/inbox", testBody},
	} {
		t.Run(c.name, func(t *testing.T) {
			var body []byte
			if c.body != "" {
				body = []byte(c.body)
			}
			req := httptest.NewRequest(c.method, c.url, bytes.NewReader(body))
			req.RequestURI = ""
			req.Header.Set("Date", "Fri, 20 Nov 2026 12:00:00 GMT")
			if body != nil {
				req.Header.Set("Content-Type", typeActivity)
			}
			if err := Sign(req, body, *k); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			fmt.Fprintf(&out, "%s %s\nHost: %s\n", req.Method, req.URL.RequestURI(), req.Host)
			req.Header.Write(&out)
			got := strings.ReplaceAll(out.String(), "\r\n", "\n")
			file := filepath.Join("testdata", "sign", c.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := readFile(t, "sign/"+c.name+".txt"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestSignOpenSSL lets openssl verify what we sign, over the string that the
// draft says and that is put together here by hand.
func TestSignOpenSSL(t *testing.T) {
	k := key(t, "alice", "https://ap.example.org/ap/actor/abc#main-key")
	req := httptest.NewRequest("POST", "https://mastodon.example/users/bob%40x/inbox?a=%20b", strings.NewReader(testBody))
	req.Header.Set("Content-Type", typeActivity)
	if err := Sign(req, []byte(testBody), *k); err != nil {
		t.Fatal(err)
	}
	h, err := parseSignature(req.Header.Get("Signature"))
	if err != nil {
		t.Fatal(err)
	}
	text := "(request-target): post /users/bob%40x/inbox?a=%20b\nhost: mastodon.example\ndate: " + req.Header.Get("Date") +
		"\ndigest: " + digestOf(testBody) + "\ncontent-type: application/activity+json"
	dir := t.TempDir()
	for name, content := range map[string]string{"text": text, "sig": string(h.value), "pub": k.PublicPEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("openssl", "dgst", "-sha256", "-verify", "pub", "-signature", "sig", "text")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Verified OK") {
		t.Errorf("openssl: %v: %s", err, out)
	}
}

// TestVerifyAppendixC: the vectors of draft-cavage-http-signatures-12 Appendix C.
func TestVerifyAppendixC(t *testing.T) {
	public, err := ParsePublicKey(readFile(t, "cavage.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ headers, signature string }{
		"C.2": {"(request-target) host date", "qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn" +
			"7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0="},
		"C.3": {"(request-target) host date content-type digest content-length", "vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs" +
			"8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE="},
	} {
		req := httptest.NewRequest("POST", "http://example.com/foo?param=value&pet=dog", strings.NewReader(`{"hello": "world"}`))
		req.Header.Set("Date", "Sun, 05 Jan 2014 21:31:40 GMT")
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=")
		h, err := parseSignature(`keyId="Test",algorithm="rsa-sha256",headers="` + c.headers + `",signature="` + c.signature + `"`)
		if err != nil {
			t.Fatal(err)
		}
		if !h.matches(req, public) {
			t.Errorf("%s does not verify", name)
		}
		req.Header.Set("Date", "Sun, 05 Jan 2014 21:31:41 GMT")
		if h.matches(req, public) {
			t.Errorf("%s verifies with another date", name)
		}
	}
}

// TestSignVerify: what we sign we take, also the query and (created) of now.
func TestSignVerify(t *testing.T) {
	k := key(t, "alice", "https://peer.example/alice#main-key")
	for _, method := range []string{"GET", "POST"} {
		var body []byte
		if method == "POST" {
			body = []byte(testBody)
		}
		req := httptest.NewRequest(method, "https://ap.example.org/a%2fb?c=d", bytes.NewReader(body))
		req.Header.Set("Content-Type", typeActivity)
		if err := Sign(req, body, *k); err != nil {
			t.Fatal(err)
		}
		if err := Verify(req, body, &k.Private.PublicKey); err != nil {
			t.Errorf("%s: %v", method, err)
		}
		if err := Sign(req, body, *k); err == nil {
			t.Errorf("%s: signed a second time", method)
		}
	}
	now := time.Now().Unix()
	req := httptest.NewRequest("GET", "https://ap.example.org/a", nil)
	cavage(t, req, k.Private, crypto.SHA256, k.ID, []string{"(request-target)", "(created)", "(expires)", "host"},
		fmt.Sprint("created=", now), fmt.Sprint("expires=", now+60))
	if err := Verify(req, nil, &k.Private.PublicKey); err != nil {
		t.Errorf("GET with (created): %v", err)
	}
}

// TestSignParallel: one key, many goroutines; the library's signer is not for
// sharing (dependencies.md §3).
func TestSignParallel(t *testing.T) {
	k := key(t, "alice", "https://peer.example/alice#main-key")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				req := httptest.NewRequest("POST", "https://ap.example.org/ap/inbox", nil)
				req.Header.Set("Content-Type", typeActivity)
				if err := Sign(req, []byte(testBody), *k); err != nil {
					t.Error(err)
				}
				if err := Verify(req, []byte(testBody), &k.Private.PublicKey); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzSignatureHeader: what is read is printed and read again the same, and is
// within the bounds.
func FuzzSignatureHeader(f *testing.F) {
	f.Add(`keyId="https://a/b#main-key",algorithm="rsa-sha256",headers="(request-target) host date",signature="eA=="`)
	f.Add(`keyId="a,\"b" , created=1,expires=2,headers="(created)" ,signature="eA=="`)
	f.Add(`keyId=a,signature=eA==`)
	f.Add(`sig1=:eA==:`)
	public := &key(f, "alice", "").Private.PublicKey
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parseSignature(s)
		if err != nil {
			return
		}
		if len(h.signed) > maxSigned || len(h.keyID) > maxKeyID || len(h.value) == 0 {
			t.Errorf("out of bounds: %+v", h)
		}
		again, err := parseSignature(h.String())
		if err != nil && len(h.String()) <= maxSignature {
			t.Fatalf("%s: %v", h, err)
		}
		if err == nil && again.String() != h.String() {
			t.Errorf("%s\n%s", h, again)
		}
		// Whatever it says, the library reads of it what we read.
		req := httptest.NewRequest("GET", "https://ap.example.org/", nil)
		shadow := h.shadow(req, "/")
		if got := shadow.Header.Get("Signature"); !strings.Contains(got, `signature="`+base64.StdEncoding.EncodeToString(h.value)+`"`) {
			t.Errorf("shadow: %s", got)
		}
		h.matches(req, public)
	})
}
