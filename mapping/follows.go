package mapping

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxFollows bounds a list of follows that is read.
const MaxFollows = 10_000

// ErrNoFollows says that a text has no handle in it.
var ErrNoFollows = errors.New("mapping: no handle of the form user@host")

// ReadFollows reads whom somebody follows: Mastodon's CSV, whose first column is
// the address, or handles as people paste them, set apart by lines, commas or
// spaces. What is none is counted. ErrNoFollows when nothing is left.
func ReadFollows(text []byte) (handles []string, skipped int, err error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	seen := map[string]bool{}
	take := func(s string) {
		s = strings.TrimSpace(s)
		if len(s) >= 5 && strings.EqualFold(s[:5], "acct:") {
			s = s[5:]
		}
		user, host, ok := strings.Cut(strings.TrimPrefix(s, "@"), "@")
		if ok {
			user, host, ok = account(user, host)
		}
		switch h := user + "@" + host; {
		case s == "" || strings.EqualFold(s, "account address"):
		case !ok || len(handles) >= MaxFollows:
			skipped++
		case !seen[h]:
			seen[h] = true
			handles = append(handles, h)
		}
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if strings.Contains(strings.ToLower(string(first)), "account address") {
		r := csv.NewReader(bytes.NewReader(text))
		r.FieldsPerRecord, r.LazyQuotes = -1, true
		for {
			row, err := r.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				return handles, skipped, fmt.Errorf("mapping: list of follows: %w", err)
			}
			take(row[0])
		}
	} else {
		for line := range strings.Lines(string(text)) {
			fields := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;\"", r) })
			for _, s := range fields {
				if strings.Contains(s, "@") { // the other columns of a CSV without its header
					take(s)
				}
			}
		}
	}
	if len(handles) == 0 {
		return nil, skipped, ErrNoFollows
	}
	return handles, skipped, nil
}

// WriteFollows writes Mastodon's CSV.
func WriteFollows(handles []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Write([]string{"Account address", "Show boosts", "Notify on new posts", "Languages"})
	for _, h := range handles {
		w.Write([]string{h, "true", "false", ""})
	}
	w.Flush() // into memory: nothing can fail
	return b.String()
}
