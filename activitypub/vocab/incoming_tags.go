package vocab

import (
	"slices"
	"strings"
)

// readTags sorts the tags: one object or a list of them, hashtags of Pleroma
// also as mere strings.
func (in *Incoming) readTags(d Doc) {
	seen := map[string]bool{}
	hashtag := func(name string) {
		name = strings.TrimPrefix(strings.TrimSpace(name), "#")
		if key := strings.ToLower(name); name != "" && !seen[key] {
			seen[key] = true
			in.Hashtags = append(in.Hashtags, name)
		}
	}
	for _, v := range bounded(d.List("tag")) {
		switch v := v.(type) {
		case string:
			hashtag(v)
		case map[string]any:
			switch t := Doc(v); {
			case t.Is("Mention"):
				in.Mentions = append(in.Mentions, Tag{Type: "Mention", Name: t.Str("name"), Href: t.Str("href")})
			case t.Is("Hashtag"):
				hashtag(t.Str("name"))
			case t.Is("Emoji"):
				in.Emojis = append(in.Emojis, emoji(t))
			}
		}
	}
}

func emoji(t Doc) Tag {
	return Tag{Type: "Emoji", Name: t.Str("name"), Href: picture(t, "icon").URL}
}

// quote is the post that an object quotes, in the spellings of Mastodon
// (FEP-044f), Fedibird, Akkoma and Misskey, or as a tag (FEP-e232).
func quote(d Doc) string {
	for _, key := range []string{"quote", "quoteUri", "quoteUrl", "quoteURL", "_misskey_quote"} {
		if ids := d.IDs(key); len(ids) > 0 {
			return ids[0]
		}
	}
	for _, t := range bounded(d.Docs("tag")) {
		if t.Is("Link") && isActivity(t.Str("mediaType")) && quotes(t) {
			return t.Str("href")
		}
	}
	return ""
}

// isActivity knows the media types of ActivityPub documents (AP §3.2).
func isActivity(mediaType string) bool {
	t, profile, _ := strings.Cut(strings.ToLower(mediaType), ";")
	t = strings.TrimSpace(t)
	return t == "application/activity+json" || t == "application/ld+json" && strings.Contains(profile, "activitystreams")
}

// quotes tells a quote from other links to objects (FEP-e232): by its relation
// or by its name, which is `RE: ` and the address in the text.
func quotes(t Doc) bool {
	for _, v := range t.List("rel") {
		if rel, _ := v.(string); slices.Contains(quoteRels, strings.ToLower(rel)) {
			return true
		}
	}
	return strings.HasPrefix(strings.ToUpper(t.Str("name")), "RE:")
}

var quoteRels = []string{
	"https://misskey-hub.net/ns#_misskey_quote", "http://fedibird.com/ns#quoteuri",
	"https://www.w3.org/ns/activitystreams#quoteurl", "https://w3id.org/fep/044f#quote",
}
