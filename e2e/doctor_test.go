//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"isthmus/doctor"
	"isthmus/e2e/netlab"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// patient is a gateway whose health is known, and what is done to it.
type patient struct {
	t    *testing.T
	w    *world.World
	well map[string]doctor.Result // before anything was done
}

// examined runs “doctor”.
func (p *patient) examined(flags ...string) map[string]doctor.Result {
	p.t.Helper()
	out, code := p.w.Gateway.Run(append([]string{"doctor", "--json"}, flags...)...)
	var list []doctor.Result
	if err := json.Unmarshal([]byte(out), &list); err != nil || code > 1 {
		p.t.Fatalf("doctor: %d, %v\n%s", code, err, out)
	}
	by := map[string]doctor.Result{}
	failed := false
	for _, r := range list {
		by[r.ID] = r
		failed = failed || r.State == doctor.Fail
		if (r.Fix == "") != (r.State == doctor.OK || r.State == doctor.Skip) {
			p.t.Errorf("%+v", r)
		}
	}
	if failed != (code == 1) {
		p.t.Errorf("exit %d", code)
	}
	return by
}

var grades = map[string]int{"": 0, doctor.OK: 0, doctor.Skip: 0, doctor.Warn: 1, doctor.Fail: 2}

// suffers makes sure that a check says what is wrong, and no other does, but for some
// that cannot but say so, too. “…” at the end is for all that begin so.
func (p *patient) suffers(fault, id string, also ...string) {
	p.t.Helper()
	p.suffersWith(nil, fault, id, also...)
}

func (p *patient) suffersWith(flags []string, fault, id string, also ...string) {
	p.t.Helper()
	now := p.examined(flags...)
	if grades[now[id].State] <= grades[p.well[id].State] {
		p.t.Errorf("%s: %s says %+v", fault, id, now[id])
	} else {
		p.t.Logf("%s → %s: %s | fix: %s", fault, id, now[id].Seen, now[id].Fix)
	}
others:
	for other, r := range now {
		if other == id || grades[r.State] <= grades[p.well[other].State] {
			continue
		}
		for _, a := range also {
			if a == other || strings.HasSuffix(a, "…") && strings.HasPrefix(other, strings.TrimSuffix(a, "…")) {
				continue others
			}
		}
		p.t.Errorf("%s: %s says something as well: %+v", fault, other, r)
	}
}

