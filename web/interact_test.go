package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// post sends the form; headers are name, value pairs.
func post(path string, form url.Values, headers ...string) *http.Response {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	New(sample{}, nil).ServeHTTP(w, r)
	return w.Result()
}

// Each deed goes to what the visitor's server offers for it, or to what comes nearest.
func TestDeparture(t *testing.T) {
	actor, object := url.QueryEscape(louise.ID), url.QueryEscape(canal.ID)
	for _, c := range []struct{ path, me, to string }{
		{"/interact/follow/@louise", "@bob@mastodon.example", "https://mastodon.example/authorize_interaction?uri=" + actor},
		{"/interact/follow/@louise", "bob@emissary.example", "https://emissary.example/follow?o=" + actor + "&then=" + url.QueryEscape(host+"/@louise") + "&x="},
		{"/interact/like/@louise/c4n4l", " @bob@emissary.example ", "https://emissary.example/like?o=" + object},
		{"/interact/boost/@louise/c4n4l", "@bob@emissary.example", "https://emissary.example/boost?o=" + object},
		{"/interact/reply/@louise/c4n4l", "@bob@emissary.example", "https://emissary.example/new?t=Note&re=" + object + "&c="},
		{"/interact/reply/@louise/c4n4l", "@bob@objects.example", "https://objects.example/show?o=" + object},
		{"/interact/like/@louise/c4n4l", "@bob@mastodon.example", "https://mastodon.example/authorize_interaction?uri=" + object},
	} {
		r := post(c.path, url.Values{"me": {c.me}}, "Sec-Fetch-Site", "same-origin")
		if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != c.to || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s as %s: %d %s", c.path, c.me, r.StatusCode, r.Header.Get("Location"))
		}
		// The next time nothing is asked.
		if len(r.Cookies()) != 1 {
			t.Fatalf("%s as %s: cookies %v", c.path, c.me, r.Cookies())
		}
		k := r.Cookies()[0]
		if !k.Secure || !k.HttpOnly || k.Path != "/interact/" || k.SameSite != http.SameSiteLaxMode {
			t.Errorf("the cookie is %v", k)
		}
		again := get(t, sample{}, c.path, "Cookie", k.Name+"="+k.Value)
		if again.StatusCode != http.StatusSeeOther || again.Header.Get("Location") != c.to {
			t.Errorf("%s again: %d %s", c.path, again.StatusCode, again.Header.Get("Location"))
		}
		other := get(t, sample{}, c.path+"?other", "Cookie", k.Name+"="+k.Value)
		if text := body(t, other); other.StatusCode != 200 || !strings.Contains(text, `value="@bob@`) || !strings.Contains(text, "Forget it") {
			t.Errorf("%s with another account: %d\n%s", c.path, other.StatusCode, text)
		}
	}
}

// What does not work out is said, with what to do by hand.
func TestNoDeparture(t *testing.T) {
	for _, c := range []struct {
		me     string
		status int
		says   string
	}{
		{"bob", 422, "no address of the Fediverse"},
		{"", 422, "no address of the Fediverse"},
		{"@nobody@mastodon.example", 422, "does not know this account"},
		{"@bob@silent.example", 422, "does not answer"},
		{"@bob@quiet.example", 200, "does not say how"},
		{"@bob@odd.example", 200, "does not say how"}, // it offers no https address
	} {
		r := post("/interact/follow/@louise", url.Values{"me": {c.me}}, "Sec-Fetch-Site", "same-origin")
		text := body(t, r)
		if r.StatusCode != c.status || !strings.Contains(text, c.says) || !strings.Contains(text, "@louise@example.org") {
			t.Errorf("%q: %d\n%s", c.me, r.StatusCode, text)
		}
		if r.Header.Get("Cache-Control") != "no-store" || !strings.Contains(r.Header.Get("Content-Security-Policy"), "form-action 'self' https:") {
			t.Errorf("%q: %v", c.me, r.Header)
		}
	}
}

// Another site cannot send visitors on through here: they are asked first.
func TestNoOpenRedirect(t *testing.T) {
	for _, from := range []string{"cross-site", "same-site"} {
		r := post("/interact/follow/@louise", url.Values{"me": {"@eve@mastodon.example"}}, "Sec-Fetch-Site", from)
		if r.StatusCode != 200 || len(r.Cookies()) > 0 {
			t.Errorf("%s: %d, to %q", from, r.StatusCode, r.Header.Get("Location"))
		}
	}
	r := post("/interact/follow/@louise", url.Values{"me": {"@eve@mastodon.example"}}, "Origin", "https://evil.example")
	if r.StatusCode != 200 || len(r.Cookies()) > 0 {
		t.Errorf("another origin: %d, to %q", r.StatusCode, r.Header.Get("Location"))
	}
	if r := get(t, sample{}, "/interact/follow/@louise?me=@eve@mastodon.example"); r.StatusCode != 200 {
		t.Errorf("in the address: %d, to %q", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestForgotten(t *testing.T) {
	r := post("/interact/follow/@louise", url.Values{"me": {"@bob@mastodon.example"}, "forget": {"1"}}, "Cookie", "home=bob%40mastodon.example")
	if text := body(t, r); r.StatusCode != 200 || len(r.Cookies()) != 1 || r.Cookies()[0].MaxAge >= 0 || strings.Contains(text, "bob") {
		t.Errorf("%d, %v\n%s", r.StatusCode, r.Cookies(), text)
	}
}

func TestInteractPaths(t *testing.T) {
	for path, want := range map[string]struct {
		status int
		to     string
	}{
		"/interact/follow/@louise":        {200, ""},
		"/interact/follow/@Louise":        {302, "/interact/follow/@louise"},
		"/interact/like/@Louise/c4n4l":    {302, "/interact/like/@louise/c4n4l"},
		"/interact/follow/@louise/c4n4l":  {404, ""},
		"/interact/like/@louise":          {404, ""},
		"/interact/steal/@louise/c4n4l":   {404, ""},
		"/interact/follow/louise":         {404, ""},
		"/interact/follow/@nobody":        {404, ""},
		"/interact/like/@louise/none":     {404, ""},
		"/interact/follow/@left":          {410, ""},
		"/interact/follow/@broken":        {503, ""},
		"/interact/like/@mallory/evil":    {200, ""},
		"/interact/boost/@louise/end":     {200, ""},
		"/interact/follow/@louise/c4/n4l": {404, ""},
	} {
		r := get(t, sample{}, path)
		if r.StatusCode != want.status || r.Header.Get("Location") != want.to {
			t.Errorf("%s: %d %q, want %d %q", path, r.StatusCode, r.Header.Get("Location"), want.status, want.to)
		}
	}
}
