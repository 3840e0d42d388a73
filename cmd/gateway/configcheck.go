package main

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"isthmus/bridge"
	"isthmus/db"
)

// checker looks at what the values mean. It goes on after a problem, so that
// an administrator sees all of them in one go.
type checker struct {
	doc      *document
	dir      string // of the config file; relative paths start here
	problems []Problem
	warnings []Problem
}

func (c *checker) bad(key, fix, format string, args ...any) {
	if !c.doc.hasFailed(key) {
		c.problems = append(c.problems, c.doc.problem(key, fmt.Sprintf(format, args...), fix))
	}
}

func (c *checker) warn(key, fix, format string, args ...any) {
	c.warnings = append(c.warnings, c.doc.problem(key, fmt.Sprintf(format, args...), fix))
}

func (c *checker) check(cfg *Config) {
	c.xmpp(&cfg.XMPP)
	c.secret(&cfg.XMPP, cfg.Path)
	c.http(&cfg.HTTP)
	c.activityPub(cfg)
	c.database(&cfg.DB)
	c.delivery(&cfg.Delivery)
	c.blog(&cfg.Blog)
	c.reader(&cfg.Reader)
	c.admin(cfg)
	c.monitor(cfg)
	c.presentation(cfg)
}

func (c *checker) xmpp(x *XMPPConfig) {
	const key = "xmpp.component"
	if x.Component = strings.ToLower(x.Component); x.Component == "" {
		c.bad(key, `component = "ap.example.org", the name of the component in the XMPP server's configuration`, "is missing")
	} else if why := notDomain(x.Component); why != "" {
		c.bad(key, `write a bare domain, such as "ap.example.org"`, "%q is not a domain: %s", x.Component, why)
	}
	c.endpoint("xmpp.server", x.Server, 1, `write the address of the server's component port, such as "127.0.0.1:5347"`)
	if len(x.Domains) == 0 {
		c.bad("xmpp.domains", `domains = ["example.org"], the domains whose accounts may use the gateway`, "is missing or empty")
	}
	c.domains("xmpp.domains", x.Domains, x.Component)
	c.domains("xmpp.pubsub", x.PubSub, x.Component)
}

func (c *checker) monitor(cfg *Config) {
	const key = "monitor.listen"
	m := cfg.Monitor.Listen
	if m == "" {
		return
	}
	c.endpoint(key, m, 0, `write where to listen, such as "127.0.0.1:9180"`)
	if m == cfg.HTTP.Listen {
		c.bad(key, "choose another port: it tells about the gateway, and is not for the public", "%q is [http] listen", m)
	}
	if host, _, err := net.SplitHostPort(m); err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
		c.warn(key, `let only the machine itself and Prometheus reach it, such as with "127.0.0.1:9180"`, "everybody who reaches this machine can read it")
	}
}

// domains checks a list of XMPP domains and folds their case (RFC 7622 §3.2).
func (c *checker) domains(key string, list []string, component string) {
	for i, d := range list {
		list[i] = strings.ToLower(d)
		if why := notDomain(list[i]); why != "" {
			c.bad(key, `write bare domains, such as "example.org"`, "%q is not a domain: %s", d, why)
		} else if list[i] == component {
			c.bad(key, "leave the component out: it is the gateway itself", "%q is the component", d)
		} else if slices.Contains(list[:i], list[i]) {
			c.bad(key, "name each domain once", "%q is there twice", d)
		}
	}
}

