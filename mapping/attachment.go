package mapping

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// Limits of what one post carries; Mastodon keeps four attachments.
const (
	maxAttachments = 16
	maxAlt         = 1500 // runes, as Mastodon has for its own users
)

// attachments are the enclosures, and the pictures that were in the text
// (rows O8, O12), each once.
func attachments(e stanza.Entry, images []image) []vocab.Attachment {
	var out []vocab.Attachment
	add := func(a vocab.Attachment) {
		known := slices.ContainsFunc(out, func(b vocab.Attachment) bool { return a.URL == b.URL })
		if a.URL != "" && !known && len(out) < maxAttachments {
			out = append(out, a)
		}
	}
	for _, l := range e.LinksOf("enclosure") {
		a := vocab.Attachment{URL: webURL(l.Href), MediaType: mediaType(l.Type, l.Href), Size: l.Length}
		a.Type, a.Name = attachmentType(a.MediaType), altText(l.Title, l.Href)
		add(a)
	}
	for _, i := range images {
		a := vocab.Attachment{URL: webURL(i.src), Type: "Image", Name: altText(i.alt, i.src)}
		if t := mediaType("", i.src); strings.HasPrefix(t, "image/") {
			a.MediaType = t
		}
		add(a)
	}
	return out
}

// cover is the picture that stands for an Article (FEP-b2b8).
func cover(list []vocab.Attachment) *vocab.Image {
	for _, a := range list {
		if a.Type == "Image" {
			return &vocab.Image{URL: a.URL, MediaType: a.MediaType, Name: a.Name}
		}
	}
	return nil
}

func attachmentType(mediaType string) string {
	switch kind, _, _ := strings.Cut(mediaType, "/"); kind {
	case "image":
		return "Image"
	case "video":
		return "Video"
	case "audio":
		return "Audio"
	}
	return "Document"
}

// mediaType is what is told, or what the name of the file tells.
func mediaType(told, href string) string {
	told, _, _ = strings.Cut(strings.ToLower(told), ";")
	if told = strings.TrimSpace(told); isMediaType(told) {
		return told
	}
	return byExtension[strings.ToLower(path.Ext(fileName(href)))]
}

func isMediaType(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	bad := func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$&^_.+-", r))
	}
	return ok && kind != "" && sub != "" && len(s) < 128 && strings.IndexFunc(kind, bad) < 0 && strings.IndexFunc(sub, bad) < 0
}

func fileName(href string) string {
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	return path.Base(u.Path)
}

// byExtension has what people publish, so that it is the same on every machine.
var byExtension = map[string]string{
	".avif": "image/avif", ".gif": "image/gif", ".heic": "image/heic", ".jpeg": "image/jpeg", ".jpg": "image/jpeg",
	".jxl": "image/jxl", ".png": "image/png", ".svg": "image/svg+xml", ".webp": "image/webp",
	".m4v": "video/mp4", ".mkv": "video/x-matroska", ".mov": "video/quicktime", ".mp4": "video/mp4", ".ogv": "video/ogg", ".webm": "video/webm",
	".aac": "audio/aac", ".flac": "audio/flac", ".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".oga": "audio/ogg", ".ogg": "audio/ogg",
	".opus": "audio/ogg", ".wav": "audio/wav",
	".epub": "application/epub+zip", ".pdf": "application/pdf", ".txt": "text/plain", ".zip": "application/zip",
}

// altText is a description of a file; its mere name is none.
func altText(s, href string) string {
	s = strings.TrimSpace(stanza.Clean(s))
	if s == "" || s == href || s == fileName(href) {
		return ""
	}
	return cut(s, maxAlt)
}
