package doctor

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A certificate for another name, or one that nobody can check, is named as that.
func TestCertificate(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler()) // its certificate is for example.com
	defer server.Close()
	known := x509.NewCertPool()
	known.AddCert(server.Certificate())
	addr := strings.TrimPrefix(server.URL, "https://")
	for _, c := range []struct {
		name  string
		roots *x509.CertPool
		bad   string
	}{{"example.com", known, ""}, {"ap.example.org", known, "tls.name"}, {"example.com", x509.NewCertPool(), "tls.chain"}} {
		for _, r := range certificate(t.Context(), addr, c.name, c.roots) {
			if (r.State == OK) != (c.bad == "") || c.bad != "" && r.ID != c.bad {
				t.Errorf("%s: %+v, want %q", c.name, r, c.bad)
			}
		}
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	if r := certificate(context.Background(), strings.TrimPrefix(plain.URL, "http://"), "example.com", known); r[0].ID != "tls.chain" || r[0].State != Fail {
		t.Errorf("plain HTTP: %+v", r)
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{90 * time.Second: "1m30s", 5 * time.Hour: "5 hours", 72 * time.Hour: "3 days"} {
		if got := short(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	if got := Docs("http.signature.draft"); got != "docs/DOCTOR.md#httpsignaturedraft" {
		t.Error(got)
	}
}