// Each of many faults between the gateway and the world is named by its own check.
func TestDoctorNamesFaultsOfTheWeb(t *testing.T) {
	on(t, []xmppserver.Flavour{xmppserver.Prosody}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.Prepare(t, ground, f)
		w.Gateway.Apex()
		w.Gateway.Start()
		p := &patient{t: t, w: w}
		p.well = p.examined("--peer", world.PeerHost)
		for id, r := range p.well {
			if r.State == doctor.Fail {
				t.Errorf("well, and %s says %+v", id, r)
			}
		}
		if len(p.well) < 40 {
			t.Errorf("only %d checks were made: %v", len(p.well), p.well)
		}
		host, apex, lab := w.Gateway.Component, w.Gateway.Handles, ground.Lab
		backend := netlab.Proxy(&url.URL{Scheme: "http", Host: w.Gateway.Listen})
		in := func(change func(*http.Request)) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { change(r); backend.ServeHTTP(rw, r) })
		}
		out := func(change func(http.Header)) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				backend.ServeHTTP(&changing{ResponseWriter: rw, change: change}, r)
			})
		}
		without := func(path string) http.Handler {
			mux := http.NewServeMux()
			mux.Handle("/", backend)
			mux.Handle(path, http.NotFoundHandler())
			return mux
		}
		for _, c := range []struct {
			fault, host string
			h           http.Handler
			id          string
			also        []string
		}{
			{"the Host header is changed", host, in(func(r *http.Request) { r.Host = "backend" }), "http.host", []string{"http.signature…"}},
			{"X-Forwarded-For is left out", host, plainProxy(w.Gateway.Listen), "http.client", nil},
			{"paths are decoded", host, in(func(r *http.Request) { r.URL.RawQuery, _ = url.PathUnescape(r.URL.RawQuery) }), "http.path", nil},
			{"bodies are bounded", host, http.MaxBytesHandler(backend, 64<<10), "http.body", nil},
			{"Digest is left out", host, in(func(r *http.Request) { r.Header.Del("Digest") }), "http.signature.draft", nil},
			{"Signature-Input is left out", host, in(func(r *http.Request) { r.Header.Del("Signature-Input") }), "http.signature.rfc9421", nil},
			{"Accept is changed", host, in(func(r *http.Request) { r.Header.Set("Accept", "text/html") }), "http.accept", nil},
			{"Vary is left out", host, out(func(h http.Header) { h.Del("Vary") }), "http.vary", nil},
			{"a cache does not look at Vary", host, forgetful(backend), "http.cache", []string{"http.vary"}},
			{"NodeInfo is not forwarded", host, without("/.well-known/nodeinfo"), "http.nodeinfo", nil},
			{"another web site is there", host, http.NotFoundHandler(), "http.reach", []string{"webfinger.host", "hostmeta.host"}},
			{"nothing is behind the web server", host, netlab.Proxy(&url.URL{Scheme: "http", Host: "127.0.0.1:9"}), "http.reach", []string{"webfinger.host", "hostmeta.host"}},
			{"WebFinger is not forwarded", host, without("/.well-known/webfinger"), "webfinger.host", nil},
			{"host-meta is not forwarded", host, without("/.well-known/host-meta"), "hostmeta.host", nil},
			{"the apex forwards no WebFinger", apex, without("/.well-known/webfinger"), "webfinger.handles", nil},
			{"the apex forwards no host-meta", apex, without("/.well-known/host-meta"), "hostmeta.handles", nil},
			{"the apex loses the query", apex, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				http.Redirect(rw, r, "https://"+host+r.URL.Path, http.StatusMovedPermanently)
			}), "webfinger.query", nil},
			{"WebFinger is called text", apex, out(func(h http.Header) {
				if strings.Contains(h.Get("Content-Type"), "jrd") {
					h.Set("Content-Type", "text/plain")
				}
			}), "webfinger.type", nil},
			{"scripts may not read WebFinger", apex, out(func(h http.Header) { h.Del("Access-Control-Allow-Origin") }), "webfinger.origin", nil},
		} {
			lab.Serve(c.host, c.h)
			p.suffers(c.fault, c.id, c.also...)
			lab.Serve(c.host, backend)
		}

		if err := lab.Expire(host, true); err != nil {
			t.Fatal(err)
		}
		p.suffers("the certificate has expired", "tls.days")
		if err := lab.Expire(host, false); err != nil {
			t.Fatal(err)
		}
		lab.Lose(host, true)
		p.suffers("the name is gone from DNS", "dns", "webfinger.host", "hostmeta.host")
		lab.Lose(host, false)
		p.suffersWith([]string{"--peer", "nowhere.invalid"}, "a server elsewhere cannot be reached", "outbound.peer")

		plain, err := net.Listen("tcp", net.JoinHostPort(lab.Front().String(), "80"))
		if err != nil {
			t.Fatal(err)
		}
		site := httptest.NewUnstartedServer(backend)
		site.Listener.Close()
		site.Listener = plain
		site.Start()
		p.suffers("http is not redirected", "http.redirect")
		site.Close()

		w.Gateway.Rewrite(`[http]`, "[http]\nproxies = [\"10.0.0.0/8\"]")
		w.Gateway.Stop()
		w.Gateway.Start()
		p.suffers("the web server's address is not believed", "http.client")
		if end := p.examined(); end["http.reach"].State != doctor.OK || end["webfinger.handles"].State != doctor.OK || end["dns"].State != doctor.OK {
			t.Errorf("it does not recover: %+v", end)
		}
	})
}

