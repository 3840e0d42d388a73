package vocab

import "strings"

// page finds the page for people: the first https Link that says it is HTML,
// else the first that says nothing and is no file.
func page(d Doc, typ string) string {
	untyped := ""
	for _, v := range bounded(d.List("url")) {
		href, mediaType, _ := linked(v)
		if !strings.HasPrefix(strings.ToLower(href), "https://") {
			continue
		}
		if isHTML(mediaType) {
			return href
		}
		if _, alone := v.(string); alone && isFile(typ, d.Str("mediaType")) {
			continue
		}
		if mediaType == "" && untyped == "" {
			untyped = href
		}
	}
	return untyped
}

// isFile reports whether the plain url of an object of this type is the file
// itself. Videos and sounds have pages, and say so when it is not one.
func isFile(typ, mediaType string) bool {
	switch typ {
	case "Image", "Document":
		return !isHTML(mediaType)
	case "Video", "Audio":
		return strings.HasPrefix(mediaType, "video/") || strings.HasPrefix(mediaType, "audio/")
	}
	return false
}

func isHTML(mediaType string) bool {
	t, _, _ := strings.Cut(mediaType, ";")
	t = strings.TrimSpace(strings.ToLower(t))
	return t == "text/html" || t == "application/xhtml+xml"
}

// linked reads one value of url: an address, a Link, or an object with an
// address of its own. d is nil for an address alone.
func linked(v any) (href, mediaType string, d Doc) {
	switch v := v.(type) {
	case string:
		return v, "", nil
	case map[string]any:
		d = v
		if href = d.Str("href"); href == "" {
			href = d.Str("url")
		}
		return href, d.Str("mediaType"), d
	}
	return "", "", nil
}

// readMedia collects the files that go with an object or are what it is, each
// once; pictures that only stand for it come last.
func (in *Incoming) readMedia(d Doc) {
	seen := map[string]bool{}
	add := func(list ...Attachment) {
		for _, a := range list {
			if a.URL != "" && !seen[a.URL] && len(in.Attachments) < maxListed {
				seen[a.URL] = true
				in.Attachments = append(in.Attachments, a)
			}
		}
	}
	for _, v := range bounded(d.List("attachment")) {
		add(attachment(v))
	}
	switch in.Type {
	case "Video", "Audio":
		add(stream(d, in.Type))
		add(picture(d, "image"), picture(d, "icon"))
	case "Image", "Document":
		add(file(d))
	case "Article", "Page", "Event":
		add(picture(d, "image"))
	}
}

// attachment reads one value of attachment. Type is Link for pages.
func attachment(v any) Attachment {
	d, ok := v.(map[string]any)
	if !ok {
		href, _ := v.(string)
		return Attachment{Type: "Link", URL: href}
	}
	return file(d)
}

// file reads an object that is a file, or a link to a page.
func file(d Doc) Attachment {
	a := Attachment{Type: first(Doc(d).Types()), MediaType: d.Str("mediaType"), Name: altText(d)}
	if a.Type == "PropertyValue" { // a line of a profile
		return Attachment{}
	}
	a.measure(d)
	for _, v := range bounded(d.List("url")) {
		href, mediaType, l := linked(v)
		if href == "" {
			continue
		}
		a.URL = href
		if a.MediaType == "" {
			a.MediaType = mediaType
		}
		a.measure(l)
		break
	}
	if a.URL == "" {
		a.URL = d.Str("href")
	}
	switch page := a.MediaType == "" || isHTML(a.MediaType); {
	case page && (a.Type == "Link" || a.Type == "Page" || a.Type == "Article"):
		a.Type = "Link"
	case a.Type != "Image" && a.Type != "Video" && a.Type != "Audio":
		a.Type = "Document"
	}
	return a
}

// altText is the description of a file, wherever a peer puts it (row O12).
func altText(d Doc) string {
	if s, _ := d.Text("summary"); s != "" {
		return s
	}
	s, _ := d.Text("name")
	return s
}

func (a *Attachment) measure(d Doc) {
	width, _ := d.Int("width")
	height, _ := d.Int("height")
	if 0 < width && width < 1<<16 && 0 < height && height < 1<<16 {
		a.Width, a.Height = int(width), int(height)
	}
	if size, _ := d.Int("size"); size > 0 {
		a.Size = size
	}
}

// goodHeight is a picture that is good enough and not too large to load.
const goodHeight = 720

// stream picks one of the renderings of a video or sound. PeerTube lists a file
// for each height, in url or in the playlist that has them all; what is live
// has only the playlist.
func stream(d Doc, typ string) Attachment {
	var best, playlist Attachment
	bestHeight := int64(0)
	rank := func(h int64) int64 { // larger is better
		if h > goodHeight {
			return -h
		}
		return h
	}
	kind := strings.ToLower(typ) + "/"
	var look func(list []any, inside bool)
	look = func(list []any, inside bool) {
		for _, v := range bounded(list) {
			href, mediaType, l := linked(v)
			if l == nil && isFile(typ, d.Str("mediaType")) {
				mediaType = d.Str("mediaType")
			}
			height, _ := l.Int("height")
			a := Attachment{Type: typ, URL: href, MediaType: mediaType}
			a.measure(l)
			switch {
			case strings.HasPrefix(mediaType, kind) && (best.URL == "" || rank(height) > rank(bestHeight)):
				best, bestHeight = a, height
			case strings.EqualFold(mediaType, "application/x-mpegURL") && playlist.URL == "":
				playlist = a
			}
			if !inside {
				look(l.List("tag"), true)
			}
		}
	}
	look(d.List("url"), false)
	if best.URL == "" {
		return playlist
	}
	return best
}

// picture is the largest picture of a member that may have several.
func picture(d Doc, key string) Attachment {
	best := Attachment{}
	for _, v := range bounded(d.List(key)) {
		var a Attachment
		if href, ok := v.(string); ok {
			a.URL = href
		} else if m, ok := v.(map[string]any); ok {
			a = file(m)
		}
		if a.Type = "Image"; a.URL != "" && (best.URL == "" || a.Width > best.Width) {
			best = a
		}
	}
	return best
}
