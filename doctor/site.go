package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Site is a gateway as the web sees it, and what is known of it besides.
type Site struct {
	PublicURL string // https://host
	Handles   string // domain of handles
	Listen    string // where the gateway itself listens, host:port
	Resource  string // acct: of the gateway's own actor
	Actor     string // its id
	Token     string // for an echo, "" when the gateway does not run
	EchoPath  string // where that is, before the token
	// Sign signs a request as the gateway does, by the name of the way.
	Sign map[string]func(*http.Request, []byte) error
}

// Timeouts: of one request, and of all of them together.
const (
	askFor = 10 * time.Second
	allFor = 90 * time.Second
)

// visit is a Site while it is looked at.
type visit struct {
	Site
	host   string
	client http.Client
}

// asked is an answer.
type asked struct {
	*http.Response
	body []byte
}

// Checks looks at the site from outside, as far as this machine is outside: a name that
// leads back through a router may work for others and not from here.
func (s Site) Checks(ctx context.Context) []Result {
	ctx, cancel := context.WithTimeout(ctx, allFor)
	defer cancel()
	u, err := url.Parse(s.PublicURL)
	if err != nil {
		return []Result{Bad("dns", "set [http] public_url", "%s is no address", s.PublicURL)}
	}
	v := &visit{Site: s, host: u.Host}
	// A certificate that is wrong is told by one check; the others go on.
	v.client = http.Client{Timeout: askFor, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	out := []Result{v.local(ctx)}
	addresses, dns := v.dns(ctx)
	out = append(out, dns)
	if dns.State == Fail {
		return append(out, v.handles(ctx)...)
	}
	out = append(out, v.family(ctx, addresses))
	if u.Scheme == "https" {
		out = append(out, v.tls(ctx)...)
	}
	reach := v.reach(ctx)
	out = append(out, reach)
	if reach.State == Fail {
		return append(out, v.handles(ctx)...)
	}
	out = append(out, v.redirect(ctx))
	out = append(out, v.echoes(ctx)...)
	out = append(out, v.documents(ctx)...)
	return append(out, v.handles(ctx)...)
}

// get asks for an address; headers are name, value, …
func (v *visit) get(ctx context.Context, address string, headers ...string) (asked, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return asked{}, err
	}
	return v.do(req, headers...)
}

func (v *visit) do(req *http.Request, headers ...string) (asked, error) {
	req.Header.Set("User-Agent", "Isthmus-doctor")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := v.client.Do(req)
	if err != nil {
		return asked{}, plain(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return asked{resp, body}, err
}

// plain is an error without the address, which stands beside it.
func plain(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

// status is an answer for people.
func (a asked) status() string {
	s := fmt.Sprintf("%d %s", a.StatusCode, http.StatusText(a.StatusCode))
	if to := a.Header.Get("Location"); to != "" {
		s += ", to " + to
	}
	return s
}

func (a asked) json() (v map[string]any) {
	_ = json.Unmarshal(a.body, &v)
	return v
}

// local asks the gateway itself, past the web server.
func (v *visit) local(ctx context.Context) Result {
	const id = "http.listen"
	host, port, err := net.SplitHostPort(v.Listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	got, err := v.get(ctx, "http://"+net.JoinHostPort(host, port)+"/.well-known/nodeinfo")
	switch {
	case err != nil:
		return Bad(id, "start the gateway (systemctl start isthmus), and look at journalctl -u isthmus", "the gateway does not answer at %s: %v", v.Listen, err)
	case !bytes.Contains(got.body, []byte("nodeinfo")):
		return Bad(id, "another program has the port: change [http] listen", "something else answers at %s: %s", v.Listen, got.status())
	}
	return Good(id, "the gateway answers at %s", v.Listen)
}

func (v *visit) dns(ctx context.Context) ([]net.IPAddr, Result) {
	const id = "dns"
	name, _, _ := strings.Cut(v.host, ":")
	list, err := net.DefaultResolver.LookupIPAddr(ctx, name)
	var de *net.DNSError
	if errors.As(err, &de) && de.IsNotFound || err == nil && len(list) == 0 {
		return nil, Bad(id, "add an A record (and AAAA, if you have IPv6) for "+name+" at your DNS provider, with the address of your web server", "%s has no address", name)
	}
	if err != nil {
		return nil, Bad(id, "look at /etc/resolv.conf, or ask again later", "%s cannot be looked up: %v", name, err)
	}
	var texts []string
	for _, a := range list {
		texts = append(texts, a.String())
	}
	return list, Good(id, "%s is %s", name, strings.Join(texts, ", "))
}

// family tries each address: one that leads nowhere makes some servers fail, others wait.
func (v *visit) family(ctx context.Context, list []net.IPAddr) Result {
	const id = "dns.addresses"
	_, port, _ := strings.Cut(v.host, ":")
	if port == "" {
		port = "443"
	}
	var dead []string
	for _, a := range list {
		d := net.Dialer{Timeout: 3 * time.Second}
		conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), port))
		if err != nil {
			dead = append(dead, fmt.Sprintf("%s (%v)", a.String(), cause(err)))
			continue
		}
		conn.Close()
	}
	if len(dead) > 0 {
		return Odd(id, "open port "+port+" of those addresses (firewall, “listen [::]:443” of the web server), or take their DNS records away. A router that does not lead back to itself may make only this machine see it so", "nothing answers at %s", strings.Join(dead, ", "))
	}
	return Good(id, "each address answers at port %s", port)
}

func cause(err error) error {
	var oe *net.OpError
	if errors.As(err, &oe) {
		return oe.Err
	}
	return err
}
