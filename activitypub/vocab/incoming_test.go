package vocab

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func read(t *testing.T, s string) Incoming {
	t.Helper()
	return ReadIncoming(mustRead(t, s))
}

// TestIncomingShapes is row I1 for what is read of objects.
func TestIncomingShapes(t *testing.T) {
	want := Incoming{
		ID: "https://a.example/1", Type: "Note", Authors: []string{"https://a.example/u"}, InReplyTo: "https://b.example/2",
		Content: "<p>x</p>", URL: "https://a.example/@u/1", Summary: "s", Sensitive: true, Lang: "en",
		Published: time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC), To: []string{Public}, Cc: []string{"https://a.example/f"},
		Mentions: []Tag{{Type: "Mention", Name: "@v@b.example", Href: "https://b.example/v"}}, Hashtags: []string{"bees"},
		Attachments: []Attachment{{Type: "Image", URL: "https://a.example/i.png", MediaType: "image/png", Name: "alt"}},
	}
	for name, doc := range map[string]string{
		"alone": `{"id":"https://a.example/1","type":"Note","attributedTo":"https://a.example/u","inReplyTo":"https://b.example/2",
			"content":"<p>x</p>","contentMap":{"en":"<p>x</p>"},"url":"https://a.example/@u/1","summary":"s","sensitive":true,"published":"2026-03-01T11:00:00Z",
			"to":"https://www.w3.org/ns/activitystreams#Public","cc":"https://a.example/f",
			"tag":[{"type":"Mention","name":"@v@b.example","href":"https://b.example/v"},{"type":"Hashtag","name":"#bees"},{"type":"Hashtag","name":"#BEES"}],
			"attachment":{"type":"Image","url":"https://a.example/i.png","mediaType":"image/png","name":"alt"}}`,
		"in lists": `{"id":["https://a.example/1"],"type":["Note"],"attributedTo":["https://a.example/u"],"inReplyTo":["https://b.example/2"],
			"content":["<p>x</p>"],"contentMap":{"en":["<p>x</p>"]},"url":["https://a.example/@u/1"],"summary":["s"],"sensitive":[true],"published":["2026-03-01T11:00:00Z"],
			"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://a.example/f",null],
			"tag":[null,"bees",{"type":["Mention"],"name":["@v@b.example"],"href":["https://b.example/v"]}],
			"attachment":[{"type":["Image"],"url":["https://a.example/i.png"],"mediaType":["image/png"],"name":["alt"]}]}`,
		"embedded": `{"id":"https://a.example/1","type":["x:Reply","Note"],"actor":{"id":"https://a.example/u","type":"Person"},"inReplyTo":{"id":"https://b.example/2","type":"Note"},
			"contentMap":{"en":"<p>x</p>"},"url":[{"type":"Link","href":"https://a.example/1.json","mediaType":"application/json"},{"type":"Link","href":"https://a.example/@u/1","mediaType":"text/html"}],
			"summaryMap":{"en":"s"},"sensitive":"true","published":"2026-03-01T12:00:00+01:00",
			"to":{"id":"https://www.w3.org/ns/activitystreams#Public"},"cc":[{"type":"Collection","id":"https://a.example/f"}],
			"tag":[{"type":"Mention","name":"@v@b.example","href":"https://b.example/v"},{"type":"Hashtag","name":" #bees "}],
			"attachment":[{"type":"Image","url":{"type":"Link","href":"https://a.example/i.png","mediaType":"image/png"},"summary":"alt","name":"other"}]}`,
	} {
		if got := read(t, doc); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
	for _, doc := range []string{
		`{}`, `{"id":null,"type":null,"content":null,"tag":null,"attachment":null,"url":null,"to":null,"attributedTo":null}`,
		`{"id":7,"type":{},"content":{},"contentMap":[],"tag":[[]],"attachment":[[],7,{}],"url":[[],{},7],"to":[[]],"summary":7,"source":7,
			"oneOf":[7,{}],"location":[7],"quote":{},"icon":[{}],"language":{},"published":7,"inReplyTo":[[]]}`,
	} {
		got := read(t, doc)
		if empty := (Incoming{}); !reflect.DeepEqual(got, empty) {
			t.Errorf("%s reads %+v", doc, got)
		}
	}
}

