package activitypub

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/dunglas/httpsfv"
)

// derived gives the components of a request that are no fields (RFC 9421 §2.2).
// @query-param, @status and those of responses are not among them.
var derived = map[string]func(req *http.Request, scheme string) string{
	"@method": func(req *http.Request, _ string) string { return req.Method },
	"@target-uri": func(req *http.Request, scheme string) string {
		return scheme + "://" + authority(req, scheme) + rawTarget(req)
	},
	"@authority":      authority,
	"@scheme":         func(_ *http.Request, scheme string) string { return scheme },
	"@request-target": func(req *http.Request, _ string) string { return rawTarget(req) },
	"@path": func(req *http.Request, _ string) string {
		path, _, _ := strings.Cut(rawTarget(req), "?")
		return path
	},
	"@query": func(req *http.Request, _ string) string {
		_, query, _ := strings.Cut(rawTarget(req), "?")
		return "?" + query
	},
}

// authority is the host, lower case, without the port that the scheme has anyway
// (RFC 9421 §2.2.3).
func authority(req *http.Request, scheme string) string {
	host := req.Host
	if host == "" && req.URL != nil {
		host = req.URL.Host
	}
	port := map[string]string{"https": ":443", "http": ":80"}[scheme]
	return strings.TrimSuffix(strings.ToLower(host), port)
}

// signatureBase makes the string that is signed (RFC 9421 §2.5). list is the member
// of Signature-Input: its parameters are signed in their order.
func signatureBase(req *http.Request, scheme string, names []string, list httpsfv.InnerList) (string, error) {
	var b strings.Builder
	for _, name := range names {
		value, ok := component(req, scheme, name)
		if !ok {
			return "", refuse(ErrSignature, name+" is signed but not there")
		}
		b.WriteString(`"` + name + `": ` + value + "\n")
	}
	params, err := httpsfv.Marshal(httpsfv.List{list})
	if err != nil {
		return "", refuse(ErrSignature, "Signature-Input cannot be written again")
	}
	return b.String() + `"@signature-params": ` + params, nil
}

// component gives the value of one: for a field, its lines joined (RFC 9421 §2.1).
func component(req *http.Request, scheme, name string) (string, bool) {
	if f, ok := derived[name]; ok {
		return f(req, scheme), true
	}
	if name == "host" {
		return req.Host, req.Host != ""
	}
	lines := req.Header.Values(name)
	if len(lines) == 0 {
		if name == "content-length" && req.ContentLength >= 0 {
			return strconv.FormatInt(req.ContentLength, 10), true
		}
		return "", false
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimSpace(l)
		if strings.ContainsAny(l, "\r\n") { // obs-fold, which net/http does not let through
			return "", false
		}
	}
	return strings.Join(out, ", "), true
}
