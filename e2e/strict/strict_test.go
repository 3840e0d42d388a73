package strict

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	key     = "https://ap.example/ap/actor/x#main-key"
	as2     = "https://www.w3.org/ns/activitystreams"
	created = `{"@context":["https://www.w3.org/ns/activitystreams"],"id":"https://ap.example/ap/activity/1","type":"Create","actor":"https://ap.example/ap/actor/x",
"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://ap.example/ap/actor/x/followers"],
"object":{"id":"https://ap.example/ap/post/1","type":"Note","attributedTo":"https://ap.example/ap/actor/x","content":"<p>hi</p>","published":"2026-11-26T10:00:00Z","url":"https://ap.example/@x/1",
"tag":[],"attachment":[{"type":"Image","url":"https://files.example/1.png","mediaType":"image/png","width":100}],
"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://ap.example/ap/actor/x/followers"]}}`
	actor = `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/v1"],"id":"https://ap.example/ap/actor/x","type":"Person","preferredUsername":"x","summary":"","manuallyApprovesFollowers":false,
"inbox":"https://ap.example/ap/actor/x/inbox","outbox":"https://ap.example/ap/actor/x/outbox","followers":"https://ap.example/ap/actor/x/followers","following":"https://ap.example/ap/actor/x/following",
"featured":"https://ap.example/ap/actor/x/featured","endpoints":{"sharedInbox":"https://ap.example/ap/inbox"},"url":"https://ap.example/@x","icon":{"type":"Image","url":"https://ap.example/a.png"},
"publicKey":{"id":"https://ap.example/ap/actor/x#main-key","owner":"https://ap.example/ap/actor/x","publicKeyPem":"-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----\n"}}`
)

// sent is a request that all take, with one thing changed.
func sent(method, body string, change func(*Request)) Request {
	r := Request{Method: method, Host: "peer.example", Path: "/inbox", Body: []byte(body), At: time.Now(), Header: http.Header{}}
	r.Header.Set("Date", r.At.UTC().Format(http.TimeFormat))
	r.Header.Set("User-Agent", "Isthmus/1")
	covered := "(request-target) host date"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/activity+json")
		r.Header.Set("Digest", "SHA-256="+sha(r.Body))
		covered += " digest content-type"
	}
	r.Header.Set("Signature", `keyId="`+key+`",algorithm="rsa-sha256",headers="`+covered+`",signature="AA=="`)
	if change != nil {
		change(&r)
	}
	return r
}