func (c *checker) http(h *HTTPConfig) {
	c.endpoint("http.listen", h.Listen, 0, `write where to listen, such as "127.0.0.1:8080", or ":8080" for every address`)
	const key, want = "http.public_url", `write scheme and host only, such as "https://ap.example.org"`
	if h.PublicURL == "" {
		c.bad(key, `public_url = "https://ap.example.org", the address under which the web server forwards to the gateway`, "is missing")
		return
	}
	h.PublicURL = strings.TrimSuffix(h.PublicURL, "/")
	u, err := url.Parse(h.PublicURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		c.bad(key, want, "%q is not a web address", h.PublicURL)
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(h.PublicURL, "#") || u.User != nil:
		c.bad(key, want+`; the gateway needs a host of its own`, "%q has more than a scheme and a host", h.PublicURL)
	case !isHost(u.Host):
		c.bad(key, want, "%q is not a host name that every server can use", u.Host)
	case u.Scheme == "http" && !isLoopback(strings.ToLower(u.Hostname())):
		c.bad(key, "use https: other servers refuse plain http; only a loopback address may have it, for tests", "%q is not encrypted", h.PublicURL)
	default:
		h.PublicURL = u.Scheme + "://" + strings.ToLower(u.Host)
	}
}

func (c *checker) activityPub(cfg *Config) {
	a := &cfg.ActivityPub
	if a.HandleDomain == "" {
		_, a.HandleDomain, _ = strings.Cut(cfg.HTTP.PublicURL, "://")
		return
	}
	a.HandleDomain = strings.ToLower(a.HandleDomain)
	if !isHost(a.HandleDomain) {
		c.bad("activitypub.handle_domain", `write what follows the last @ of a handle, such as "ap.example.org", in ASCII letters (xn--… for others)`,
			"%q is not a domain", a.HandleDomain)
	}
}

func (c *checker) database(d *DBConfig) {
	const key, want = "db.url", `write "sqlite:" and a file, such as "sqlite:isthmus.db" or "sqlite:/var/lib/isthmus/isthmus.db", or "postgres://user:password@host/database"`
	file, isSQLite := strings.CutPrefix(d.URL, "sqlite:")
	switch {
	case strings.HasPrefix(d.URL, "postgres://") || strings.HasPrefix(d.URL, "postgresql://"):
		if err := db.CheckAddress(d.URL); err != nil {
			c.bad(key, `write "postgres://user:password@host/database"`, "%v", err)
		}
		return
	case !isSQLite:
		c.bad(key, want, "is not the address of a database that this version knows")
		return
	case file == "" || strings.HasSuffix(file, "/") || strings.ContainsAny(file, "?#") || strings.HasPrefix(file, ":"):
		c.bad(key, want, "%q does not name a plain file", d.URL)
		return
	case strings.HasPrefix(file, "//") && !strings.HasPrefix(file, "///"):
		c.bad(key, want, "%q names a host, but SQLite is a file", d.URL)
		return
	}
	d.Path = c.path(file)
	if info, err := os.Stat(filepath.Dir(d.Path)); err != nil || !info.IsDir() {
		c.bad(key, "mkdir -p "+filepath.Dir(d.Path)+", and let the gateway's user write there", "the folder of %q does not exist", d.Path)
	} else if info, err := os.Stat(d.Path); err == nil && info.IsDir() {
		c.bad(key, want, "%q is a folder", d.Path)
	}
}

func (c *checker) delivery(d *DeliveryConfig) {
	c.number("delivery.workers", d.Workers, 1, 4096)
	c.number("delivery.per_host", d.PerHost, 1, 64)
	c.number("delivery.breaker_failures", d.BreakerFailures, 1, 1000)
	c.duration("delivery.timeout", d.Timeout, time.Second, 5*time.Minute)
	c.duration("delivery.retry_first", d.RetryFirst, time.Second, 24*time.Hour)
	c.duration("delivery.retry_max", d.RetryMax, time.Second, 7*24*time.Hour)
	c.duration("delivery.give_up", d.GiveUp, time.Minute, 90*24*time.Hour)
	c.duration("delivery.breaker_window", d.BreakerWindow, time.Second, 24*time.Hour)
	c.duration("delivery.breaker_pause", d.BreakerPause, time.Second, 7*24*time.Hour)
	if d.RetryMax < d.RetryFirst {
		c.bad("delivery.retry_max", "make it at least as long as retry_first", "%s is shorter than retry_first, %s", short(d.RetryMax), short(d.RetryFirst))
	}
	if d.GiveUp < d.RetryFirst {
		c.bad("delivery.give_up", "make it longer than retry_first, or nothing is ever tried again", "%s is shorter than retry_first, %s", short(d.GiveUp), short(d.RetryFirst))
	}
}

