package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// echo is what the gateway says arrived (activitypub.Echo).
type echo struct {
	Method, Target, Host, From, Client, Accept, Signature string
	Trusted                                               bool
	Forwarded                                             []string
	Body                                                  int
}

const proxyFix = "pass everything on unchanged: “gateway setup --print nginx” and “--print caddy” print how"

// reach sees whether the public address leads to this gateway.
func (v *visit) reach(ctx context.Context) Result {
	const id = "http.reach"
	address := v.PublicURL + "/.well-known/nodeinfo"
	if v.Token != "" {
		address = v.PublicURL + v.EchoPath + v.Token
	}
	got, err := v.get(ctx, address)
	switch {
	case err != nil:
		return Bad(id, "let the web server listen for "+v.host+", and open the firewall", "%s: %v", v.PublicURL, err)
	case got.StatusCode == http.StatusBadGateway || got.StatusCode == http.StatusGatewayTimeout || got.StatusCode == http.StatusServiceUnavailable:
		return Bad(id, "start the gateway, and let the web server forward to [http] listen ("+v.Listen+")", "%s: %s: the web server does not reach the gateway", v.PublicURL, got.status())
	case got.StatusCode == http.StatusTooManyRequests:
		return Bad("http.client", "name your web server's address in [http] proxies", "%s: %s: everybody is counted as one", v.PublicURL, got.status())
	case got.StatusCode != http.StatusOK:
		return Bad(id, "let the web server forward all of "+v.host+" to "+v.Listen, "%s answers %s: it is not this gateway", address, got.status())
	}
	return Good(id, "%s leads here", v.PublicURL)
}

// redirect sees what happens to who does not ask for https.
func (v *visit) redirect(ctx context.Context) Result {
	const id = "http.redirect"
	if !strings.HasPrefix(v.PublicURL, "https://") || strings.Contains(v.host, ":") {
		return Skipped(id, "%s has no plain counterpart", v.PublicURL)
	}
	got, err := v.get(ctx, "http://"+v.host+"/.well-known/nodeinfo")
	switch {
	case err != nil:
		return Skipped(id, "nothing answers at port 80, which nobody needs")
	case got.StatusCode >= 300 && got.StatusCode < 400 && strings.HasPrefix(got.Header.Get("Location"), "https://"+v.host):
		return Good(id, "http leads to https")
	}
	return Odd(id, "let the web server redirect http to https for "+v.host, "http://%s answers %s", v.host, got.status())
}

// echoes sends requests whose arrival the gateway describes.
func (v *visit) echoes(ctx context.Context) []Result {
	if v.Token == "" {
		return []Result{Skipped("http.host", "the gateway does not run: what the web server changes is not looked at")}
	}
	base := v.EchoPath + v.Token
	e, err := v.echo(ctx, http.MethodGet, base, nil)
	if err != nil {
		return []Result{Bad("http.reach", proxyFix, "%v", err)}
	}
	out := []Result{v.seenHost(e), v.seenClient(e)}
	target := base + "?a=x%2Fy%20z&b=%40"
	if e, err = v.echo(ctx, http.MethodGet, target, nil); err != nil || e.Target != target {
		out = append(out, Bad("http.path", "forward the path and the query as they came: no path in nginx's proxy_pass (“proxy_pass http://"+v.Listen+";”), nothing rewritten", "%s arrives as %q %s", target, e.Target, said(err)))
	} else {
		out = append(out, Good("http.path", "paths and queries arrive as they were sent"))
	}
	const large = 1_000_000
	if e, err = v.echo(ctx, http.MethodPost, base, bytes.Repeat([]byte(" "), large)); err != nil || e.Body != large {
		out = append(out, Bad("http.body", "allow bodies of 1 MB (nginx: client_max_body_size 2m;), and the method POST", "a POST of 1 MB does not arrive: %d bytes %s", e.Body, said(err)))
	} else {
		out = append(out, Good("http.body", "a POST of 1 MB arrives"))
	}
	return append(out, v.signed(ctx, base)...)
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return "(" + err.Error() + ")"
}

func (v *visit) seenHost(e echo) Result {
	if !strings.EqualFold(strings.TrimSuffix(e.Host, ":443"), v.host) {
		return Bad("http.host", "pass the Host header on: proxy_set_header Host $host; in nginx, ProxyPreserveHost On in Apache", "the gateway is told that it is %q: it refuses whatever is signed", e.Host)
	}
	return Good("http.host", "the Host header arrives")
}

// seenClient sees whether requests are told apart by where they come from.
func (v *visit) seenClient(e echo) Result {
	const id = "http.client"
	switch {
	case len(e.Forwarded) > 0 && !e.Trusted:
		return Bad(id, fmt.Sprintf("write [http] proxies = [%q], with the address of your web server", e.From+mask(e.From)), "X-Forwarded-For of %s is not believed: everybody is counted as one, and gets 429 together", e.From)
	case len(e.Forwarded) == 0 && e.Trusted:
		return Odd(id, "let the web server set it: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; in nginx; Caddy does", "X-Forwarded-For does not arrive: nobody is limited by address")
	case e.Client == "": // asked from here, which is where the web server is
		return Good(id, "the web server says who asks (%s)", strings.Join(e.Forwarded, ", "))
	}
	return Good(id, "who asks is known (%s)", e.Client)
}

func mask(ip string) string {
	if strings.Contains(ip, ":") {
		return "/128"
	}
	return "/32"
}

// signed sees whether what other servers sign arrives unchanged.
func (v *visit) signed(ctx context.Context, base string) (out []Result) {
	for _, way := range slices.Sorted(maps.Keys(v.Sign)) {
		id := "http.signature." + way
		body := []byte(`{"type":"Note"}`)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.PublicURL+base, bytes.NewReader(body))
		if err == nil {
			req.Header.Set("Content-Type", "application/activity+json")
			err = v.Sign[way](req, body)
		}
		if err != nil {
			out = append(out, Skipped(id, "not signed: %v", err))
			continue
		}
		e, err := v.sent(req)
		if err != nil || e.Signature != "" {
			out = append(out, Bad(id, proxyFix+"; Host, Date, Digest, Content-Digest, Signature and Signature-Input are signed", "what this gateway signs for itself is refused: %s %s", e.Signature, said(err)))
			continue
		}
		out = append(out, Good(id, "a request signed so is good when it arrives"))
	}
	return out
}

func (v *visit) echo(ctx context.Context, method, target string, body []byte) (echo, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.PublicURL+target, bytes.NewReader(body))
	if err != nil {
		return echo{}, err
	}
	return v.sent(req)
}

func (v *visit) sent(req *http.Request) (e echo, err error) {
	got, err := v.do(req)
	if err != nil {
		return e, err
	}
	if got.StatusCode != http.StatusOK {
		return e, fmt.Errorf("%s %s", req.Method, got.status())
	}
	return e, json.Unmarshal(got.body, &e)
}
