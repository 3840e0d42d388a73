package bridge

import (
	"bytes"
	"context"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// A web address of a profile is somebody's own when the page there says so: it links back
// with rel=me, to the profile's page here or to the actor (microformats.org/wiki/rel-me).

const kindProve = "prove"

// preferenceProven has the addresses whose pages did when they were last read, one on a line.
const preferenceProven = "proven"

// Bounds of reading such pages.
const (
	proveAgain = 24 * time.Hour
	maxProof   = 1 << 20 // bytes of a page; the head is at its beginning
)

func proveJob(blog, now int64) db.Job {
	return db.Job{Kind: kindProve, Anywhere: true, Key: strconv.FormatInt(blog, 10), Due: now}
}

// prove reads the pages of a profile's web addresses, and once a day again.
func (b *Bridge) prove(ctx context.Context, blog *db.Blog) error {
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return err
	}
	var proven []string
	links := ownLinks(blog, prefs)
	for _, u := range links {
		if b.linksBack(ctx, u, blog) {
			proven = append(proven, u)
		}
	}
	if text := strings.Join(proven, "\n"); text != prefs[preferenceProven] {
		if err := b.db.SetPreference(ctx, blog.ID, preferenceProven, text); err != nil {
			return err
		}
	}
	if len(links) == 0 {
		return nil
	}
	return queue.Snooze(proveAgain)
}

// ownLinks are the web addresses of a profile.
func ownLinks(blog *db.Blog, prefs map[string]string) (out []string) {
	fields := mapping.Profile{Links: strings.Fields(blog.Profile.Links), Fields: fieldsOf(prefs)}
	for _, f := range fields.AllFields() {
		if u := f.Link(); strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://") {
			out = append(out, u)
		}
	}
	return out
}

func provenLinks(prefs map[string]string) []string { return strings.Fields(prefs[preferenceProven]) }

func (b *Bridge) linksBack(ctx context.Context, address string, blog *db.Blog) bool {
	_, page, err := b.client.File(ctx, address, maxProof, func(contentType string) bool {
		t, _, err := mime.ParseMediaType(contentType)
		return err == nil && (t == "text/html" || t == "application/xhtml+xml")
	})
	if err != nil {
		b.logger(ctx).Debug("a profile's address was not read", "address", address, "why", err)
		return false
	}
	for _, href := range meLinks(page) {
		if slices.Contains([]string{b.addr.Page(blog.Handle), b.addr.Actor(blog.Token)}, strings.TrimSuffix(href, "/")) {
			return true
		}
	}
	return false
}

// meLinks are the addresses to which a page links with rel=me.
func meLinks(page []byte) (out []string) {
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return out // the end
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data != "a" && t.Data != "link" {
				continue
			}
			var rel, href string
			for _, a := range t.Attr {
				switch a.Key {
				case "rel":
					rel = a.Val
				case "href":
					href = strings.TrimSpace(a.Val)
				}
			}
			if u, err := url.Parse(href); err == nil && u.IsAbs() && slices.Contains(strings.Fields(strings.ToLower(rel)), "me") {
				out = append(out, href)
			}
		}
	}
}