func (c *checker) blog(b *BlogConfig) {
	c.duration("blog.poll", b.Poll, time.Second, 24*time.Hour)
	c.duration("blog.poll_missing", b.PollMissing, time.Second, 24*time.Hour)
	c.duration("blog.retract_hold", b.RetractHold, 0, 5*time.Minute)
	c.duration("blog.digest", b.Digest, 0, 7*24*time.Hour)
	if !slices.Contains([]string{bridge.LikesAttachments, bridge.LikesComments, bridge.LikesOff}, b.Likes) {
		c.bad("blog.likes", `write "attachments", "comments" or "off"`, "is the string %q", b.Likes)
	}
}

func (c *checker) reader(r *ReaderConfig) {
	c.number("reader.backfill", r.Backfill, 1, 200)
	c.number("reader.keep", r.Keep, 200, 1_000_000)
	c.duration("reader.refresh", r.Refresh, time.Second, 30*24*time.Hour)
	if r.Media != bridge.MediaLink && r.Media != bridge.MediaProxy {
		c.bad("reader.media", `write "link" or "proxy"`, "is the string %q", r.Media)
	}
}

// maxStylesheet bounds a stylesheet, in bytes.
const maxStylesheet = 256 << 10

func (c *checker) presentation(cfg *Config) {
	if f := cfg.Log.Format; f != "text" && f != "json" {
		c.bad("log.format", `write "text" or "json"`, "is the string %q", f)
	}
	if n := strings.TrimSpace(cfg.Gateway.Name); n == "" || len(n) > 100 {
		c.bad("gateway.name", `write a short name, such as "Isthmus"`, "is empty or longer than 100 bytes")
	}
	if len(cfg.Gateway.Description) > 2000 {
		c.bad("gateway.description", "write a sentence or two", "is longer than 2000 bytes")
	}
	for _, r := range cfg.Gateway.Rules {
		if strings.TrimSpace(r) == "" || len(r) > 1000 {
			c.bad("gateway.rules", "write each rule as a sentence", "one is empty or longer than 1000 bytes")
		}
	}
	if file := cfg.Gateway.Stylesheet; file != "" {
		cfg.Gateway.Stylesheet = c.path(file)
		var err error
		switch cfg.Gateway.Style, err = os.ReadFile(cfg.Gateway.Stylesheet); {
		case err != nil:
			c.bad("gateway.stylesheet", `write the path of a CSS file that the gateway can read, or "" for its own`, "%v", err)
		case len(cfg.Gateway.Style) > maxStylesheet:
			c.bad("gateway.stylesheet", "leave pictures and fonts out of it", "has more than %d bytes", maxStylesheet)
		}
	}
	if s := cfg.Gateway.Contact; s != "" {
		u, err := url.Parse(s)
		if err != nil || !slices.Contains([]string{"mailto", "xmpp", "https", "http"}, u.Scheme) {
			c.bad("gateway.contact", `put "mailto:" or "xmpp:" in front of an address, or write the https address of a page`, "%q is not a link", s)
		}
	}
}

func (c *checker) path(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(c.dir, p)
}

func (c *checker) endpoint(key, value string, lowest int, fix string) {
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		c.bad(key, fix, "%q is not host:port", value)
	} else if n, err := strconv.Atoi(port); err != nil || n < lowest || n > 65535 {
		c.bad(key, fix, "%q is not a port number", port)
	}
}

func (c *checker) number(key string, n, low, high int) {
	if n < low || n > high {
		c.bad(key, "", "is %d, expected %d to %d", n, low, high)
	}
}

func (c *checker) duration(key string, d, low, high time.Duration) {
	if d < low || d > high {
		c.bad(key, "", "is %s, expected %s to %s", short(d), short(low), short(high))
	}
}

// short is d as one would write it: 6h, not 6h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
