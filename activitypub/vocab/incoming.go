package vocab

import (
	"slices"
	"strings"
	"time"
)

// Incoming is somebody else's object as read (rows I1, I23, I24): the same few
// fields whatever it was written by. Nothing in it is believed or sanitised.
type Incoming struct {
	ID, Type  string   // the first type known to us, else the first
	Authors   []string // ids: attributedTo, else actor
	InReplyTo string
	Quote     string // id of the post it quotes (FEP-044f, FEP-e232, Misskey)

	Name, Summary string // Summary of a Note is a content warning, else an abstract
	Content, Lang string // HTML; BCP 47, "" when not told
	Plain         bool   // Content is text, not HTML
	URL           string // page for people, https; the id when there is none

	Published, Updated time.Time // UTC, zero when not told
	Sensitive          bool
	To, Cc, Audience   []string

	Mentions, Emojis []Tag    // Href is the actor's id, or the picture
	Hashtags         []string // without #, each once
	Attachments      []Attachment

	Options []Choice // of a poll
	Several bool     // more than one may be chosen
	Voters  int64
	Closed  bool
	Ends    time.Time

	Likes, Shares int64  // as its own server counts them
	Replies       string // id of the collection of what answers it, "" for none
	RepliesDoc    Doc    // that collection when it is embedded, else nil

	Starts, Until time.Time // of an event
	Place         string    // in one line

	Vote bool // an answer to a poll: a name and nothing else (row I23)
}

// Choice is one option of a poll.
type Choice struct {
	Name  string
	Votes int64
}

// maxListed bounds each list that is read (row I15).
const maxListed = 1000

// objectTypes are those that can be shown; a type in a list that is among them
// goes before others.
var objectTypes = strings.Fields("Note Article Page Question Video Audio Image Document Event ChatMessage " +
	"Review Comment Quotation Tombstone")

// ReadIncoming reads an object in any shape. What is missing or has the wrong
// shape is zero.
func ReadIncoming(d Doc) Incoming {
	in := Incoming{
		ID: d.ID(), Type: objectType(d), Authors: d.IDs("attributedTo"), InReplyTo: first(d.IDs("inReplyTo")),
		Published: d.Time("published"), Updated: d.Time("updated"), Sensitive: d.Bool("sensitive"),
		To: bounded(d.IDs("to")), Cc: bounded(d.IDs("cc")), Audience: bounded(d.IDs("audience")),
	}
	if len(in.Authors) == 0 {
		in.Authors = d.IDs("actor")
	}
	in.Authors = bounded(in.Authors)
	in.Summary, _ = d.Text("summary")
	in.readText(d)
	in.readTags(d)
	in.Quote = quote(d)
	in.URL = page(d, in.Type)
	if in.URL == "" {
		in.URL = in.ID
	}
	in.readMedia(d)
	in.readPoll(d)
	in.readCounts(d)
	if in.Type == "Event" {
		in.Starts, in.Until, in.Place = d.Time("startTime"), d.Time("endTime"), place(d)
	}
	in.Vote = in.Type == "Note" && in.Name != "" && in.InReplyTo != "" && in.Content == "" && len(in.Attachments) == 0
	return in
}

func objectType(d Doc) string {
	types := d.Types()
	for _, t := range types {
		if slices.Contains(objectTypes, t) {
			return t
		}
	}
	return first(types)
}

// readText reads name and content, or what the content was made of.
func (in *Incoming) readText(d Doc) {
	var lang string
	in.Name, lang = d.Text("name")
	in.Content, in.Lang = d.Text("content")
	typ := d.Str("mediaType")
	if source, ok := d.One("source"); ok && strings.TrimSpace(in.Content) == "" {
		if in.Content, typ = source.Str("content"), source.Str("mediaType"); typ == "" {
			typ = "text/plain"
		}
	}
	if strings.TrimSpace(in.Content) == "" {
		in.Content, in.Lang = "", lang
	}
	in.Plain = in.Content != "" && plainType(typ)
	if in.Lang == "" {
		in.Lang = language(d)
	}
	if strings.EqualFold(in.Lang, "und") {
		in.Lang = ""
	}
}

// plainType reports whether a media type is text without HTML: PeerTube
// describes videos in text/markdown, Misskey has a text type of its own.
func plainType(t string) bool {
	t, _, _ = strings.Cut(strings.ToLower(t), ";")
	t = strings.TrimSpace(t)
	return strings.HasPrefix(t, "text/") && t != "text/html"
}

// language is what a peer says besides contentMap: Lemmy and PeerTube in a
// member of their own, some in the context (JSON-LD §4.2.4).
func language(d Doc) string {
	for _, l := range []string{d.Str("language"), inner(d, "language").Str("identifier"), inner(d, "@context").Str("@language")} {
		if l != "" {
			return l
		}
	}
	return ""
}

func inner(d Doc, key string) Doc {
	m, _ := d.One(key)
	return m
}

// Visibility says who may read it: "public", "unlisted" (everybody who comes
// across it), "followers" (the members of some collection) or "direct" (those
// who are named). followers is the id of the author's followers collection, ""
// when not known. An object without addresses is direct: the caller may give it
// those of its activity.
func (in Incoming) Visibility(followers string) string {
	switch {
	case slices.ContainsFunc(in.To, isPublic):
		return "public"
	case slices.ContainsFunc(in.Cc, isPublic), slices.ContainsFunc(in.Audience, isPublic):
		return "unlisted"
	}
	for _, list := range [][]string{in.To, in.Cc, in.Audience} {
		for _, id := range list {
			if followers != "" && id == followers || isCollection(id) {
				return "followers"
			}
		}
	}
	return "direct"
}

// isCollection goes by the names that servers give the collections that one can
// write to. Both kinds are private; nothing hangs on a wrong guess.
func isCollection(id string) bool {
	id = strings.TrimRight(strings.ToLower(id), "/")
	for _, end := range []string{"followers", "following", "subscribers", "members", "friends"} {
		if strings.HasSuffix(id, "/"+end) || strings.HasSuffix(id, "#"+end) || strings.HasSuffix(id, "="+end) {
			return true
		}
	}
	return strings.Contains(id, "/collections/") || strings.Contains(id, "/lists/")
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func bounded[T any](list []T) []T { return list[:min(len(list), maxListed)] }
