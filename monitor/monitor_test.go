package monitor

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func ask(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

// A program starts, works, loses a part, and gets stuck.
func TestHealth(t *testing.T) {
	var h Health
	handler := h.Handler(nil)
	if code, text := ask(t, handler, "/livez"); code != 503 || !strings.Contains(text, "no sign of life") {
		t.Errorf("before the first sign of life: %d %s", code, text)
	}
	h.Phase("opening the database")
	if code, text := ask(t, handler, "/readyz"); code != 503 || text != "starting: opening the database\n" {
		t.Errorf("starting: %d %q", code, text)
	}
	if code, _ := ask(t, handler, "/livez"); code != 200 {
		t.Errorf("alive while it starts: %d", code)
	}
	var broken error
	h.Watch("database", func(context.Context) error { return nil })
	h.Watch("xmpp", func(context.Context) error { return broken })
	h.Watch("slow", func(ctx context.Context) error {
		if broken == nil {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	})
	h.Phase("")
	if code, text := ask(t, handler, "/readyz"); code != 200 || text != "ready\n" {
		t.Errorf("ready: %d %q", code, text)
	}
	broken = errors.New("connection refused")
	if code, text := ask(t, handler, "/readyz"); code != 503 || text != "xmpp: connection refused\nslow: context deadline exceeded\n" {
		t.Errorf("broken: %d %q", code, text)
	}
	h.beat.Store(time.Now().Add(-2 * aliveFor).UnixMilli())
	if code, _ := ask(t, handler, "/livez"); code != 503 {
		t.Errorf("stuck: %d", code)
	}
	if code, _ := ask(t, handler, "/metrics"); code != 404 {
		t.Errorf("no metrics: %d", code)
	}
}

func TestMetrics(t *testing.T) {
	m := NewMetrics("1.2.3")
	m.Delivered("delivered", time.Second)
	m.Delivered("again", time.Millisecond)
	m.Signature("bad", 0)
	m.Received("Create", "handled")
	m.StanzaError("item-not-found")
	m.Refused("encrypted")
	inner := m.Requests(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
		}
		io.WriteString(w, "x")
	}), func(r *http.Request) string { return "document" })
	ask(t, inner, "/")
	ask(t, inner, "/gone")
	m.Gather(func(context.Context) ([]Gauge, error) {
		return []Gauge{
			{Name: "queue_size", Help: "h", Value: 3, Labels: []string{"kind", "posts"}}, {Name: "queue_size", Help: "h", Value: 4, Labels: []string{"kind", "jobs"}},
			{Name: "up", Help: "h", Value: 1},
		}, nil
	})
	m.Gather(func(context.Context) ([]Gauge, error) { return nil, errors.New("the database is away") })
	code, text := ask(t, new(Health).Handler(m), "/metrics")
	if code != 200 {
		t.Fatal(code, text)
	}
	for _, line := range []string{
		`isthmus_build_info{version="1.2.3"} 1`, `isthmus_delivery_seconds_count{result="delivered"} 1`, `isthmus_delivery_seconds_sum{result="delivered"} 1`,
		`isthmus_delivery_seconds_count{result="again"} 1`, `isthmus_signature_seconds_count{result="bad"} 1`, `isthmus_received_total{result="handled",type="Create"} 1`,
		`isthmus_stanza_errors_total{condition="item-not-found"} 1`, `isthmus_refused_total{reason="encrypted"} 1`,
		`isthmus_http_request_seconds_count{kind="document",status="200"} 1`, `isthmus_http_request_seconds_count{kind="document",status="410"} 1`,
		`isthmus_queue_size{kind="posts"} 3`, `isthmus_queue_size{kind="jobs"} 4`, `isthmus_up 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	var none *Metrics
	none.Delivered("x", 0)
	none.Gather(nil)
	if none.Requests(inner, nil) == nil {
		t.Error("nil serves nothing")
	}
}

// systemd hears when the program is ready, and that it lives as long as it does.
func TestSystemd(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "")
	if err := Notify("READY=1"); err != nil {
		t.Fatalf("without systemd: %v", err)
	}
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	hears := func() string {
		b := make([]byte, 100)
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	t.Setenv("NOTIFY_SOCKET", path)
	if err := Notify("READY=1"); err != nil || hears() != "READY=1" {
		t.Error(err)
	}
	var h Health
	if err := h.Watchdog(t.Context()); err != nil { // not wanted
		t.Error(err)
	}
	t.Setenv("WATCHDOG_USEC", "30000")
	t.Setenv("WATCHDOG_PID", "1")
	if err := h.Watchdog(t.Context()); err != nil { // somebody else's
		t.Error(err)
	}
	t.Setenv("WATCHDOG_PID", "")
	h.Beat()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- h.Watchdog(ctx) }()
	for range 3 {
		if got := hears(); got != "WATCHDOG=1" {
			t.Errorf("%q", got)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
