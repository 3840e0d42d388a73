package vocab

import (
	"time"

	ap "github.com/go-ap/activitypub"
)

// Object is a Note or an Article as we publish it. Zero fields are left out, but
// for `sensitive` and `content` of what has an id.
type Object struct {
	ID, Type     string
	AttributedTo string // one actor, bare (row O1)
	Name         string // plain text; titles of Articles only
	Summary      string // Note: plain content warning. Article: HTML abstract (row O9)
	Content      string // sanitised HTML
	Lang         string // BCP 47, of Content (row O16)

	URL        string   // page for people, on the host of the id (row D21)
	XMPP       string   // the original, xmpp: URI (FEP-fffd)
	Alternates []string // https pages of the same text elsewhere

	SourceText, SourceType string // what Content was made of, and its media type
	Sensitive              bool
	To, Cc                 []string
	InReplyTo              string
	Published, Updated     time.Time
	Tags                   []Tag
	Attachments            []Attachment
	Preview                *Object // FEP-b2b8
	Image                  *Image
	Context, Conversation  string // thread (row O14)
	Replies, Likes, Shares string // collections, by address
	CanQuotePublic         bool   // FEP-044f; false means nobody (row O17)

	Quote              string // id of what it quotes, written in all four spellings (FEP-044f)
	QuoteAuthorization string // stamp of the quoted author, once there is one
}

// Tag is a Hashtag (Name with its #, Href a page), a Mention (Name
// `@user@host`, Href the actor's id), an Emoji (Name `:x:`, Href its image) or a
// Link (Name as in the text, Href the object's id; FEP-e232), which alone has a
// MediaType and a Rel.
type Tag struct {
	Type, Name, Href string
	MediaType, Rel   string
}

// Attachment is a file: Image, Video, Audio or Document. Name is its alt text.
type Attachment struct {
	Type, URL, MediaType, Name string
	Width, Height              int   // pixels, 0 when not known
	Size                       int64 // bytes, 0 when not known
}

// Image is a picture that belongs to something else: avatar, header, cover.
type Image struct {
	URL, MediaType, Name string
}

// JSON prints o as a document of its own.
func (o Object) JSON() []byte { return o.members().document() }

func (o Object) members() members {
	m := core(ap.Object{
		ID:           ap.ID(iri(o.ID)),
		Type:         ap.ActivityVocabularyType(token(o.Type)),
		AttributedTo: item(o.AttributedTo),
		InReplyTo:    item(o.InReplyTo),
		Context:      item(o.Context),
		Replies:      item(o.Replies),
		Likes:        item(o.Likes),
		Shares:       item(o.Shares),
		Published:    second(o.Published),
		Updated:      second(o.Updated),
	})
	m.text("name", o.Name)
	m.text("summary", o.Summary)
	if o.ID != "" { // a post may have nothing but pictures; Lemmy wants content
		m.set("sensitive", o.Sensitive)
		m.set("content", o.Content)
	} else {
		m.text("content", o.Content)
	}
	if o.Lang != "" && o.Content != "" {
		m.set("contentMap", members{{o.Lang, o.Content}})
	}
	if o.SourceText != "" {
		m.set("source", members{{"content", o.SourceText}, {"mediaType", token(o.SourceType)}})
	}
	if u := o.urls(); u != nil {
		m.set("url", u)
	}
	m.ids("to", o.To)
	m.ids("cc", o.Cc)
	m.list("tag", each(o.Tags, Tag.members))
	m.list("attachment", each(o.Attachments, Attachment.members))
	if o.Image != nil {
		m.set("image", o.Image.members())
	}
	if o.Preview != nil {
		m.set("preview", o.Preview.members())
	}
	m.text("conversation", o.Conversation)
	if o.CanQuotePublic {
		m.set("interactionPolicy", members{{"canQuote", members{{"automaticApproval", []any{Public}}}}})
	}
	for _, key := range []string{"quote", "quoteUrl", "quoteUri", "_misskey_quote"} {
		m.text(key, o.Quote)
	}
	m.text("quoteAuthorization", o.QuoteAuthorization)
	return m
}

// urls is the page alone, or a list whose first element is the page: peers take
// the first text/html they find, or the first at all (row O11).
func (o Object) urls() any {
	if o.URL == "" && o.XMPP == "" && len(o.Alternates) == 0 {
		return nil
	}
	if o.URL != "" && o.XMPP == "" && len(o.Alternates) == 0 {
		return o.URL
	}
	var list []any
	if o.URL != "" {
		list = append(list, link("", "text/html", o.URL))
	}
	for _, a := range o.Alternates {
		list = append(list, link("alternate", "text/html", a))
	}
	if o.XMPP != "" {
		// A bridged post is not the original, and says so (FEP-fffd §3).
		list = append(list, link("canonical", "", o.XMPP))
	}
	return list
}

func link(rel, mediaType, href string) members {
	return core(ap.Link{Type: ap.LinkType, Rel: ap.IRI(rel), MediaType: ap.MimeType(mediaType), Href: ap.IRI(iri(href))})
}

func (t Tag) members() members {
	m := members{{"type", token(t.Type)}}
	switch t.Type {
	case "Emoji":
		return append(m, member{"name", t.Name}, member{"icon", Image{URL: t.Href}.members()})
	case "Link": // go-ap would not escape the quotes of the media type
		m.text("mediaType", t.MediaType)
		m.text("rel", t.Rel)
		m.set("href", t.Href)
		m.text("name", t.Name)
		return m
	}
	m.text("name", t.Name)
	m.set("href", t.Href)
	return m
}

func (a Attachment) members() members {
	m := core(ap.Object{
		Type:      ap.ActivityVocabularyType(token(a.Type)),
		MediaType: ap.MimeType(token(a.MediaType)),
		URL:       item(a.URL),
	})
	m.text("name", a.Name)
	m.text("summary", a.Name) // where newer peers look for alt text first (row O12)
	if a.Width > 0 && a.Height > 0 {
		m.set("width", a.Width)
		m.set("height", a.Height)
	}
	if a.Size > 0 {
		m.set("size", a.Size)
	}
	return m
}

func (i Image) members() members {
	m := core(ap.Object{Type: ap.ImageType, MediaType: ap.MimeType(token(i.MediaType)), URL: item(i.URL)})
	m.text("name", i.Name)
	return m
}

// item is an id for go-ap, nil when there is none.
func item(id string) ap.Item {
	if id == "" {
		return nil
	}
	return ap.IRI(iri(id))
}

func each[T any](list []T, f func(T) members) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}

// Tombstone prints what is left of a deleted object (AS2 vocabulary §4.3,
// row D24). formerType may be empty, deleted zero.
func Tombstone(id, formerType string, deleted time.Time) []byte {
	return core(ap.Tombstone{
		ID:         ap.ID(iri(id)),
		Type:       ap.TombstoneType,
		FormerType: ap.ActivityVocabularyType(token(formerType)),
		Deleted:    second(deleted),
	}).document()
}
