package mapping

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// Post is an entry and what must be known besides it. Times are cut to seconds.
type Post struct {
	Entry stanza.Entry
	Now   time.Time // nothing is published later than this

	PostURL, ActorURL, FollowersURL string
	PageURL                         string // page for people
	TagsURL                         string // page that hashtags link to, as ?tag=; PageURL when empty
	XMPPURI                         string // the original
	Lang                            string // BCP 47, when the entry does not tell
	Byline                          string // who wrote it, of posts that a community publishes; plain text

	Published time.Time // as sent before; zero of a new post, whose entry tells
	Updated   time.Time // of an edit, newer than any before it; else zero

	InReplyTo string    // id of what it answers
	Comment   bool      // it stands under something, and is a Note whatever its title
	Parent    *Mention  // who wrote what it answers
	Mentions  []Mention // whose handles in the text become links
	Addressed []Mention // who gets it besides
	Quote     *Quoted   // what it shares with words of its own; it is a Note then too

	RepliesURL, LikesURL, SharesURL string // its collections
	ContextURL                      string // of its thread
}

// Limits of what peers show or take.
const (
	maxName    = 300 // runes
	maxTeaser  = 500 // runes, FEP-b2b8
	maxSummary = 8 << 10
)

// Object turns a public post into a Note, or into an Article when it has a
// title and text and is neither comment nor quote (row O10). Everybody whom it
// answers, names or addresses is in cc and has a Mention tag (rows O4, O5). It is
// at most 250 KiB as a document (row O20).
func Object(p Post) vocab.Object {
	o := vocab.Object{
		ID: p.PostURL, AttributedTo: p.ActorURL, URL: p.PageURL, XMPP: p.XMPPURI, Lang: language(p),
		Alternates: alternates(p), To: []string{vocab.Public}, CanQuotePublic: true,
		Published: published(p), Updated: p.Updated.UTC().Truncate(time.Second),
		InReplyTo: p.InReplyTo, Context: p.ContextURL, Replies: p.RepliesURL, Likes: p.LikesURL, Shares: p.SharesURL,
	}
	if !o.Updated.IsZero() && !o.Updated.After(o.Published) {
		o.Updated = o.Published.Add(time.Second) // else Mastodon sees no edit (row O13)
	}
	if p.Quote != nil && p.Quote.page() == "" {
		p.Quote = nil // nothing that anybody could look at
	}
	who := peopleOf(p)
	o.Cc = addressees(append([]string{p.FollowersURL}, who.ids()...)...) // row O4
	title := oneLine(plainText(p.Entry.Title))
	main, source := choose(p.Entry.Content)
	body, images := renderWithImages(main)
	text := plain(body)

	o.Type = "Note"
	var head *node // of a Note that has a title all the same
	switch {
	case text == "":
		// A short post of Movim is its title and nothing else.
		body = render(p.Entry.Title)
	case title == "" || sameText(title, text):
	case p.Comment || p.Quote != nil:
		head = heading(title)
	default:
		o.Type, o.Name = "Article", cut(title, maxName)
	}
	o.SourceText, o.SourceType = source.Body, ""
	if o.SourceText != "" && !sameText(source.Body, text) {
		o.SourceType = "text/markdown" // Movim's; Libervia's is the same text again
	} else {
		o.SourceText = ""
	}

	o.Sensitive = slices.ContainsFunc(p.Entry.Categories, func(c stanza.Category) bool { return strings.EqualFold(c.Term, "nsfw") })
	summary := render(p.Entry.Summary)
	who.linkIn(summary)
	switch short := plain(summary); {
	case short == "" || sameText(short, text):
	case o.Type == "Article":
		o.Summary = trimHTML(summary.html(), maxSummary) // an abstract, row O9
	case o.Sensitive:
		o.Summary = cut(oneLine(short), maxTeaser) // a content warning, row O9
	case text == "":
		body.child = append(body.child, summary.child...)
	default:
		body.child = append(summary.child, body.child...)
	}
	if head != nil {
		body.child = append(head.child, body.child...)
	}
	if o.Type == "Article" {
		o.Preview = preview(o.Name, plain(summary), plain(body))
	}

	o.Attachments = attachments(p.Entry, images)
	if o.Type == "Article" {
		o.Image = cover(o.Attachments)
	}
	who.linkIn(body)
	who.greet(body, p)
	finishBody(&o, p, body)
	o.Tags = append(who.tags(), o.Tags...)
	return fitDocument(o)
}

// heading is a title where an object has no name for it.
func heading(title string) *node {
	n := &node{}
	n.add(&node{tag: "p"}).add(&node{tag: "strong"}).add(&node{text: cut(title, maxName)})
	linkAddresses(n)
	return n
}

