package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/netlab"
	"isthmus/e2e/proc"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// reads are documents that others ask for, beside nginx with the same bytes in a file.
func reads(b *bench) {
	b.part("Reads", func(s *stage, ground *world.Ground) {
		l := newLoad(s, ground, xmppserver.Prosody, "")
		l.Gateway.Start()
		louise, bob := l.Person("louise"), l.Fan("bob")
		louise.Opens()
		louise.Starts()
		fan := l.SinkFan("reader", "fan")
		fan.Follows(louise)
		for i := range 20 {
			louise.Publishes(fmt.Sprintf("a post to be read %d", i))
		}
		object := fmt.Sprint(fan.Sees("Create", "to be read 19").Activity["object"].(map[string]any)["id"])
		who := louise.Actor()
		pages := []struct {
			name, url, accept string
			least             float64
			connections       int
		}{
			{"an actor", who, "application/activity+json", 0.75, 64},
			{"a post", object, "application/activity+json", 0.6, 64},
			{"a post that was boosted, a thousand at a time", object, "application/activity+json", 0.6, 1000},
			{"WebFinger", l.Gateway.URL("/.well-known/webfinger?resource=acct:" + louise.Handle()), "application/jrd+json", 0.6, 64},
			{"the outbox", who + "/outbox", "application/activity+json", 0, 64},
			{"the first page of the outbox", who + "/outbox?page=true", "application/activity+json", 0, 64},
			{"the profile's page for people", l.Gateway.URL("/@" + louise.User), "text/html", 0, 64},
		}
		files := filepath.Join(l.Gateway.Dir, "static")
		if err := os.Mkdir(files, 0o755); err != nil {
			s.Fatalf("%v", err)
		}
		nginx, addr := l.nginx(files)
		for i, p := range pages {
			resp, body := l.Request(http.MethodGet, p.url, p.accept, "", "")
			if resp.StatusCode != http.StatusOK {
				s.Fatalf("%s answers %s", p.url, resp.Status)
			}
			bare, where := l.server("serve", serveConfig{resp.Header, body})
			file := fmt.Sprintf("file%d", i)
			if err := os.WriteFile(filepath.Join(files, file), []byte(body), 0o644); err != nil {
				s.Fatalf("%v", err)
			}
			ratio, by := b.ratio(13, p.name, "nginx, static file", p.least), b.ratio(0, "the same", "net/http and nothing behind it", 0)
			u, err := url.Parse(p.url)
			if err != nil {
				s.Fatalf("%v", err)
			}
			for range b.runs {
				static := l.wrk(nginx, "http://"+addr+"/"+file, p.accept, p.connections)
				ours := l.wrk(l.Gateway.Process(), "http://"+l.Gateway.Listen+u.RequestURI(), p.accept, p.connections)
				ratio.add(ours.rate(), static.rate())
				by.add(ours.rate(), l.wrk(bare, "http://"+where+u.RequestURI(), p.accept, p.connections).rate())
			}
		}

		cold := b.value(0, "a post that has just changed, a thousand servers at once: until all have it", "ms", 0)
		each := b.value(0, "the same, for each of them", "ms of processor time", 0)
		for i := range b.runs {
			louise.Publishes(fmt.Sprintf("one more %d", i)) // nothing that was made before is shown
			fan.Sees("Create", fmt.Sprintf("one more %d", i))
			took := l.storm(strings.TrimPrefix(object, l.Gateway.URL("")), "application/activity+json", 1000)
			cold.add(ms(took.Wall))
			each.add(ms(took.CPU) / 1000)
		}

		bob.Fills(20, "An older post")
		louise.FollowsFan(bob)
		items := `<pubsub xmlns="http://jabber.org/protocol/pubsub"><items node="urn:xmpp:microblog:0" max_items="10"/></pubsub>`
		ask := func(to, payload string) sample {
			const n = 200
			return l.cost(l.Gateway.Process(), n, func() {
				for range n {
					if _, err := louise.Client.Must("get", to, payload); err != nil {
						s.Fatalf("%v", err)
					}
				}
			})
		}
		took := b.value(0, "ten items of a virtual address, asked for by XMPP", "ms of processor time", 0)
		ping := b.value(0, "a ping, asked for by XMPP", "ms of processor time", 0)
		for range b.runs {
			took.add(ms(ask(l.Virtual(bob), items).CPU) / 200)
			ping.add(ms(ask(l.Gateway.Component, `<ping xmlns="urn:xmpp:ping"/>`).CPU) / 200)
		}
	})
}

// nginx serves the files of a directory, in one process.
func (l *load) nginx(dir string) (*proc.Process, string) {
	port, err := netlab.FreePort()
	if err != nil {
		l.t.Fatalf("nginx: %v", err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	p, err := proc.StartNginx(l.Gateway.Dir, fmt.Sprintf(`default_type application/activity+json; sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=100;
server { listen %s; root %s; }
`, addr, dir))
	if err != nil {
		l.t.Fatalf("nginx: %v", err)
	}
	l.t.Cleanup(func() { p.Stop(time.Second) })
	await.True(l.t, 10*time.Second, "nginx", func() error {
		if err := p.Alive(); err != nil {
			return fmt.Errorf("%w: %w", await.ErrHopeless, err)
		}
		return reachable(addr)
	})
	return p, addr
}

var requests = regexp.MustCompile(`(\d+) requests in`)

// wrk asks a process for one page for three seconds.
func (l *load) wrk(p *proc.Process, url, accept string, connections int) sample {
	var out []byte
	s := l.cost(p, 0, func() {
		var err error
		if out, err = exec.Command("wrk", "-t1", fmt.Sprint("-c", connections), "-d3s", "-H", "Host: "+l.Gateway.Component, "-H", "Accept: "+accept, url).CombinedOutput(); err != nil {
			l.t.Fatalf("wrk: %v: %s", err, out)
		}
	})
	m := requests.FindSubmatch(out)
	if m == nil || regexp.MustCompile(`Non-2xx`).Match(out) {
		l.t.Fatalf("wrk: %s", out)
	}
	s.Ops, _ = strconv.Atoi(string(m[1]))
	return s
}
