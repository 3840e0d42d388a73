//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"isthmus/control"
	"isthmus/e2e/browser"
	"isthmus/e2e/netlab"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// asks runs a command that answers with JSON.
func asks[T any](t *testing.T, w *world.World, args ...string) (v T) {
	t.Helper()
	out, code := w.Gateway.Run(append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != 0 {
		t.Errorf("%v: exit %d, %v\n%s", args, code, err, out)
	}
	return v
}

// An admin at the command line sees and decides what happens, follows a post through the
// gateway, and tries the whole way to a foreign server and back.
func TestAdminAtTheCommandLine(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Discusses("shown to the admin", world.OwnPEP)
		note := bob.Sees("Create", "shown to the admin")["object"].(world.JSON)
		id := fmt.Sprint(note["id"])
		bob.Replies(id, "and this below it")

		accounts := asks[[]control.Account](t, w, "accounts")
		if len(accounts) != 1 || accounts[0].JID != louise.JID || accounts[0].Followers != 1 || accounts[0].State != "on" {
			t.Errorf("accounts: %+v", accounts)
		}
		if follows := asks[[]control.Follow](t, w, "follows", louise.JID); len(follows) != 1 || !strings.Contains(follows[0].Account, bob.Handle()) {
			t.Errorf("follows: %+v", follows)
		}
		if hosts := asks[[]control.Host](t, w, "hosts"); len(hosts) != 0 {
			t.Errorf("hosts: %+v", hosts)
		}
		asks[control.Queue](t, w, "queue")
		asks[[]control.Job](t, w, "jobs")
		var trace control.Trace
		w.Until("all of the trace", func() error {
			trace = asks[control.Trace](t, w, "trace", id)
			text := fmt.Sprintf("%+v", trace)
			for _, part := range []string{"strangers can read item", "shown to the admin", "Create " + w.Gateway.URL(""), "nothing of it waits", "comment by @" + bob.Handle(), "it stands as item"} {
				if !strings.Contains(text, part) {
					return fmt.Errorf("%q is not in %s", part, text)
				}
			}
			return nil
		})

		out, code := w.Gateway.Run("test", "follow", "@"+bob.Handle())
		if code != 0 || strings.Count(out, "✓") != 5 || !strings.Contains(out, "Accept: its signature was good") || !strings.Contains(out, "Both directions work.") {
			t.Errorf("test follow: exit %d\n%s", code, out)
		}
		if out, code := w.Gateway.Run("test", "follow", "@nobody@"+world.PeerHost); code != 1 || !strings.Contains(out, "✗ WebFinger") {
			t.Errorf("test follow of nobody: exit %d\n%s", code, out)
		}

		if out, code := w.Gateway.Run("suspend", louise.JID, "too many roses"); code != 1 || !strings.Contains(out, "Nobody is there to be asked: add --yes") {
			t.Errorf("suspend: exit %d %s", code, out)
		}
		mark := louise.Client.Mark()
		if out, code := w.Gateway.Run("suspend", "--yes", louise.JID, "too many roses"); code != 0 {
			t.Errorf("suspend --yes: exit %d %s", code, out)
		}
		louise.Hears(mark, "too many roses")
		if accounts := asks[[]control.Account](t, w, "accounts"); !accounts[0].Suspended || accounts[0].State != "paused" {
			t.Errorf("suspended: %+v", accounts)
		}
		if out, code := w.Gateway.Run("unsuspend", louise.JID); code != 0 {
			t.Errorf("unsuspend: exit %d %s", code, out)
		}
		w.Until("she goes on", func() error {
			if a := asks[[]control.Account](t, w, "accounts"); a[0].Suspended || a[0].State != "on" {
				return fmt.Errorf("%+v", a)
			}
			return nil
		})
		if out, code := w.Gateway.Run("admin", "--yes", "domain", "block", "spam.example", "bought", "followers"); code != 0 || !strings.Contains(out, "spam.example") {
			t.Errorf("domain block: exit %d %s", code, out)
		}
		if rules := asks[[]control.Rule](t, w, "domains", "list"); len(rules) != 1 || rules[0].Note != "bought followers" {
			t.Errorf("rules: %+v", rules)
		}
		deeds := asks[[]control.Deed](t, w, "domains", "log")
		if len(deeds) != 3 || deeds[0].Deed != "domain block" || !strings.HasPrefix(deeds[0].By, "command line (") {
			t.Errorf("log: %+v", deeds)
		}
		if out, code := w.Gateway.Run("admin", "start"); code != 2 || !strings.Contains(out, "admins have no command") {
			t.Errorf("admin start: exit %d %s", code, out)
		}
	})
}

