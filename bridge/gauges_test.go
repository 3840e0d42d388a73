package bridge

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"isthmus/monitor"
)

// Who looks at the numbers sees what has happened, and which part does not work.
func TestGauges(t *testing.T) {
	t.Parallel()
	metrics, health := monitor.NewMetrics("test"), new(monitor.Health)
	looks := func(path string) string {
		t.Helper()
		rec := httptest.NewRecorder()
		health.Handler(metrics).ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		return rec.Body.String()
	}
	w := newWorld(t, func(c *Config) { c.Metrics, c.Health, c.Media = metrics, health, MediaProxy })
	p := w.peer()
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	w.publish(louise, "first-post", note("hello"))
	p.await("Create")
	p.post("mallory", w.b.addr.SharedInbox(), map[string]any{"type": "Create", "actor": p.actor("bob"), "object": "https://x.example/1"})
	p.post("bob", w.b.addr.SharedInbox(), map[string]any{"type": "<script>", "object": "https://x.example/1"})
	w.says(louise, "status")
	w.settled()
	w.until("ready", func() bool { return looks("/readyz") == "ready\n" })
	text := looks("/metrics")
	for _, want := range []string{
		`isthmus_delivery_seconds_count\{result="delivered"\} 2\n`, `isthmus_received_total\{result="handled",type="Follow"\} 1\n`, `isthmus_signature_seconds_count\{result="good"\} [123]\n`,
		`isthmus_http_request_seconds_count\{kind="inbox",status="202"\} 2\n`, `isthmus_http_request_seconds_count\{kind="inbox",status="403"\} 1\n`,
		`isthmus_blogs\{state="on"\} 1\n`, `isthmus_followers 1\n`, `isthmus_queue_size\{kind="posts"\} 0\n`, `isthmus_queue_size\{kind="jobs"\} [1-9]`, `isthmus_queue_oldest_seconds\{kind="posts"\} 0\n`,
		`isthmus_xmpp_up 1\n`, `isthmus_hosts_resting 0\n`, `isthmus_db_waits\{use="write"\} \d`, `isthmus_media_requests\{from="cache"\} 0\n`, `isthmus_reports_open 0\n`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(text, "<script>") { // types are others' words
		t.Error("an unknown type is counted by its name")
	}
	if t.Failed() {
		t.Log(text)
	}
	w.xmpp.Stop()
	w.until("the stream is missed", func() bool { return strings.HasPrefix(looks("/readyz"), "xmpp: ") })
	w.xmpp.Restart()
	w.until("it is back", func() bool { return looks("/readyz") == "ready\n" })
}