// Each of many faults on this machine and on the way to the XMPP server is named by its own check.
func TestDoctorNamesFaultsOfTheMachine(t *testing.T) {
	on(t, []xmppserver.Flavour{xmppserver.Prosody}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("roses")
		bob.Sees("Create", "roses")
		p := &patient{t: t, w: w}
		g := w.Gateway
		p.well = p.examined()
		if p.well["backup"].State != doctor.Warn {
			t.Errorf("without a copy: %+v", p.well["backup"])
		}
		if out, code := g.Run("backup", g.Dir); code != 0 {
			t.Error(out)
		}
		if p.well = p.examined(); p.well["backup"].State != doctor.OK {
			t.Errorf("with a copy: %+v", p.well["backup"])
		}

		if err := os.Chmod(g.Config, 0o644); err != nil {
			t.Fatal(err)
		}
		p.suffers("everybody can read the secret", "config.readable")
		if err := os.Chmod(g.Config, 0o600); err != nil {
			t.Fatal(err)
		}
		g.Rewrite(g.Listen, "127.0.0.1:9")
		p.suffers("nobody listens where the config says", "http.listen")
		g.Rewrite("127.0.0.1:9\"", g.Listen+"\"")

		louise.Configures("pubsub#access_model=whitelist")
		w.Until("a closed blog", func() error {
			if r := p.examined()["blogs"]; r.State != doctor.Warn {
				return fmt.Errorf("%+v", r)
			}
			return nil
		})
		p.suffers("a blog is closed", "blogs")
		louise.Configures("pubsub#access_model=open")
		w.Until("an open blog", func() error {
			if r := p.examined()["blogs"]; r.State != doctor.OK {
				return fmt.Errorf("%+v", r)
			}
			return nil
		})
		bob.Sends(louise.Handle(), world.JSON{"id": bob.URL("/flags/1"), "type": "Flag", "content": "no reason", "object": []any{louise.Actor()}})
		w.Until("a report", func() error {
			if r := p.examined()["reports"]; r.State != doctor.Warn {
				return fmt.Errorf("%+v", r)
			}
			return nil
		})
		p.suffers("a report is open", "reports")
		if out, code := g.Run("report", "1", "close", "nothing in it"); code != 0 {
			t.Errorf("report 1 close: %d %s", code, out)
		}

		// What belongs to the link to the XMPP server; the gateway runs, or not.
		restart := func(old, new string) {
			g.Stop()
			g.Rewrite(old, new)
			g.Launch()
		}
		named := func(fault, id string, also ...string) {
			t.Helper()
			w.Until(fault, func() error {
				if r := p.examined()[id]; grades[r.State] == 0 {
					return fmt.Errorf("%s says %+v", id, r)
				}
				return nil
			})
			p.suffers(fault, id, also...)
			g.Stop()
			p.suffers(fault+", and the gateway does not run", id, "process", "http…", "webfinger…", "hostmeta…")
		}
		restart(w.Server.Secret, "another-secret-that-is-long-enough")
		named("the secret is another one", "xmpp.secret")
		restart("another-secret-that-is-long-enough", w.Server.Secret)
		restart(w.Tap.Addr, "127.0.0.1:9")
		named("nothing listens for components", "xmpp.port")
		restart("127.0.0.1:9", w.Server.ClientAddr())
		named("it is the port for clients", "xmpp.protocol")
		restart(w.Server.ClientAddr(), w.Tap.Addr)
		restart(fmt.Sprintf("component = %q", g.Component), `component = "unknown.test"`)
		named("the XMPP server does not know the component", "xmpp.component")
		restart(`component = "unknown.test"`, fmt.Sprintf("component = %q", g.Component))

		twin := g.Twin()
		g.Stop()
		twin.Start()
		g.Launch()
		w.Until("a conflict", func() error {
			if r := p.examined()["xmpp.conflict"]; r.State != doctor.Fail {
				return fmt.Errorf("%+v", r)
			}
			return nil
		})
		p.suffers("another gateway is connected", "xmpp.conflict")
		twin.Stop()

		for fault, c := range map[string]struct{ old, new, id string }{
			"a domain that the server does not have":   {fmt.Sprintf("domains = [%q]", w.Server.Domain), fmt.Sprintf("domains = [%q, \"nowhere.test\"]", w.Server.Domain), "xmpp.domains"},
			"a pubsub service that is not there":       {fmt.Sprintf("pubsub = [%q]", w.Server.Pubsub), `pubsub = ["nowhere.test"]`, "xmpp.pubsub"},
			"a service that is there and is no pubsub": {fmt.Sprintf("pubsub = [%q]", w.Server.Pubsub), fmt.Sprintf("pubsub = [%q]", w.Server.Domain), "xmpp.pubsub"},
		} {
			g.Stop()
			g.Rewrite(c.old, c.new)
			g.Start()
			p.suffers(fault, c.id, "xmpp.privileges")
			g.Stop()
			g.Rewrite(c.new, c.old)
		}
		p.suffers("the gateway does not run", "process", "http…", "webfinger…", "hostmeta…")
	})
}

// An ejabberd that does not tell components of posts is found out by the first one.
func TestDoctorNamesSilentEjabberd(t *testing.T) {
	on(t, []xmppserver.Flavour{xmppserver.Ejabberd, xmppserver.EjabberdForced}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		if out, code := w.Gateway.Run("enrol", louise.JID); code != 0 { // and nobody accepts the contact
			t.Fatal(out)
		}
		louise.Publishes("the first")
		w.Until("it is public", func() error { return w.Findable(louise) })
		bob.Follows(louise.Handle())
		for i := range 3 {
			text := fmt.Sprintf("number %d", i)
			louise.Publishes(text)
			bob.Sees("Create", text)
		}
		p := &patient{t: t, w: w}
		if r := p.examined()["xmpp.delivery"]; (r.State == doctor.Warn) != (f == xmppserver.Ejabberd) {
			t.Errorf("%+v", r)
		} else {
			t.Logf("%+v", r)
		}
	})
}

// changing changes the headers of an answer.
type changing struct {
	http.ResponseWriter
	change func(http.Header)
}

func (c *changing) WriteHeader(status int) {
	c.change(c.Header())
	c.ResponseWriter.WriteHeader(status)
}

// plainProxy forwards without saying for whom.
func plainProxy(backend string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		req, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+backend+r.URL.RequestURI(), r.Body)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadGateway)
			return
		}
		req.Host, req.Header, req.ContentLength = r.Host, r.Header, r.ContentLength
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		for k, v := range resp.Header {
			rw.Header()[k] = v
		}
		rw.WriteHeader(resp.StatusCode)
		io.Copy(rw, resp.Body)
	})
}

// forgetful keeps what it sent by address alone.
func forgetful(next http.Handler) http.Handler {
	var mu sync.Mutex
	kept := map[string]*httptest.ResponseRecorder{}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.HasPrefix(r.URL.Path, "/ap/actor/") {
			next.ServeHTTP(rw, r)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		got := kept[r.URL.String()]
		if got == nil {
			got = httptest.NewRecorder()
			next.ServeHTTP(got, r)
			kept[r.URL.String()] = got
		}
		for k, v := range got.Header() {
			rw.Header()[k] = v
		}
		rw.WriteHeader(got.Code)
		io.Copy(rw, bytes.NewReader(got.Body.Bytes()))
	})
}