// The admin's page in a browser: a link from the chat lets in once; everything is shown, on
// a phone and on a desk; decisions are asked back. It is not there unless it is turned on.
func TestAdminPageInABrowser(t *testing.T) {
	on(t, []xmppserver.Flavour{xmppserver.Prosody}, func(t *testing.T, f xmppserver.Flavour) {
		port, err := netlab.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("http://127.0.0.1:%d", port)
		w := world.Prepare(t, ground, f, world.Quick(fmt.Sprintf("[monitor]\nlisten = \"127.0.0.1:%d\"\n", port)))
		w.Gateway.Start()
		if resp, err := http.Get(at + "/admin/"); err != nil || resp.StatusCode != 404 {
			t.Errorf("it is there before it is turned on: %v %v", resp, err)
		}
		if out, code := w.Gateway.Run("page"); code != 1 || !strings.Contains(out, `set [admin] page = "read"`) {
			t.Errorf("page: exit %d %s", code, out)
		}
		w.Gateway.Stop()
		w.Gateway.Rewrite("[admin]\n", "[admin]\npage = \"write\"\njids = [\"admin@"+w.Server.Domain+"\"]\n")
		w.Gateway.Start()
		admin, louise, bob := w.Admin(), w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("something to count")
		bob.Sees("Create", "something to count")
		bob.Sends(louise.Handle(), world.JSON{"id": bob.URL("/flags/1"), "type": "Flag", "content": "Not nice, and averyveryveryverylongwordthatnobodywouldeverwrite", "object": []any{louise.Actor()}})
		w.Until("the report", func() error {
			if r := asks[[]control.Report](t, w, "reports"); len(r) != 1 {
				return fmt.Errorf("%+v", r)
			}
			return nil
		})
		w.Gateway.Run("admin", "--yes", "domain", "block", "spam.example")

		link, _, _ := strings.Cut(admin.Says("page"), "\n")
		if !strings.HasPrefix(link, at+"/admin/enter?token=") {
			t.Fatalf("page is answered with %q", link)
		}
		pages := []string{at + "/admin/"}
		for _, p := range []string{"hosts?all=1", "accounts", "reports", "blocks", "jobs", "activity"} {
			pages = append(pages, at+"/admin/"+p)
		}
		seen, err := browser.Look(browser.Task{
			DNS: ground.Lab.DNS(), Screens: os.Getenv("ISTHMUS_SCREENS"), Pages: pages, Enter: link,
			Presses: []browser.Press{
				{Page: at + "/admin/accounts", Buttons: []string{"Suspend " + louise.JID}},
				{Page: at + "/admin/accounts", Buttons: []string{"Suspend " + louise.JID, "Yes, do it"}},
				{Page: at + "/admin/blocks", Buttons: []string{"Unblock spam.example"}},
				{Page: at + "/admin/reports", Buttons: []string{"Close"}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range seen.Looks {
			for _, p := range l.Problems {
				t.Errorf("%s, %s, %s: %s", l.Page, l.Size, l.Scheme, p)
			}
			if l.Links < 7 {
				t.Errorf("%s: %d links", l.Page, l.Links)
			}
		}
		if len(seen.Said) != 4 || !strings.Contains(seen.Said[0], "Are you sure?") || !strings.Contains(seen.Said[1], "Done") {
			t.Errorf("the buttons say %q", seen.Said)
		}
		if a := asks[[]control.Account](t, w, "accounts"); len(a) != 1 || !a[0].Suspended {
			t.Errorf("accounts: %+v", a)
		}
		if r := asks[[]control.Rule](t, w, "domains", "list"); len(r) != 0 {
			t.Errorf("rules: %+v", r)
		}
		if r := asks[[]control.Report](t, w, "reports"); len(r) != 0 {
			t.Errorf("reports: %+v", r)
		}

		// The link is used up, others have no way in, and other sites cannot press buttons.
		if resp, err := http.Get(at + "/admin/accounts"); err != nil || resp.StatusCode != 403 {
			t.Errorf("without a session: %v, %v", resp, err)
		}
		if resp, err := http.PostForm(at+"/admin/enter", map[string][]string{"token": {strings.TrimPrefix(link, at+"/admin/enter?token=")}}); err != nil || resp.StatusCode != 403 {
			t.Errorf("the link a second time: %v, %v", resp, err)
		}
		req, _ := http.NewRequest("POST", at+"/admin/do", strings.NewReader("text=suspend"))
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != 403 {
			t.Errorf("from another site: %v, %v", resp, err)
		}
	})
}
