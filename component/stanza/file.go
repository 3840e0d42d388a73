package stanza

import (
	"slices"
	"strconv"
	"strings"
)

const (
	nsSFS       = "urn:xmpp:sfs:0"           // XEP-0447
	nsSIMS      = "urn:xmpp:sims:1"          // XEP-0385
	nsFile      = "urn:xmpp:file:metadata:0" // XEP-0446
	nsOldFile   = "urn:xmpp:jingle:apps:file-transfer:5"
	nsURLData   = "http://jabber.org/protocol/url-data"
	nsReference = NSReference
)

// File is a file that a message or an entry carries, by its address.
type File struct {
	URL  string // http or https
	Name string // of the file, "" unknown
	Type string // media type, "" unknown
	Desc string // what it shows, for who cannot see it
	Size int64  // bytes, 0 unknown
}

// parseFiles reads the files of a message, each once: those that are described
// first.
func parseFiles(m *Element) []File {
	var out []File
	add := func(f File) {
		known := slices.ContainsFunc(out, func(o File) bool { return o.URL == f.URL })
		web := strings.HasPrefix(f.URL, "https://") || strings.HasPrefix(f.URL, "http://")
		if web && !known && len(out) < maxFiles {
			out = append(out, f)
		}
	}
	for _, s := range m.All(nsSFS, "file-sharing") { // XEP-0447 §3.1
		f := fileMetadata(s.First(nsFile, "file"))
		f.URL = s.First(nsSFS, "sources").First(nsURLData, "url-data").Get("target")
		add(f)
	}
	for _, r := range m.All(nsReference, "reference") { // XEP-0385 §3.1
		s := r.First(nsSIMS, "media-sharing")
		f := fileMetadata(s.First(nsOldFile, "file"))
		for _, source := range s.First(nsSIMS, "sources").All(nsReference, "reference") {
			f.URL = source.Get("uri")
			add(f)
		}
	}
	for _, x := range m.All(NSOOB, "x") {
		add(File{URL: strings.TrimSpace(x.First(NSOOB, "url").Text()), Desc: strings.TrimSpace(x.First(NSOOB, "desc").Text())})
	}
	return out
}

func fileMetadata(e *Element) File {
	if e == nil {
		return File{}
	}
	text := func(name string) string { return strings.TrimSpace(e.First(e.Space, name).Text()) }
	f := File{Name: text("name"), Type: text("media-type"), Desc: text("desc")}
	if n, err := strconv.ParseInt(text("size"), 10, 64); err == nil && n > 0 {
		f.Size = n
	}
	return f
}

// Elements are a file as part of a message: as new clients know it (XEP-0447), and
// as old ones do (XEP-0066).
func (f File) Elements() []*Element {
	meta := New(nsFile, "file")
	for _, x := range [][2]string{{"media-type", f.Type}, {"name", f.Name}, {"desc", f.Desc}} {
		if x[1] != "" {
			meta.AddTextElement(x[0], x[1])
		}
	}
	if f.Size > 0 {
		meta.AddTextElement("size", strconv.FormatInt(f.Size, 10))
	}
	sources := New(nsSFS, "sources").Add(New(nsURLData, "url-data", "target", f.URL))
	return []*Element{
		New(nsSFS, "file-sharing", "disposition", "inline").Add(meta, sources),
		New(NSOOB, "x").AddTextElement("url", f.URL),
	}
}
