package activitypub

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// signedRequest is a right POST of a peer, as our server sees it.
func signedRequest(t testing.TB, target string, names []string, change func(*http.Request), params ...string) *http.Request {
	t.Helper()
	req := httptest.NewRequest("POST", "https://ap.example.org"+target, strings.NewReader(testBody))
	req.Header.Set("Date", testNow.Format(http.TimeFormat))
	req.Header.Set("Digest", digestOf(testBody))
	req.Header.Set("Content-Type", typeActivity)
	if change != nil {
		change(req)
	}
	cavage(t, req, key(t, "alice", "").Private, crypto.SHA256, "https://peer.example/users/alice#main-key", names, params...)
	return req
}

// TestX7_Signatures: what is taken and what is refused, one thing changed at a time
// (attack X7, rows S6, S10).
func TestX7_Signatures(t *testing.T) {
	set := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	date := func(d time.Duration) func(*http.Request) {
		return set("Date", testNow.Add(d).Format(http.TimeFormat))
	}
	edit := func(old, new string) func(*http.Request) {
		return func(r *http.Request) {
			s := r.Header.Get("Signature")
			if !strings.Contains(s, old) {
				t.Fatalf("%q is not in %s", old, s)
			}
			r.Header.Set("Signature", strings.Replace(s, old, new, 1))
		}
	}
	unix := func(name string, d time.Duration) string { return fmt.Sprintf("%s=%d", name, testNow.Add(d).Unix()) }
	with := func(names ...string) []string { return append(names, postNames...) }
	created := []string{"(request-target)", "(created)", "host", "digest"}
	expires := append([]string{"(expires)"}, created...)
	for name, c := range map[string]struct {
		target string              // "/ap/inbox" if empty
		names  []string            // postNames if nil
		before func(*http.Request) // signing
		params []string
		after  func(*http.Request) // signing
		want   string              // "" is accepted, else part of the detail
	}{
		"right":                         {},
		"other order, more headers":     {names: []string{"digest", "content-type", "date", "host", "(request-target)"}},
		"content-length signed":         {names: with("content-length"), before: set("Content-Length", "15")},
		"escaped path":                  {target: "/users/alice%40x/inbox"},
		"escaped slash and query":       {target: "/a%2Fb/%C3%A9?x=%20&y=a+b"},
		"lower-case escapes":            {target: "/a%2fb"},
		"spaces after commas":           {after: edit(`",headers`, `" , headers`)},
		"names of headers in any case":  {after: edit(`"(request-target) host`, `"(Request-Target)  Host`)},
		"Authorization beside it":       {after: set("Authorization", `Signature keyId="x",headers="date",signature="eA=="`)},
		"hs2019 by name":                {params: []string{`algorithm="hs2019"`}},
		"rsa-sha256 by name":            {params: []string{`algorithm="rsa-sha256"`}},
		"unknown parameter":             {params: []string{`opaque="x,y"`}},
		"created":                       {names: created, params: []string{`algorithm="hs2019"`, unix("created", 0)}},
		"created and expires":           {names: expires, params: []string{unix("created", -time.Minute), unix("expires", time.Hour)}},
		"Date 64 minutes ago":           {before: date(-64 * time.Minute)},
		"Date 59 minutes ahead":         {before: date(59 * time.Minute)},
		"two digests, both right":       {before: set("Digest", digestOf(testBody)+",sha-256="+strings.TrimPrefix(digestOf(testBody), "SHA-256="))},
		"digest name in lower case":     {before: set("Digest", "sha-256="+strings.TrimPrefix(digestOf(testBody), "SHA-256="))},
		"unknown digest beside":         {before: set("Digest", "MD5=xyz, "+digestOf(testBody))},
		"signed without the query (S3)": {after: func(r *http.Request) { r.RequestURI += "?page=1"; r.URL.RawQuery = "page=1" }},

		"no header":   {after: func(r *http.Request) { r.Header.Del("Signature") }, want: "one Signature"},
		"two headers": {after: func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) }, want: "one Signature"},
		"in Authorization": {after: func(r *http.Request) {
			r.Header["Authorization"] = []string{"Signature " + r.Header.Get("Signature")}
			r.Header.Del("Signature")
		}, want: "one Signature"},
		"RFC 9421":                    {after: set("Signature", "sig1=:eHg=:"), want: "needs keyId"},
		"body changed":                {after: set("Digest", digestOf("{}")), want: "not of this body"},
		"signed digest of other body": {before: set("Digest", digestOf("{}")), want: "not of this body"},
		"two Digest headers":          {before: set("Digest", digestOf(testBody), digestOf(testBody)), want: "one Digest"},
		"first right, second wrong":   {before: set("Digest", digestOf(testBody)+","+digestOf("{}")), want: "not of this body"},
		"first wrong, second right":   {before: set("Digest", digestOf("{}")+","+digestOf(testBody)), want: "not of this body"},
		"only SHA-512":                {before: set("Digest", "SHA-512="+sha512Of(testBody)), want: "needs SHA-256"},
		"wrong SHA-512 beside":        {before: set("Digest", digestOf(testBody)+",SHA-512="+sha512Of("{}")), want: "not of this body"},
		"digest not base64":           {before: set("Digest", "SHA-256=?"), want: "not of this body"},
		"no digest":                   {names: []string{"(request-target)", "host", "date"}, want: "digest must be signed"},
		"only date":                   {names: []string{"date"}, want: "(request-target) must be signed"},
		"no host":                     {names: []string{"(request-target)", "date", "digest"}, want: "host must be signed"},
		"no time":                     {names: []string{"(request-target)", "host", "digest"}, want: "date or (created)"},
		"no request-target":           {names: []string{"host", "date", "digest"}, want: "(request-target) must"},
		"headers empty":               {after: edit(`headers="(request-target) host date digest"`, `headers=""`), want: "must be signed"},
		"headers missing":             {after: edit(`headers="(request-target) host date digest",`, ``), want: "must be signed"},
		"headers twice":               {after: edit(`headers=`, `headers="date",headers=`), want: "parameter twice"},
		"a name twice":                {names: with("date"), want: "listed twice"},
		"unknown pseudo header":       {names: with("(query)"), want: "unknown thing"},
		"signed but missing":          {names: with("x-absent"), want: "not there"},
		"Date 66 minutes ago":         {before: date(-66 * time.Minute), want: "65 minutes ago"},
		"Date a year ago":             {before: date(-365 * 24 * time.Hour), want: "65 minutes ago"},
		"Date 61 minutes ahead":       {before: date(61 * time.Minute), want: "hour ahead"},
		"Date malformed":              {before: set("Date", "yesterday"), want: "HTTP date"},
		"Date twice":                  {before: set("Date", testNow.Format(http.TimeFormat), testNow.Format(http.TimeFormat)), want: "one Date"},
		"created ahead":               {names: created, params: []string{unix("created", 2*time.Minute)}, want: "(created) is ahead"},
		"created long ago":            {names: created, params: []string{unix("created", -66*time.Minute)}, want: "65 minutes ago"},
		"created with rsa-sha256":     {names: created, params: []string{`algorithm="rsa-sha256"`, unix("created", 0)}, want: "cannot be signed with"},
		"created signed, not given":   {names: created, want: "not given"},
		"created not a number":        {names: created, params: []string{"created=soon"}, want: "created is not"},
		"expired":                     {names: expires, params: []string{unix("created", -time.Minute), unix("expires", -time.Minute)}, want: "expired"},
		"expired, not signed":         {params: []string{unix("expires", -time.Minute)}, want: "expired"},
		"HMAC by name":                {params: []string{`algorithm="hmac-sha256"`}, want: "unknown algorithm"},
		"other path":                  {after: func(r *http.Request) { r.RequestURI = "/ap/actor/abc/inbox" }, want: "wrong signature"},
		"other method":                {after: func(r *http.Request) { r.Method = "PUT" }, want: "wrong signature"},
		"other host":                  {after: func(r *http.Request) { r.Host = "other.example" }, want: "wrong signature"},
		"other date":                  {after: date(time.Second), want: "wrong signature"},
		"signature damaged":           {after: edit(`signature="`, `signature="AAAA`), want: "wrong signature"},
		"signature not base64":        {after: edit(`signature="`, `signature="*`), want: "signature is not"},
		"open quote":                  {after: edit(`keyId="`, `keyId=""`), want: "open quote"},
		"bare word":                   {after: edit(`keyId=`, `keyId,x=`), want: "malformed"},
		"too long":                    {params: []string{`x="` + strings.Repeat("x", 8<<10) + `"`}, want: "too long"},
		"too many":                    {after: edit(`host date`, "host date "+manyNames()), want: "too many"},
		"newline in keyId":            {after: edit("keyId=\"", "keyId=\"\n"), want: "control"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.target == "" {
				c.target = "/ap/inbox"
			}
			if c.names == nil {
				c.names = postNames
			}
			req := signedRequest(t, c.target, c.names, c.before, c.params...)
			if c.after != nil {
				c.after(req)
			}
			err := verifyAt(req, []byte(testBody), &key(t, "alice", "").Private.PublicKey, testNow)
			if c.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			wantErr(t, "sentinel", err, ErrSignature)
			if err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// verifyAt is Verify at a given time.
func verifyAt(req *http.Request, body []byte, public crypto.PublicKey, now time.Time) error {
	h, err := precheck(req, "https", body, now)
	if err != nil {
		return err
	}
	if !h.matches(req, public) {
		return refuse(ErrSignature, "wrong signature")
	}
	return nil
}

func manyNames() (s string) {
	for i := range 40 {
		s += fmt.Sprintf("x%d ", i)
	}
	return s
}

// TestVerifyCommaInKeyID: the library alone calls it malformed.
func TestVerifyCommaInKeyID(t *testing.T) {
	req := signedRequest(t, "/ap/inbox", postNames, nil)
	cavage(t, req, key(t, "alice", "").Private, crypto.SHA256, "https://peer.example/a,b=c", postNames)
	if err := verifyAt(req, []byte(testBody), &key(t, "alice", "").Private.PublicKey, testNow); err != nil {
		t.Error(err)
	}
}

// TestVerifyAlgorithms: the key decides (peers.md, GoToSocial signs either way).
func TestVerifyAlgorithms(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	alice := key(t, "alice", "").Private
	for name, c := range map[string]struct {
		private crypto.Signer
		hash    crypto.Hash
		public  crypto.PublicKey
		ok      bool
	}{
		"RSA-SHA256":           {alice, crypto.SHA256, &alice.PublicKey, true},
		"RSA-SHA512":           {alice, crypto.SHA512, &alice.PublicKey, true},
		"Ed25519":              {private, 0, public, true},
		"RSA, Ed25519 key":     {alice, crypto.SHA256, public, false},
		"Ed25519, RSA key":     {private, 0, &alice.PublicKey, false},
		"another RSA key":      {alice, crypto.SHA256, &key(t, "mallory", "").Private.PublicKey, false},
		"bytes are not a key":  {alice, crypto.SHA256, []byte("secret"), false},
		"nil is not a key too": {alice, crypto.SHA256, nil, false},
	} {
		req := signedRequest(t, "/ap/inbox", postNames, nil)
		cavage(t, req, c.private, c.hash, "k", postNames, `algorithm="hs2019"`)
		err := verifyAt(req, []byte(testBody), c.public, testNow)
		equal(t, name, err == nil, c.ok)
	}
}
