package activitypub

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const maxRanges = 64

// mediaRange is one entry of an Accept header (RFC 9110 §12.5.1).
type mediaRange struct {
	typ, sub string // lower case; "*" for any
	profile  string // of the profile parameter, "" when absent
	q        int    // thousandths
}

// accept is what a client takes, of all its Accept lines together (row D14:
// Akkoma sends two). No line at all takes everything.
type accept []mediaRange

func parseAccept(lines []string) accept {
	var a accept
	for _, line := range lines {
		entries, _ := splitQuoted(line, ',') // an open quote spoils its own entry only
		for _, entry := range entries {
			if r, ok := parseRange(entry); ok && len(a) < maxRanges {
				a = append(a, r)
			}
		}
	}
	if len(lines) == 0 {
		a = accept{{"*", "*", "", 1000}}
	}
	return a
}

func parseRange(s string) (r mediaRange, ok bool) {
	parts, _ := splitQuoted(s, ';')
	typ, sub, ok := strings.Cut(strings.ToLower(parts[0]), "/")
	if !ok || !isToken(typ) || !isToken(sub) || typ == "*" && sub != "*" {
		return r, false
	}
	r = mediaRange{typ, sub, "", 1000}
	for _, p := range parts[1:] {
		name, raw, _ := strings.Cut(p, "=")
		value, valid := unquote(strings.Trim(raw, " \t"))
		if !valid {
			return r, false
		}
		switch strings.ToLower(strings.Trim(name, " \t")) {
		case "profile":
			r.profile = value
		case "q":
			if r.q, ok = parseQ(value); !ok {
				return r, false
			}
		}
	}
	return r, true
}

// parseQ reads a weight (RFC 9110 §12.4.2) in thousandths.
func parseQ(s string) (int, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, false
	}
	return int(f*1000 + 0.5), true
}

// How closely a range names a type: the closest one counts.
const (
	byNothing = iota
	byAny     // */*
	byType    // text/*
	byName    // text/html
	byProfile // with the parameter
)

// of gives the weight of a media type and how closely it was named.
func (a accept) of(typ, sub, profile string) (q, by int) {
	for _, r := range a {
		n := byNothing
		switch {
		case r.typ == "*":
			n = byAny
		case r.typ != typ || r.sub != "*" && r.sub != sub:
		case r.sub == "*":
			n = byType
		case r.profile == "":
			n = byName
		case profile != "" && slices.Contains(strings.Fields(r.profile), profile):
			n = byProfile
		}
		if n > by || n == by && n != byNothing && r.q > q {
			q, by = r.q, n
		}
	}
	return q, by
}

// best gives the media type of offers that the client likes most, the first of
// equals, and the first of all when it likes none.
func (a accept) best(offers ...string) string {
	best, most := offers[0], 0
	for _, o := range offers {
		typ, sub, _ := strings.Cut(o, "/")
		if q, _ := a.of(typ, sub, ""); q > most {
			best, most = o, q
		}
	}
	return best
}

// wantsObject tells whether to answer with ActivityStreams rather than a page
// (AP §3.2, rows D14, D16). Ids are for machines: only who names HTML and likes
// it more is sent to the page. Pages are for people: only who names
// ActivityStreams gets it.
func wantsObject(r *http.Request, page bool) bool {
	a := parseAccept(r.Header.Values("Accept"))
	asQ, asBy := a.of("application", "activity+json", "")
	if q, by := a.of("application", "ld+json", activityNS); by >= byName && (asBy < byName || q > asQ) {
		asQ, asBy = q, by
	}
	htmlQ, htmlBy := a.of("text", "html", "")
	if q, by := a.of("application", "xhtml+xml", ""); q > htmlQ {
		htmlQ, htmlBy = q, by
	}
	named := asBy >= byName && asQ > 0
	if page {
		return named && asQ >= htmlQ
	}
	return htmlBy < byType || htmlQ == 0 || asQ > htmlQ || named && asQ == htmlQ
}
