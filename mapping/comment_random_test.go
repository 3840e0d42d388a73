package mapping

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
)

// fragments are what hostile and careless markup is made of.
var fragments = strings.Split("<p>|</p>|<b>|</b>|<i>|<blockquote>|</blockquote>|<ul>|<ol start=3>|<li>|</li>|</ul>|</ol>|<pre>|</pre>|<br>|<br>|"+
	"x|hello world|&amp;| |\n|\u202e|\u2067|\u2069|\u2028|\u200b|<a href='https://a.example/x?a&b'>|</a>|<a href='javascript:x'>|"+
	"<span class=invisible>|<span class=quote-inline>|</span>|<img src='https://a.example/i.png' alt=pic>|<img alt=':x:'>|<h1>|</h1>|"+
	"<ruby>|<rt>|<rp>|</ruby>|https://b.example/y|<script>|</script>|<div>|</div>|<td>|<tr>|<code>|</code>|RE: |⚠|<span lang=de>|", "|")

// TestMixedMarkup puts fragments together as no fuzzer finds them soon; the same
// ones each time.
func TestMixedMarkup(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	mix := func(n int) string {
		var b strings.Builder
		for range 1 + r.Intn(n) {
			b.WriteString(fragments[r.Intn(len(fragments))])
		}
		return b.String()
	}
	types := []string{"Note", "Question", "Article", "Video", "Event", "Image", "Page", "", "Travel"}
	for i := range 1000 {
		size := 40
		if i%100 == 0 {
			size = 20_000
		}
		o := vocab.Incoming{
			ID: "https://a.example/1", Type: types[r.Intn(len(types))], Content: mix(size), Name: mix(5), Summary: mix(5),
			Options: []vocab.Choice{{Name: mix(5), Votes: 2}, {Name: mix(5), Votes: -1}}, Place: mix(5), Quote: "https://q.example/" + mix(2), Plain: i%6 == 0, Sensitive: i%7 == 0,
		}
		if i%3 == 0 {
			o.Summary, o.Name, o.Options, o.Place = "", "", nil, ""
		}
		for range r.Intn(4) {
			o.Attachments = append(o.Attachments, vocab.Attachment{Type: "Image", URL: "https://a.example/" + mix(6), Name: mix(6), MediaType: mix(2)})
		}
		in := reply(o)
		in.Author.Name = mix(4)
		checkStory(t, fmt.Sprintf("%.2000s", fmt.Sprintf("%q", o.Content)), Story{Reply: in})
		checkComment(t, fmt.Sprintf("%.2000s", fmt.Sprintf("%q", o.Content)), in)
	}
}
