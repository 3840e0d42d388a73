package doctor

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

const (
	asServer = "application/activity+json"
	asPerson = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
)

// documents sees whether servers get documents and people get pages, also when one asks
// after the other.
func (v *visit) documents(ctx context.Context) []Result {
	var out []Result
	type want struct{ accept, typ string }
	first := true
	for _, w := range []want{{asServer, asServer}, {asPerson, "text/html"}, {asServer, asServer}} {
		got, err := v.get(ctx, v.Actor, "Accept", w.accept)
		if err == nil && w.accept == asPerson && got.StatusCode/100 == 3 { // to the page
			got, err = v.get(ctx, absolute(v.Actor, got.Header.Get("Location")), "Accept", w.accept)
		}
		id := "http.accept"
		if !first {
			id = "http.cache"
		}
		switch {
		case err != nil:
			return append(out, Bad(id, proxyFix, "%s: %v", v.Actor, err))
		case got.StatusCode != http.StatusOK:
			return append(out, Bad(id, proxyFix, "%s answers %s", v.Actor, got.status()))
		case mediaType(got) != w.typ && id == "http.cache":
			return append(out, Bad(id, "do not keep what the gateway sends, or keep it apart by its Vary header (a CDN: no caching for this host)", "who asked for %s gets %s, which somebody else asked for", w.typ, mediaType(got)))
		case mediaType(got) != w.typ:
			return append(out, Bad(id, "pass the Accept header on, and do not change Content-Type", "who asks for %s gets %s", w.typ, mediaType(got)))
		}
		if first {
			out = append(out, Good(id, "servers get %s", w.typ))
			if !strings.Contains(strings.ToLower(strings.Join(got.Header.Values("Vary"), ",")), "accept") {
				out = append(out, Bad("http.vary", "do not remove the Vary header", "the Vary header does not arrive: a cache in between would give pages to servers"))
			} else {
				out = append(out, Good("http.vary", "caches are told to keep them apart"))
			}
		}
		first = false
	}
	return append(out, Good("http.cache", "servers and people get theirs, also after each other"), v.nodeInfo(ctx))
}

func absolute(base, to string) string {
	b, err := url.Parse(base)
	if err != nil {
		return to
	}
	u, err := b.Parse(to)
	if err != nil {
		return to
	}
	return u.String()
}

func mediaType(a asked) string {
	t, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return t
}

func (v *visit) nodeInfo(ctx context.Context) Result {
	const id = "http.nodeinfo"
	got, err := v.get(ctx, v.PublicURL+"/.well-known/nodeinfo")
	if err != nil || got.StatusCode != http.StatusOK || got.json()["links"] == nil {
		return Bad(id, "let the web server forward all of /.well-known/ and /nodeinfo/", "%s/.well-known/nodeinfo: %s", v.PublicURL, describe(got, err))
	}
	return Good(id, "it says what this server is")
}

func describe(got asked, err error) string {
	if err != nil {
		return err.Error()
	}
	return got.status() + ", " + mediaType(got)
}

// handles looks at WebFinger, at the gateway's host and at the domain of handles.
func (v *visit) handles(ctx context.Context) []Result {
	out := []Result{v.finger(ctx, "webfinger.host", v.host), v.hostMeta(ctx, v.host)}
	if v.Handles != v.host {
		out = append(out, v.finger(ctx, "webfinger.handles", v.Handles), v.hostMeta(ctx, v.Handles))
	}
	return out
}

// finger asks one host who the gateway's own actor is, and follows redirects by hand.
func (v *visit) finger(ctx context.Context, id, host string) Result {
	query := "?resource=" + url.QueryEscape(v.Resource)
	at := "https://" + host + "/.well-known/webfinger" + query
	if strings.HasPrefix(v.PublicURL, "http://") {
		at = "http" + strings.TrimPrefix(at, "https")
	}
	forward := "let the web server of " + host + " forward /.well-known/webfinger to " + v.Listen + ": “gateway setup --print apex”"
	for range 5 {
		got, err := v.get(ctx, at, "Accept", "application/jrd+json")
		if err == nil && got.StatusCode/100 == 3 {
			next := absolute(at, got.Header.Get("Location"))
			if u, err := url.Parse(next); err != nil || u.Query().Get("resource") != v.Resource {
				return Bad("webfinger.query", "keep the query when redirecting: “return 301 https://"+v.host+"$request_uri;” in nginx", "%s sends to %s: what was asked is lost", host, next)
			}
			at = next
			continue
		}
		switch {
		case err != nil:
			return Bad(id, forward, "%s: %v", host, err)
		case got.StatusCode != http.StatusOK:
			return Bad(id, forward, "%s answers %s", host, got.status())
		case got.json()["subject"] != v.Resource:
			return Bad(id, forward, "%s says that %s is %v", host, v.Resource, got.json()["subject"])
		case mediaType(got) != "application/jrd+json" && mediaType(got) != "application/json":
			return Odd("webfinger.type", "pass the Content-Type on", "WebFinger at %s is %s", host, mediaType(got))
		case got.Header.Get("Access-Control-Allow-Origin") == "":
			return Odd("webfinger.origin", "pass the header Access-Control-Allow-Origin on", "scripts of web clients may not read WebFinger at %s", host)
		}
		return Good(id, "%s knows %s", host, strings.TrimPrefix(v.Resource, "acct:"))
	}
	return Bad(id, forward, "%s redirects in a circle", host)
}

func (v *visit) hostMeta(ctx context.Context, host string) Result {
	id := "hostmeta.host"
	if host != v.host {
		id = "hostmeta.handles"
	}
	at := strings.SplitN(v.PublicURL, "://", 2)[0] + "://" + host + "/.well-known/host-meta"
	got, err := v.get(ctx, at)
	for range 3 {
		if err != nil || got.StatusCode/100 != 3 {
			break
		}
		at = absolute(at, got.Header.Get("Location"))
		got, err = v.get(ctx, at)
	}
	if err != nil || got.StatusCode != http.StatusOK || !strings.Contains(string(got.body), "webfinger") {
		return Odd(id, "forward /.well-known/host-meta of "+host+", too", "host-meta at %s: %s: a few servers will not find anybody", host, describe(got, err))
	}
	return Good(id, "host-meta at %s leads to WebFinger", host)
}