func TestIncomingText(t *testing.T) {
	for _, c := range []struct {
		doc           string
		content, lang string
		plain         bool
	}{
		{`{"content":"<p>x</p>","mediaType":"text/html"}`, "<p>x</p>", "", false},
		{`{"content":"x","mediaType":"text/markdown"}`, "x", "", true},
		{`{"content":"x","mediaType":"Text/Plain; charset=utf-8"}`, "x", "", true},
		{`{"content":"x","mediaType":"image/png"}`, "x", "", false},
		{`{"content":"","source":{"content":"*x*","mediaType":"text/x.misskeymarkdown"}}`, "*x*", "", true},
		{`{"content":" ","source":{"content":"<b>x","mediaType":"text/html"}}`, "<b>x", "", false},
		{`{"source":{"content":"x"}}`, "x", "", true},
		{`{"content":"<p>x</p>","source":{"content":"x","mediaType":"text/plain"}}`, "<p>x</p>", "", false},
		{`{"content":"x","contentMap":{"und":"x"}}`, "x", "", false},
		{`{"content":"x","language":{"identifier":"de","name":"Deutsch"}}`, "x", "de", false},
		{`{"@context":["https://www.w3.org/ns/activitystreams",{"@language":"pl"}],"content":"x"}`, "x", "pl", false},
		{`{"nameMap":{"fr":"Titre"}}`, "", "fr", false},
		{`{"content":"\n"}`, "", "", false},
	} {
		if got := read(t, c.doc); got.Content != c.content || got.Lang != c.lang || got.Plain != c.plain {
			t.Errorf("%s reads %q in %q, plain %v", c.doc, got.Content, got.Lang, got.Plain)
		}
	}
}

func TestIncomingTypes(t *testing.T) {
	for doc, want := range map[string]string{
		`{"type":"Note"}`:                       "Note",
		`{"type":["Object","Article"]}`:         "Article",
		`{"type":["x:Travel","x:Plan"]}`:        "x:Travel",
		`{"type":["Quotation","Note"]}`:         "Quotation",
		`{"type":[null,{"id":"x"},"Question"]}`: "Question",
	} {
		if got := read(t, doc).Type; got != want {
			t.Errorf("%s is a %q", doc, got)
		}
	}
}

func TestVotes(t *testing.T) {
	for doc, want := range map[string]bool{
		`{"type":"Note","name":"yes","inReplyTo":"https://a.example/poll"}`:                                true,
		`{"type":"Note","name":"yes","inReplyTo":"https://a.example/poll","content":null,"attachment":[]}`: true,
		`{"type":"Note","name":"yes","inReplyTo":"https://a.example/poll","content":"x"}`:                  false,
		`{"type":"Note","name":"yes"}`:                                      false,
		`{"type":"Note","inReplyTo":"https://a.example/poll"}`:              false,
		`{"type":"Article","name":"yes","inReplyTo":"https://a.example/1"}`: false,
		`{"type":"Note","name":"yes","inReplyTo":"https://a.example/1","attachment":{"type":"Image","url":"https://a.example/x.png"}}`:     false,
		`{"type":"Note","name":"yes","inReplyTo":"https://a.example/1","source":{"content":"text","mediaType":"text/plain"},"content":""}`: false,
	} {
		if got := read(t, doc).Vote; got != want {
			t.Errorf("%s: %v", doc, got)
		}
	}
}

func TestQuotes(t *testing.T) {
	const want = "https://q.example/1"
	for _, doc := range []string{
		`{"quote":"https://q.example/1"}`, `{"quote":{"id":"https://q.example/1","type":"Note"}}`, `{"quoteUrl":"https://q.example/1"}`,
		`{"quoteUri":["https://q.example/1"]}`, `{"quoteURL":"https://q.example/1"}`, `{"_misskey_quote":"https://q.example/1"}`,
		`{"quote":{"type":"Tombstone"},"quoteUri":"https://q.example/1"}`,
		`{"tag":{"type":"Link","href":"https://q.example/1","name":"RE: https://q.example/1","mediaType":"application/activity+json"}}`,
		`{"tag":[{"type":"Link","href":"https://q.example/1","rel":"https://misskey-hub.net/ns#_misskey_quote","mediaType":"application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\""}]}`,
	} {
		if got := read(t, doc).Quote; got != want {
			t.Errorf("%s quotes %q", doc, got)
		}
	}
	for _, doc := range []string{
		`{}`, `{"quote":null,"quoteUri":""}`,
		`{"tag":{"type":"Link","href":"https://q.example/1","name":"see","mediaType":"application/activity+json"}}`,
		`{"tag":{"type":"Link","href":"https://q.example/1","name":"RE: x","mediaType":"text/html"}}`,
		`{"tag":{"type":"Mention","href":"https://q.example/1","name":"RE: x","mediaType":"application/activity+json"}}`,
	} {
		if got := read(t, doc).Quote; got != "" {
			t.Errorf("%s quotes %q", doc, got)
		}
	}
}