// refusers are the names of those who refuse.
func refusers(tell func(Peer) []string) string {
	var names []string
	for _, p := range Peers {
		if len(tell(p)) > 0 {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, " ")
}

const all = "Mastodon Misskey Lemmy Akkoma Pixelfed PeerTube GoToSocial"

func TestRequests(t *testing.T) {
	header := func(name, value string) func(*Request) { return func(r *Request) { r.Header.Set(name, value) } }
	signature := func(old, new string) func(*Request) {
		return func(r *Request) {
			was := r.Header.Get("Signature")
			r.Header.Set("Signature", strings.Replace(was, old, new, 1))
			if r.Header.Get("Signature") == was {
				t.Fatalf("%q is not in %s", old, was)
			}
		}
	}
	late := func(d time.Duration) func(*Request) { return func(r *Request) { r.At = r.At.Add(d) } }
	for _, tc := range []struct {
		name, method string
		change       func(*Request)
		refused      string
	}{
		{"as it should be", "POST", nil, ""},
		{"unsigned", "POST", func(r *Request) { r.Header.Del("Signature") }, all},
		{"no digest signed", "POST", signature(" digest", ""), "Mastodon Misskey Lemmy Akkoma Pixelfed PeerTube"},
		{"no date signed", "POST", signature(" date", ""), "Mastodon Akkoma Pixelfed PeerTube GoToSocial"},
		{"no host signed", "POST", signature(" host", ""), "Misskey Akkoma PeerTube GoToSocial"},
		{"no request target signed", "POST", signature("(request-target) ", ""), "Akkoma PeerTube GoToSocial"},
		{"(created) with rsa-sha256", "POST", signature(`"(request-target)`, `"(created) (request-target)`), "Mastodon"},
		{"hs2019", "POST", signature("rsa-sha256", "hs2019"), ""},
		{"rsa-sha512", "POST", signature("rsa-sha256", "rsa-sha512"), "Mastodon Lemmy"},
		{"digest of another body", "POST", header("Digest", "SHA-256="+sha([]byte("x"))), "Mastodon Misskey Lemmy Akkoma PeerTube"},
		{"digest in lower case", "POST", header("Digest", "sha-256="+sha([]byte(created))), "Misskey Akkoma PeerTube"},
		{"two digests", "POST", header("Digest", "SHA-512=AA==,SHA-256="+sha([]byte(created))), "Misskey Lemmy Akkoma PeerTube"},
		{"61 minutes old", "POST", late(61 * time.Minute), "Lemmy PeerTube GoToSocial"},
		{"66 minutes old", "POST", late(66 * time.Minute), "Mastodon Lemmy PeerTube GoToSocial"},
		{"a day and an hour old", "POST", late(25 * time.Hour), "Mastodon Lemmy Akkoma Pixelfed PeerTube GoToSocial"},
		{"41 minutes early", "POST", late(-41 * time.Minute), "Akkoma"},
		{"key without fragment", "POST", signature("#main-key", ""), "Lemmy"},
		{"key of an address", "POST", signature(key, "acct:x@ap.example"), "Misskey Lemmy Akkoma Pixelfed"},
		{"key of another host", "POST", signature("//ap.example", "//example.org"), "Misskey Akkoma Pixelfed"},
		{"plain JSON", "POST", header("Content-Type", "application/json"), "GoToSocial"},
		{"no name of the program", "POST", header("User-Agent", ""), "GoToSocial"},
		{"RFC 9421", "POST", func(r *Request) {
			r.Header.Del("Signature")
			r.Header.Set("Signature-Input", `sig1=("@method" "@target-uri" "content-digest");created=1;keyid="`+key+`";alg="rsa-v1_5-sha256"`)
			r.Header.Set("Content-Digest", "sha-256=:"+sha(r.Body)+":")
		}, ""},
		{"RFC 9421 without the body", "POST", func(r *Request) {
			r.Header.Set("Signature-Input", `sig1=("@method" "@target-uri");created=1;keyid="`+key+`"`)
		}, "Mastodon"},
		{"RFC 9421 without a time", "POST", func(r *Request) {
			r.Header.Set("Signature-Input", `sig1=("@method" "@target-uri" "content-digest");keyid="`+key+`"`)
			r.Header.Set("Content-Digest", "sha-256=:"+sha(r.Body)+":")
		}, "Mastodon"},
		{"a look", "GET", nil, ""},
		{"a look, unsigned", "GET", func(r *Request) { r.Header.Del("Signature") }, all},
		{"a look without the host", "GET", signature(" host", ""), "Mastodon Misskey PeerTube GoToSocial"},
		{"a look without the date", "GET", signature(" date", ""), "Pixelfed GoToSocial"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := sent(tc.method, created, tc.change)
			if got := refusers(func(p Peer) []string { return p.Request(r) }); got != tc.refused {
				t.Errorf("refused by %q, want %q", got, tc.refused)
			}
		})
	}
}

