package netlab

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

func open(t *testing.T) *Lab {
	t.Helper()
	l, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// get fetches a page in the lab and returns status and body.
func get(t *testing.T, l *Lab, url string) (int, string) {
	t.Helper()
	resp, err := l.Client().Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestNameServerAnswersGoResolver(t *testing.T) {
	l := open(t)
	ip := l.Host("fedi.test")
	l.Serve("*.sink.test", http.NotFoundHandler())
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", l.DNS())
	}}
	for name, want := range map[string]string{"fedi.test": ip.String(), "h07.sink.test": l.base.String()} {
		got, err := r.LookupHost(context.Background(), name)
		if err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s resolves to %v, %v; want %s", name, got, err, want)
		}
	}
	for _, name := range []string{"nobody.test", "a.b.sink.test"} {
		if got, err := r.LookupHost(context.Background(), name); err == nil {
			t.Errorf("%s resolves to %v", name, got)
		}
	}
}

func TestFrontDoorKnowsHostsByName(t *testing.T) {
	l := open(t)
	l.Serve("one.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "one") }))
	l.Serve("*.many.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) }))
	for url, want := range map[string]string{"https://one.test/": "one", "https://h1.many.test/": "h1.many.test"} {
		if code, body := get(t, l, url); code != 200 || body != want {
			t.Errorf("%s: %d %q, want %q", url, code, body, want)
		}
	}
}

func TestProxySetsForwardedHeadersAndAnswers502(t *testing.T) {
	l := open(t)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Host+" "+r.Header.Get("X-Forwarded-Proto")+" "+r.Header.Get("X-Forwarded-Host"))
	}))
	u, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	l.Serve("ap.test", Proxy(u))
	if _, body := get(t, l, "https://ap.test/x"); body != "ap.test https ap.test" {
		t.Errorf("backend saw %q", body)
	}
	backend.Close()
	if code, _ := get(t, l, "https://ap.test/x"); code != http.StatusBadGateway {
		t.Errorf("without backend: %d", code)
	}
}