// TestWritesWhatItReads: our own quotes and mentions are understood.
func TestWritesWhatItReads(t *testing.T) {
	o := note()
	o.InReplyTo, o.Quote = "https://a.example/1", "https://a.example/2"
	o.Tags = append(o.Tags, Tag{Type: "Mention", Name: "@v@b.example", Href: "https://b.example/v"})
	d, err := Read(o.JSON(), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	in := ReadIncoming(d)
	if in.ID != o.ID || in.Type != o.Type || in.Content != o.Content || in.InReplyTo != o.InReplyTo || in.URL != o.URL ||
		in.Quote != o.Quote || len(in.Mentions) == 0 || in.Mentions[len(in.Mentions)-1] != o.Tags[len(o.Tags)-1] || in.Visibility("") != "public" {
		t.Errorf("read %+v", in)
	}
}

func TestPagesAndFiles(t *testing.T) {
	const page, file = "https://a.example/page", "https://a.example/f.bin"
	for name, c := range map[string]struct{ doc, url, files string }{
		"note":               {`{"id":"https://a.example/1","type":"Note","url":"https://a.example/page"}`, page, ""},
		"no url":             {`{"id":"https://a.example/1","type":"Note"}`, "https://a.example/1", ""},
		"other schemes":      {`{"id":"https://a.example/1","type":"Note","url":["xmpp:a@b.example","javascript:x","http://a.example/x"]}`, "https://a.example/1", ""},
		"html first":         {`{"type":"Note","url":["https://a.example/other",{"type":"Link","href":"https://a.example/page","mediaType":"text/html; charset=utf-8"}]}`, page, ""},
		"untyped link":       {`{"type":"Note","url":{"type":"Link","href":"https://a.example/page"}}`, page, ""},
		"not a file":         {`{"type":"Note","url":{"type":"Link","href":"https://a.example/x.pdf","mediaType":"application/pdf"},"id":"https://a.example/1"}`, "https://a.example/1", ""},
		"image":              {`{"id":"https://a.example/1","type":"Image","url":"https://a.example/f.bin","mediaType":"image/png"}`, "https://a.example/1", "Image image/png " + file},
		"image by links":     {`{"type":"Image","url":[{"href":"https://a.example/f.bin","mediaType":"image/png","width":3,"height":4}]}`, "", "Image image/png " + file + " 3x4"},
		"video page":         {`{"type":"Video","url":"https://a.example/page"}`, page, ""},
		"video file":         {`{"id":"https://a.example/1","type":"Video","url":"https://a.example/f.bin","mediaType":"video/webm"}`, "https://a.example/1", "Video video/webm " + file},
		"smallest above":     {`{"type":"Video","url":[{"href":"https://a.example/2160","mediaType":"video/mp4","height":2160},{"href":"https://a.example/f.bin","mediaType":"video/mp4","height":1080,"size":9}]}`, "", "Video video/mp4 " + file + " 9B"},
		"largest below":      {`{"type":"Video","url":[{"href":"https://a.example/240","mediaType":"video/mp4","height":240},{"href":"https://a.example/f.bin","mediaType":"video/mp4","height":480},{"href":"https://a.example/1080","mediaType":"video/mp4","height":1080}]}`, "", "Video video/mp4 " + file},
		"playlist":           {`{"type":"Video","url":[{"href":"https://a.example/f.bin","mediaType":"application/x-mpegURL","tag":{"type":"Infohash"}}]}`, "", "Video application/x-mpegURL " + file},
		"sound":              {`{"type":"Audio","url":[{"href":"https://a.example/page","mediaType":"text/html"},{"href":"https://a.example/f.bin","mediaType":"audio/ogg"}],"image":"https://a.example/c.jpg"}`, page, "Audio audio/ogg " + file + "; Image  https://a.example/c.jpg"},
		"largest icon":       {`{"type":"Video","icon":[{"type":"Image","url":"https://a.example/s","width":1,"height":1},{"type":"Image","url":"https://a.example/f.bin","width":9,"height":9}]}`, "", "Image  " + file + " 9x9"},
		"icon of a note":     {`{"type":"Note","icon":{"type":"Image","url":"https://a.example/s"},"image":{"type":"Image","url":"https://a.example/s"}}`, "", ""},
		"cover":              {`{"type":"Article","image":{"type":"Image","url":"https://a.example/f.bin"},"attachment":{"type":"Image","url":"https://a.example/f.bin","name":"alt"}}`, "", "Image  " + file + " alt"},
		"pages that go with": {`{"type":"Page","attachment":[{"type":"Link","href":"https://a.example/page"},{"type":"Page","url":"https://a.example/2"},"https://a.example/3"]}`, "", "Link  " + page + "; Link  https://a.example/2; Link  https://a.example/3"},
		"links to files":     {`{"type":"Note","attachment":[{"type":"Link","href":"https://a.example/f.bin","mediaType":"image/png"},{"type":"x:File","url":"https://a.example/4"}]}`, "", "Document image/png " + file + "; Document  https://a.example/4"},
		"fields of profiles": {`{"type":"Note","attachment":[{"type":"PropertyValue","name":"x","value":"y","url":"https://a.example/f.bin"},{"type":"Image"}]}`, "", ""},
		"size of nothing":    {`{"type":"Note","attachment":{"type":"Image","url":"https://a.example/f.bin","width":-1,"height":1e9,"size":-5}}`, "", "Image  " + file},
	} {
		in := read(t, c.doc)
		var files []string
		for _, a := range in.Attachments {
			s := fmt.Sprintf("%s %s %s", a.Type, a.MediaType, a.URL)
			if a.Width > 0 && in.Type != "Note" && a.Height < 10 {
				s += fmt.Sprintf(" %dx%d", a.Width, a.Height)
			}
			if a.Size > 0 {
				s += fmt.Sprintf(" %dB", a.Size)
			}
			if a.Name != "" {
				s += " " + a.Name
			}
			files = append(files, s)
		}
		if got := strings.Join(files, "; "); in.URL != c.url || got != c.files {
			t.Errorf("%s: page %q, files %q", name, in.URL, got)
		}
	}
}

func TestPollsAndEvents(t *testing.T) {
	in := read(t, `{"type":"Question","anyOf":["a",{"type":"Note","nameMap":{"en":"b"}},{"name":""}],"closed":"2026-03-01T11:00:00Z"}`)
	if !slices.Equal(in.Options, []Choice{{"a", 0}, {"b", 0}}) || !in.Closed || in.Ends.IsZero() {
		t.Errorf("poll %+v", in)
	}
	in = read(t, `{"type":"Question","oneOf":[{"name":"a","replies":{"totalItems":4}}],"votersCount":3,"endTime":"2026-03-01T11:00:00Z","closed":false}`)
	if len(in.Options) != 1 || in.Options[0].Votes != 4 || in.Voters != 3 || in.Closed || in.Ends.IsZero() {
		t.Errorf("poll %+v", in)
	}
	for doc, want := range map[string]string{
		`"Berlin"`:                                   "Berlin",
		`{"type":"Place","name":" Park \n 1 "}`:      "Park 1",
		`{"name":"Hall","address":"Hall, Street 1"}`: "Hall, Hall, Street 1",
		`{"name":"Street 1","address":{"streetAddress":"Street 1","postalCode":"1","addressLocality":"Town"}}`: "Street 1, 1 Town",
		`[{"type":"VirtualLocation","url":"https://a.example/room"}]`:                                          "https://a.example/room",
		`[null,7,{"name":"x","address":{"addressLocality":"Y","addressCountry":"Z"}}]`:                         "x, Y, Z",
		`{"type":"Place","address":{"addressLocality":"","postalCode":""}}`:                                    "",
	} {
		in := read(t, `{"type":"Event","startTime":"2026-03-01T12:00:00+01:00","endTime":"2026-03-01T12:00:00Z","location":`+doc+`}`)
		if in.Place != want || in.Starts.Hour() != 11 || in.Until.Hour() != 12 {
			t.Errorf("%s is at %q, %v to %v", doc, in.Place, in.Starts, in.Until)
		}
	}
}

func TestVisibility(t *testing.T) {
	const followers = "https://a.example/u/crowd"
	for doc, want := range map[string]string{
		`{"to":"as:Public","cc":"https://a.example/u/crowd"}`:                               "public",
		`{"to":["https://b.example/v","https://www.w3.org/ns/activitystreams#Public"]}`:     "public",
		`{"to":"https://a.example/u/crowd","cc":["Public"]}`:                                "unlisted",
		`{"to":"https://b.example/g","audience":"as:Public"}`:                               "unlisted",
		`{"to":"https://a.example/u/crowd"}`:                                                "followers",
		`{"to":"https://b.example/v","cc":"https://a.example/u/crowd"}`:                     "followers",
		`{"to":"https://b.example/v","cc":"https://b.example/v/followers"}`:                 "followers",
		`{"to":"https://gts.example/users/max/Followers/"}`:                                 "followers",
		`{"cc":"https://c.example/c/bees","audience":"https://c.example/c/bees/followers"}`: "followers",
		`{"to":["https://b.example/v","https://c.example/w"]}`:                              "direct",
		`{"to":"https://pleroma.example/#Public"}`:                                          "direct",
		`{"bto":"as:Public"}`: "direct",
		`{}`:                  "direct",
		`{"to":["https://www.w3.org/ns/activitystreams#public","public"]}`: "direct",
		`{"to":"https://b.example/followers-of-bees"}`:                     "direct",
	} {
		if got := read(t, doc).Visibility(followers); got != want {
			t.Errorf("%s is %s, want %s", doc, got, want)
		}
	}
	if got := read(t, `{"to":""}`).Visibility(""); got != "direct" {
		t.Errorf("no addresses: %s", got)
	}
}

func TestReactions(t *testing.T) {
	const tag = `"tag":[{"type":"Emoji","name":":blobcat:","icon":{"type":"Image","url":"https://a.example/b.png"}}]`
	for _, c := range []struct{ doc, content, href string }{
		{`{"type":"Like"}`, "", ""},
		{`{"type":"Like","content":"❤"}`, "❤", ""},
		{`{"type":"Like","content":null,"_misskey_reaction":"👍"}`, "👍", ""},
		{`{"type":"Like","content":":blobcat:","_misskey_reaction":":blobcat:",` + tag + `}`, ":blobcat:", "https://a.example/b.png"},
		{`{"type":"EmojiReact","content":"blobcat",` + tag + `}`, ":blobcat:", "https://a.example/b.png"},
		{`{"type":"EmojiReact","content":":blobcat@a.example:","tag":{"type":"Emoji","name":"blobcat","icon":[{"url":"https://a.example/b.png"}]}}`, ":blobcat:", "https://a.example/b.png"},
		{`{"type":"EmojiReact","content":":unknown@b.example:"}`, ":unknown:", ""},
		{`{"type":"EmojiReact","content":" 👩‍👩‍👧 "}`, "👩‍👩‍👧", ""},
		{`{"type":"EmojiReact","content":"🏴\udb40\udc67\udb40\udc62\udb40\udc7f"}`, "🏴\U000e0067\U000e0062\U000e007f", ""},
		{`{"type":"EmojiReact","contentMap":{"en":"1️⃣"}}`, "1️⃣", ""},
		{`{"type":"Like","content":"<b>x</b>"}`, "", ""},
		{`{"type":"Like","content":"a b"}`, "", ""},
		{`{"type":"Like","content":"a\u202eb"}`, "", ""},
		{`{"type":"Like","content":"a\u0001"}`, "", ""},
		{`{"type":"Like","content":"\ud800"}`, "", ""},
		{`{"type":"Like","content":"\uffff"}`, "", ""},
		{`{"type":"Like","content":"::"}`, "", ""},
		{`{"type":"Like","content":{"x":1},"tag":7}`, "", ""},
		{`{"type":"EmojiReact","content":"` + strings.Repeat("🐝", 65) + `"}`, "", ""},
	} {
		content, emoji := ReactionOf(mustRead(t, c.doc))
		if content != c.content || emoji.Href != c.href || (emoji.Href != "") != (emoji.Name == content && content != "") {
			t.Errorf("%s says %q, %+v", c.doc, content, emoji)
		}
	}
}

// TestX11_IncomingIsLinear has what could be counted twice, in two sizes.
func TestX11_IncomingIsLinear(t *testing.T) {
	for _, list := range []string{
		`"tag":[%s]|{"type":"Hashtag","name":"#x%d"},`, `"attachment":[%s]|{"type":"Image","url":"https://a.example/%d"},`,
		`"oneOf":[%s]|{"name":"%d"},`, `"to":[%s]|"https://a.example/%d",`, `"url":[%s]|{"href":"https://a.example/%d","mediaType":"video/mp4","tag":[{"href":"x"}]},`,
	} {
		frame, item, _ := strings.Cut(list, "|")
		allocs := func(n int) float64 {
			var items strings.Builder
			for i := range n {
				fmt.Fprintf(&items, item, i)
			}
			d := mustRead(t, `{"type":"Video",`+fmt.Sprintf(frame, strings.TrimSuffix(items.String(), ","))+`}`)
			return testing.AllocsPerRun(1, func() { ReadIncoming(d) })
		}
		if small, large := allocs(100), allocs(1000); large > 12*small+50 {
			t.Errorf("%s: ten times the input takes %v allocations instead of %v", frame, large, small)
		}
	}
}

// FuzzReadIncoming: any document is read, into few and valid things.
func FuzzReadIncoming(f *testing.F) {
	for _, doc := range documents() {
		f.Add(doc)
	}
	f.Add([]byte(`{"type":["Video"],"url":[{"href":"https://a.example/1","mediaType":"video/mp4","height":1,"tag":[{"href":"x"}]}],"icon":[{"url":"x","width":3}]}`))
	f.Add([]byte(`{"type":"Event","location":{"name":"x","address":{"streetAddress":"y"}},"startTime":"2026-03-01T11:00:00Z","attachment":[{"href":"x"}]}`))
	f.Add([]byte(`{"type":"Like","content":":a@b:","tag":{"type":"Emoji","name":"a","icon":{"url":"x"}},"oneOf":["a"],"quote":{"id":"x"},"closed":true}`))
	f.Add([]byte(`{"type":"Note","source":{"content":"x"},"contentMap":{"en":"y"},"tag":["z",{"type":"Mention","href":"x"}],"inReplyTo":[{"id":"x"}],"name":"n"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Read(b, DefaultLimits)
		if err != nil {
			return
		}
		in := ReadIncoming(d)
		if again := ReadIncoming(d); !reflect.DeepEqual(in, again) {
			t.Fatalf("not the same twice: %+v, %+v", in, again)
		}
		if n := max(len(in.Authors), len(in.To), len(in.Cc), len(in.Mentions), len(in.Emojis), len(in.Hashtags), len(in.Attachments), len(in.Options)); n > maxListed {
			t.Fatalf("a list of %d", n)
		}
		for _, a := range in.Attachments {
			if a.URL == "" || a.Type == "" || a.Width < 0 || a.Size < 0 {
				t.Fatalf("attachment %+v", a)
			}
		}
		if v := in.Visibility(""); v == "public" != slices.ContainsFunc(d.IDs("to")[:min(len(d.IDs("to")), maxListed)], isPublic) {
			t.Fatalf("%s: %s", v, b)
		}
		if in.Vote && in.Content != "" || in.Plain && in.Content == "" || in.URL == "" && in.ID != "" {
			t.Fatalf("%+v", in)
		}
		content, emoji := ReactionOf(d)
		if utf8.RuneCountInString(content) > maxReaction || !utf8.ValidString(content) || strings.ContainsAny(content, " \n<>&") || emoji.Name != "" && emoji.Name != content {
			t.Fatalf("reaction %q, %+v", content, emoji)
		}
	})
}