// changed sets or, with nil, removes one member; name is a path with dots.
func changed(t *testing.T, text, name string, value any) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	at, path := m, strings.Split(name, ".")
	for _, p := range path[:len(path)-1] {
		at = at[p].(map[string]any)
	}
	if last := path[len(path)-1]; value == nil {
		delete(at, last)
	} else {
		at[last] = value
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestActivities(t *testing.T) {
	deepest := any("x")
	for range 7 {
		deepest = []any{deepest}
	}
	for _, tc := range []struct {
		name    string
		value   any
		refused string
	}{
		{"@context", "https://example.org/context", "Mastodon"},
		{"actor", map[string]any{"id": "https://ap.example/ap/actor/x"}, "Misskey Lemmy Akkoma PeerTube"},
		{"actor", "https://ap.example/ap/actor/y", "Misskey"},
		{"id", nil, "Misskey Lemmy Pixelfed PeerTube"},
		{"id", "https://example.org/1", "Misskey Lemmy Pixelfed"},
		{"object.inReplyTo", []any{"https://fedi.example/1"}, "Mastodon Misskey"},
		{"object.attributedTo", "https://fedi.example/u/1", "Misskey Pixelfed"},
		{"object.attributedTo", []any{"https://ap.example/ap/actor/x"}, "Mastodon Misskey Lemmy"},
		{"object.tag", map[string]any{"type": "Hashtag"}, "Lemmy Akkoma"},
		{"object.attachment", map[string]any{"type": "Image"}, "Lemmy"},
		{"object.cc", []any{}, "Akkoma"},
		{"object.published", nil, "Pixelfed"},
		{"object.url", "https://blog.example/1", "Misskey"},
		{"object.deep", deepest, "Pixelfed"},
		{"object.content", strings.Repeat("x", 64<<10), "Misskey"},
		{"object.content", strings.Repeat("x", 1<<20), "Mastodon Misskey"},
		{"type", "Undo", "Mastodon"}, // the inner one has no actor
		{"type", "Update", "Mastodon"},
	} {
		body := changed(t, created, tc.name, tc.value)
		if got := refusers(func(p Peer) []string { return p.Request(sent("POST", body, nil)) }); got != tc.refused {
			t.Errorf("%s %.60v: refused by %q, want %q", tc.name, tc.value, got, tc.refused)
		}
	}
	for _, tc := range []struct{ side, refused string }{{"width", "Pixelfed"}, {"blurhash", "Pixelfed"}, {"mediaType", "Pixelfed"}} {
		body := strings.Replace(created, `"width":100`, map[string]string{"width": `"width":5001`, "blurhash": `"blurhash":"x"`, "mediaType": `"mediaType":"png"`}[tc.side], 1)
		if got := refusers(func(p Peer) []string { return p.Request(sent("POST", body, nil)) }); got != tc.refused {
			t.Errorf("%s: refused by %q, want %q", tc.side, got, tc.refused)
		}
	}
}

func TestActors(t *testing.T) {
	doc := func(body string) Document {
		return Document{URL: "https://ap.example/ap/actor/x", Status: 200, ContentType: "application/activity+json", Body: []byte(body)}
	}
	if got := refusers(func(p Peer) []string { return p.Actor(doc(actor)) }); got != "" {
		t.Fatalf("refused by %s: %s", got, Peers[0].Actor(doc(actor)))
	}
	for _, tc := range []struct {
		name    string
		value   any
		refused string
	}{
		{"id", "https://ap.example/ap/actor/X", all},
		{"@context", nil, "Mastodon"},
		{"type", "Bot", "Mastodon Lemmy"},
		{"type", "Group", "PeerTube"},
		{"preferredUsername", "", all},
		{"preferredUsername", "-x", "Mastodon Misskey"},
		{"preferredUsername", "X", "GoToSocial"},
		{"url", "https://example.org/x", "Mastodon"},
		{"url", []any{"https://ap.example/@x"}, "Mastodon Pixelfed PeerTube"},
		{"inbox", "https://example.org/inbox", "Misskey"},
		{"outbox", nil, "Misskey Lemmy PeerTube"},
		{"endpoints", map[string]any{}, "Misskey Lemmy"},
		{"icon", "https://ap.example/a.png", "Lemmy"},
		{"summary", nil, "Pixelfed"},
		{"manuallyApprovesFollowers", nil, "Pixelfed"},
		{"publicKey.id", "https://ap.example/key", "Akkoma"},
		{"publicKey.owner", "https://ap.example/ap/actor/y", "Mastodon"},
		{"publicKey.publicKeyPem", "-----BEGIN RSA PUBLIC KEY-----", "PeerTube"},
		{"publicKey", []any{}, "Mastodon Misskey Lemmy Akkoma PeerTube GoToSocial"},
	} {
		if got := refusers(func(p Peer) []string { return p.Actor(doc(changed(t, actor, tc.name, tc.value))) }); got != tc.refused {
			t.Errorf("%s %v: refused by %q, want %q", tc.name, tc.value, got, tc.refused)
		}
	}
	for _, kind := range []string{"application/json", "application/activity+json;charset=utf-8", "application/ld+json"} {
		d := doc(actor)
		d.ContentType = kind
		if got := refusers(func(p Peer) []string { return p.Actor(d) }); got != all {
			t.Errorf("%s: refused by %q", kind, got)
		}
	}
}

func TestFinger(t *testing.T) {
	const jrd = `{"subject":"acct:x@ap.example","links":[{"rel":"self","type":"application/activity+json","href":"https://ap.example/ap/actor/x"}]}`
	ask := func(resource, kind, body string) string {
		doc := Document{URL: "https://ap.example/.well-known/webfinger?resource=" + resource, Status: 200, ContentType: kind, Body: []byte(body)}
		return refusers(func(p Peer) []string { return p.Finger(doc) })
	}
	for _, tc := range []struct{ resource, kind, body, refused string }{
		{"acct:x@ap.example", "application/jrd+json", jrd, ""},
		{"acct:X@ap.example", "application/jrd+json", jrd, "Mastodon"},
		{"acct:x@ap.example", "text/plain", jrd, "Akkoma"},
		{"acct:x@ap.example", "application/jrd+json", strings.Replace(jrd, "activity+json", "json", 1), "Mastodon Akkoma"},
		{"acct:x@ap.example", "application/jrd+json", strings.Replace(jrd, "acct:x@ap.example", "", 1), "Mastodon Akkoma GoToSocial"},
		{"acct:x@example.org", "application/jrd+json", strings.Replace(jrd, "x@ap.example", "x@example.org", 1), "Akkoma"},
	} {
		if got := ask(tc.resource, tc.kind, tc.body); got != tc.refused {
			t.Errorf("%v: refused by %q, want %q", tc, got, tc.refused)
		}
	}
}

// TestNames is the matrix of measured names, where it speaks of these servers.
func TestNames(t *testing.T) {
	const readAll = "Mastodon Misskey Lemmy Akkoma Pixelfed PeerTube GoToSocial"
	for _, tc := range []struct{ names, read, typed string }{
		{"alice alice_smith _alice_ __alice 123", readAll, readAll},
		{"alice.smith alice.example.com", readAll, "Mastodon Misskey Lemmy Pixelfed PeerTube GoToSocial"},
		{"alice-smith a--b alice---blog xn--caf-dma", readAll, "Mastodon Misskey Akkoma Pixelfed PeerTube GoToSocial"},
		{"-alice alice-", "Lemmy Akkoma Pixelfed PeerTube GoToSocial", "Akkoma Pixelfed PeerTube GoToSocial"},
		{".alice alice.", "Lemmy Pixelfed PeerTube GoToSocial", "Lemmy Pixelfed PeerTube GoToSocial"},
		{"urn_3axmpp_3amicroblog_3a0 caf_c3a9 alice_at_example_com", readAll, readAll},
		{"urn:xmpp:microblog:0", "Lemmy PeerTube", "PeerTube"},
		{"a+b a=b a~b a!b a'b a&b a/b", "Lemmy Akkoma", ""},
		{`a\20b`, "Lemmy", ""},
		{"café Владимир ａｂ", "Lemmy GoToSocial", "Lemmy GoToSocial"},
		{"a\u017fb a\u212ab", "Mastodon Lemmy GoToSocial", "Mastodon Lemmy GoToSocial"},
		{strings.Repeat("a", 128), readAll, readAll},
		{strings.Repeat("a", 129), "Mastodon Lemmy Akkoma Pixelfed PeerTube GoToSocial", ""},
	} {
		for _, name := range strings.Fields(tc.names) {
			var read, typed []string
			for _, p := range Peers {
				if p.Reads(name) {
					read = append(read, p.Name)
				}
				if p.Types(name) {
					typed = append(typed, p.Name)
				}
			}
			if got := strings.Join(read, " "); got != tc.read {
				t.Errorf("%q is read by %q, want %q", name, got, tc.read)
			}
			if got := strings.Join(typed, " "); tc.typed != "" && got != tc.typed {
				t.Errorf("%q is typed by %q, want %q", name, got, tc.typed)
			}
		}
	}
}
