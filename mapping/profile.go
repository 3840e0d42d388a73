package mapping

import (
	"slices"
	"strings"

	"isthmus/component/stanza"
)

// ProfileSources is what strangers can read of a blog's owner or of a community
// node; anything may be missing.
type ProfileSources struct {
	VCard4, VCardTemp *stanza.VCard
	Nick              string       // XEP-0172
	Feed              *stanza.Feed // item `0` of the blog (XEP-0277 §2.4)
	Node              *stanza.Info // disco#info of the node, with its meta-data form
}

// Profile is what a blog says of itself: plain text, lengths bounded. The
// avatar is the caller's business: the hash of its bytes and their media type,
// or the address of a picture that somebody else serves.
type Profile struct {
	Name, Note             string
	Links                  []string // http or https
	Fields                 []ProfileField
	AvatarHash, AvatarType string
	AvatarURL              string
	BannerURL              string // of the header picture
}

// Limits of a profile; Mastodon cuts off names at 2,048 and bios at 20,000.
const (
	maxDisplayName = 100  // runes
	maxNote        = 4000 // runes
	maxLinks       = 4
)

// MergeProfile picks the best of several sources: a name that somebody chose to
// be called before the one in their papers, the newer format before the older.
func MergeProfile(in ProfileSources) Profile {
	var p Profile
	name := func(s string) {
		if p.Name == "" {
			p.Name = cut(oneLine(s), maxDisplayName)
		}
	}
	note := func(s string) {
		if p.Note == "" {
			p.Note = cut(strings.TrimSpace(stanza.Clean(s)), maxNote)
		}
	}
	if in.Node != nil {
		for _, f := range in.Node.Forms {
			if f.FormType() == stanza.NSPubSub+"#meta-data" { // XEP-0060 §5.4
				name(f.Value("pubsub#title"))
				note(f.Value("pubsub#description"))
			}
		}
		for _, id := range in.Node.Identities {
			if id.Category == "pubsub" && id.Type == "leaf" { // others name the service
				name(id.Name)
			}
		}
	}
	name(in.Nick)
	for _, v := range []*stanza.VCard{in.VCard4, in.VCardTemp} {
		if v == nil {
			continue
		}
		name(v.Nick)
		name(v.FullName)
		note(v.Note)
		for _, u := range v.URLs {
			if u = webURL(u); u != "" && len(p.Links) < maxLinks && !slices.Contains(p.Links, u) {
				p.Links = append(p.Links, u)
			}
		}
	}
	if in.Feed != nil {
		name(plainText(in.Feed.Title))
		note(plainText(in.Feed.Subtitle))
	}
	return p
}
