package page

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"isthmus/control"
)

// desk answers what these tests ask.
type desk struct {
	control.Desk
	did []control.Doing
}

func (d *desk) Do(_ context.Context, doing control.Doing) (control.Done, error) {
	d.did = append(d.did, doing)
	if strings.HasPrefix(doing.Text, "frobnicate") {
		return control.Done{}, control.ErrNotFound
	}
	return control.Done{Text: "sure?", Asks: !doing.Sure}, nil
}

func (d *desk) Accounts(context.Context) ([]control.Account, error) {
	return []control.Account{{JID: "alice@example.org", Handle: "alice@ap.example.org", Page: "javascript:alert(1)", Reason: "<b>closed</b>", Kind: "person", State: "on"}}, nil
}

func (d *desk) Rules(context.Context) ([]control.Rule, error) {
	return nil, errors.New("the disk is full")
}

// visitor has a browser without a session.
type visitor struct {
	t      *testing.T
	at     string
	client http.Client
}

func visits(t *testing.T, cfg Config) *visitor {
	t.Helper()
	server := httptest.NewServer(New(cfg))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, server.URL + Path, http.Client{Jar: jar}}
}

func (v *visitor) got(resp *http.Response, err error) (int, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if csp := resp.Header.Get("Content-Security-Policy"); csp != policy || resp.Header.Get("Cache-Control") != "no-store" {
		v.t.Errorf("headers %v", resp.Header)
	}
	return resp.StatusCode, string(text)
}

func (v *visitor) looks(path string) (int, string) { return v.got(v.client.Get(v.at + path)) }

func (v *visitor) sends(path string, fields ...string) (int, string) {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return v.got(v.client.PostForm(v.at+path, form))
}

// A link lets in once; whoever has none sees nothing, and can do nothing.
func TestTheDoor(t *testing.T) {
	d := &desk{}
	v := visits(t, Config{Desk: d, Name: "Isthmus", Write: true, Admit: func(token string) bool { return token == "good" }})
	for _, path := range []string{"", "accounts", "hosts", "nothing"} {
		if code, text := v.looks(path); code != 403 || strings.Contains(text, "alice") {
			t.Errorf("%s without a session: %d %s", path, code, text)
		}
	}
	if code, _ := v.sends("do", "text", "suspend alice@example.org", "sure", "1"); code != 403 || len(d.did) > 0 {
		t.Errorf("do without a session: %d, %v", code, d.did)
	}
	if code, _ := v.sends("enter", "token", "bad"); code != 403 {
		t.Errorf("a bad link: %d", code)
	}
	if code, text := v.looks("enter?token=good"); code != 200 || !strings.Contains(text, `value="good"`) {
		t.Errorf("the door: %d %s", code, text)
	}
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if code, _ := v.sends("enter", "token", "good"); code != 303 {
		t.Errorf("a good link: %d", code)
	}
	code, text := v.looks("accounts")
	if code != 200 || !strings.Contains(text, "alice@example.org") || strings.Contains(text, "<b>closed") || strings.Contains(text, `"javascript:`) {
		t.Errorf("inside: %d %s", code, text)
	}
	if code, text := v.looks("blocks"); code != 500 || !strings.Contains(text, "the disk is full") {
		t.Errorf("what cannot be read: %d %s", code, text)
	}
	if code, _ := v.looks("nothing"); code != 404 {
		t.Errorf("nothing: %d", code)
	}
	other := visits(t, Config{})
	other.at = v.at
	if code, _ := other.sends("enter", "token", "good"); code != 403 {
		t.Errorf("the link a second time: %d", code)
	}
	if code, text := v.sends("do", "text", "suspend alice@example.org", "more", " spam\nand more", "back", "https://evil.example/"); code != 200 || !strings.Contains(text, "sure?") || strings.Contains(text, "evil") || d.did[0].Text != "suspend alice@example.org spam and more" || d.did[0].Sure {
		t.Errorf("do: %d %s %v", code, text, d.did)
	}
	if code, _ := v.sends("do", "text", "frobnicate"); code != 404 {
		t.Errorf("no such command: %d", code)
	}
	if code, _ := v.sends("leave"); code != 200 {
		t.Errorf("leave: %d", code)
	}
	if code, _ := v.looks("accounts"); code != 403 {
		t.Errorf("after leaving: %d", code)
	}
}

// Where it is for looking only, nothing can be done, and there are no buttons for it.
func TestReadOnly(t *testing.T) {
	d := &desk{}
	v := visits(t, Config{Desk: d, Admit: func(string) bool { return true }})
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	v.sends("enter", "token", "x")
	if code, text := v.looks("accounts"); code != 200 || strings.Contains(text, "/admin/do") {
		t.Errorf("accounts: %d %s", code, text)
	}
	if code, _ := v.sends("do", "text", "suspend alice@example.org", "sure", "1"); code != 403 || len(d.did) > 0 {
		t.Errorf("do: %d, %v", code, d.did)
	}
}

// Sessions end, and there are not too many.
func TestSessions(t *testing.T) {
	var s sessions
	yes, now := func(string) bool { return true }, time.Now()
	id, ok := s.open("first", yes, now)
	if !ok || !s.known(id, now) || s.known(id, now.Add(sessionFor+time.Second)) || s.known("", now) {
		t.Error("a session")
	}
	for i := range most {
		s.open(strings.Repeat("x", i), yes, now)
	}
	if _, ok := s.open("one more", yes, now); ok {
		t.Error("more than there may be")
	}
	if _, ok := s.open("one more", yes, now.Add(sessionFor+time.Second)); !ok {
		t.Error("the old ones are not forgotten")
	}
}

func TestChart(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	list := []control.Minutes{{From: from, Delivered: 3, Failed: 1}, {From: from.Add(10 * time.Minute), Received: 7}}
	if got := string(chart(list, "delivered")); !strings.Contains(got, "3 made, 1 attempts failed") || strings.Count(got, "<rect") != 2 || !strings.Contains(got, ">00:00<") {
		t.Error(got)
	}
	if got := string(chart(nil, "received")); !strings.Contains(got, ": 0") {
		t.Error(got)
	}
}
