// Package policy is lists of servers that admins share: read and written as Mastodon
// does, and compared with what is decided already. It knows nothing of this gateway.
package policy

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Severities, as Mastodon calls them.
const (
	Suspend = "suspend"
	Silence = "silence"
	Noop    = "noop"
)

// Entry is one line of a list: what is to be done with a domain and all below it.
type Entry struct {
	Domain        string `json:"domain"` // lower case, A-labels
	Severity      string `json:"severity"`
	RejectMedia   bool   `json:"reject_media"`
	RejectReports bool   `json:"reject_reports"`
	Comment       string `json:"comment"`
}

// Unread is a line that says nothing of use, and why.
type Unread struct {
	Line int    `json:"line"`
	Text string `json:"text"`
	Why  string `json:"why"`
}

// Bounds of a list.
const (
	maxEntries = 100_000
	maxField   = 4096
)

// ErrList is what is no list at all.
var ErrList = errors.New("policy: not a list of domains")

// Read reads a list: CSV with the header that Mastodon writes (columns in any order,
// with or without #), or one domain a line. A domain without a severity is suspended. What
// stands twice counts once, as the stricter one says.
func Read(from io.Reader) (list []Entry, unread []Unread, err error) {
	r := csv.NewReader(from)
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	columns := map[string]int{"domain": 0}
	at := map[string]int{}
	for first := true; ; first = false {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list, unread, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrList, err)
		}
		line, _ := r.FieldPos(0)
		if first {
			record[0] = strings.TrimPrefix(record[0], "\ufeff")
			if names, ok := header(record); ok {
				columns = names
				continue
			}
		}
		text := strings.TrimSpace(record[0])
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		e, why := entry(record, columns)
		if why != "" {
			if len(unread) < maxEntries {
				unread = append(unread, Unread{line, clip(strings.Join(record, ","), 80), why})
			}
			continue
		}
		if i, twice := at[e.Domain]; twice {
			list[i] = stricter(list[i], e)
			continue
		}
		if len(list) == maxEntries {
			return nil, nil, fmt.Errorf("%w: more than %d domains", ErrList, maxEntries)
		}
		at[e.Domain] = len(list)
		list = append(list, e)
	}
}

// header reads the names of the columns.
func header(record []string) (map[string]int, bool) {
	columns := map[string]int{}
	for i, name := range record {
		columns[strings.ToLower(strings.TrimPrefix(strings.TrimSpace(name), "#"))] = i
	}
	_, ok := columns["domain"]
	return columns, ok
}

func entry(record []string, columns map[string]int) (e Entry, why string) {
	field := func(name string) string {
		if i, ok := columns[name]; ok && i < len(record) {
			return strings.TrimSpace(record[i])
		}
		return ""
	}
	domain := field("domain")
	if strings.ContainsAny(domain, "*?") {
		return e, "its name is hidden in part; ask whose list it is"
	}
	var ok bool
	if e.Domain, ok = Domain(domain); !ok {
		return e, "no domain"
	}
	switch e.Severity = strings.ToLower(field("severity")); e.Severity {
	case "", Suspend:
		e.Severity = Suspend
	case Silence, Noop:
	case "limit":
		e.Severity = Silence
	default:
		return e, "unknown severity"
	}
	e.RejectMedia, e.RejectReports = isTrue(field("reject_media")), isTrue(field("reject_reports"))
	e.Comment = clip(field("public_comment"), maxField)
	return e, ""
}

func isTrue(s string) bool {
	yes, err := strconv.ParseBool(strings.ToLower(s))
	return err == nil && yes
}

// Domain reads the name of a server: lower case, A-labels, two labels at least.
func Domain(s string) (string, bool) {
	s = strings.TrimSuffix(strings.TrimSpace(s), ".")
	name, err := idna.Lookup.ToASCII(s)
	if err == nil { // of what is no UTF-8 it makes what it does not take itself
		name, err = idna.Lookup.ToASCII(name)
	}
	if err != nil || len(name) > 253 || net.ParseIP(name) != nil || !strings.Contains(name, ".") {
		return "", false
	}
	labels := strings.Split(name, ".")
	ok := !slices.ContainsFunc(labels, func(l string) bool {
		return l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != ""
	})
	return name, ok
}

// stricter is what holds when two lines say different things.
func stricter(a, b Entry) Entry {
	if rank(b.Severity) > rank(a.Severity) {
		a.Severity = b.Severity
	}
	a.RejectMedia, a.RejectReports = a.RejectMedia || b.RejectMedia, a.RejectReports || b.RejectReports
	return a
}

func rank(severity string) int { return slices.Index([]string{Noop, Silence, Suspend}, severity) }

// Write writes a list as Mastodon does.
func Write(to io.Writer, list []Entry) error {
	w := csv.NewWriter(to)
	w.Write([]string{"#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate"}) // errors come with Flush
	for _, e := range list {
		w.Write([]string{e.Domain, e.Severity, strconv.FormatBool(e.RejectMedia), strconv.FormatBool(e.RejectReports), plain(e.Comment), "false"})
	}
	w.Flush()
	return w.Error()
}

// plain keeps a comment from being a formula to who opens the list as a sheet.
func plain(s string) string {
	if strings.HasPrefix(s, "=") || strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") || strings.HasPrefix(s, "@") {
		return "'" + s
	}
	return s
}

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