// finishBody adds what stands after the text: related links, who wrote it, the
// tags that are not in the text, and what it quotes.
func finishBody(o *vocab.Object, p Post, body *node) {
	if p.Quote != nil {
		p.Entry = withoutShared(p.Entry, p.Quote)
	}
	addRelated(body, p.Entry)
	addVia(body, p.Entry)
	if by := cut(oneLine(p.Byline), maxName); by != "" {
		body.child = append(body.child, render(stanza.Text{Type: "text", Body: "— " + by}).child...)
	}
	tags := hashtags{page: p.TagsURL}
	if tags.page == "" {
		tags.page = p.PageURL
	}
	tags.linkIn(body)
	var line *node
	for _, c := range p.Entry.Categories[:min(len(p.Entry.Categories), maxCategories)] {
		name := tagName(c)
		if name == "" || !tags.add(name) {
			continue
		}
		if line == nil {
			line = body.add(&node{tag: "p"})
		} else {
			line.add(&node{text: " "})
		}
		line.add(tags.link(name))
	}
	o.Tags = tags.tags()
	if p.Quote != nil {
		addQuote(o, body, p.Quote)
	}
	o.Content = body.html()
}

// choose picks the best of several renderings of the same text, and the plain
// one beside it.
func choose(content []stanza.Text) (main, source stanza.Text) {
	for _, typ := range []string{"xhtml", "html", "text"} {
		for _, t := range content {
			if t.Type != typ {
				continue
			}
			if main.IsZero() {
				main = t
			} else if typ == "text" && source.IsZero() {
				source = t
			}
		}
	}
	return main, source
}

// preview is what peers show that do not show Articles (FEP-b2b8).
func preview(title, summary, text string) *vocab.Object {
	if summary == "" {
		summary = text
	}
	content := "<p><strong>" + textEscaper.Replace(title) + "</strong></p>"
	if teaser := cut(oneLine(summary), maxTeaser); teaser != "" {
		content += "<p>" + textEscaper.Replace(teaser) + "</p>"
	}
	return &vocab.Object{Type: "Note", Content: content}
}

// language is the first that is told: by the content, the entry, the blog.
func language(p Post) string {
	main, _ := choose(p.Entry.Content)
	for _, l := range []string{main.Lang, p.Entry.Title.Lang, p.Entry.Lang, p.Lang} {
		if languageTag.MatchString(l) && !strings.EqualFold(l, "und") {
			return l
		}
	}
	return ""
}

// published keeps what was sent before; else the entry tells, but not of the
// future (row O13).
func published(p Post) time.Time {
	t := p.Published
	for _, or := range []time.Time{p.Entry.Published, p.Entry.Updated, p.Now} {
		if t.IsZero() {
			t = or
		}
	}
	if !p.Now.IsZero() && t.After(p.Now) {
		t = p.Now
	}
	return t.UTC().Truncate(time.Second)
}

// alternates are pages of the same post elsewhere, such as Movim's.
func alternates(p Post) []string {
	var out []string
	for _, l := range p.Entry.LinksOf("alternate") {
		u := webURL(l.Href)
		if u == "" || u == p.PageURL || slices.Contains(out, u) || len(out) >= 4 ||
			l.Type != "" && l.Type != "text/html" && l.Type != "application/xhtml+xml" {
			continue
		}
		out = append(out, u)
	}
	return out
}

// Create wraps a new object; its copy in there is at most 60 KiB (row O20).
func Create(o vocab.Object, activityURL string) vocab.Activity {
	return wrap("Create", o, activityURL, o.Published)
}

// Update wraps a changed object.
func Update(o vocab.Object, activityURL string) vocab.Activity {
	return wrap("Update", o, activityURL, o.Updated)
}

func wrap(typ string, o vocab.Object, activityURL string, at time.Time) vocab.Activity {
	a := vocab.Activity{ID: activityURL, Type: typ, Actor: o.AttributedTo, To: o.To, Cc: o.Cc, Published: at} // row O3
	a.Object = fit(o, MaxDelivered, func(o vocab.Object) int {
		a.Object = o
		return len(a.JSON())
	})
	return a
}

// Delete takes an object back, with its Tombstone (row O21). cc are those who
// got it besides the followers.
func Delete(postURL, formerType, actorURL, activityURL, followersURL string, deleted time.Time, cc ...string) vocab.Activity {
	return vocab.Activity{
		ID: activityURL, Type: "Delete", Actor: actorURL, To: []string{vocab.Public}, Cc: addressees(append([]string{followersURL}, cc...)...),
		Published: deleted, Object: json.RawMessage(vocab.Tombstone(postURL, formerType, deleted)),
	}
}
