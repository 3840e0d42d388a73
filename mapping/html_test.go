package mapping

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"isthmus/component/stanza"
)

func TestX13_Sanitize(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"white space", " \n\t ", ""},
		{"bare text", "Hello & <b>world</b>", "<p>Hello &amp; <b>world</b></p>"},
		{"entities once", "&amp;lt; &#39;&nbsp;&copy;", "<p>&amp;lt; '\u00a0©</p>"},
		{"paragraphs", "<p>a</p>\n\n<p>b</p>", "<p>a</p><p>b</p>"},
		{"no empty paragraphs", "<p> </p><p><b></b></p><p><br></p><p>x</p><blockquote><p></p></blockquote><ul><li> </li></ul><pre>\n</pre>", "<p>x</p>"},
		{"div becomes p", "<div>a<div>b</div>c</div>", "<p>a</p><p>b</p><p>c</p>"},
		{"headings", "<h1>One</h1><h3><em>Two</em></h3>three", "<p><strong>One</strong></p><p><strong><em>Two</em></strong></p><p>three</p>"},
		{"heading left open", "<h1>One<h2>Two</h2>three", "<p><strong>One</strong></p><p><strong>Two</strong></p><p>three</p>"},
		{"strong heading", "<h2><strong>One</strong> more</h2>", "<p><strong>One more</strong></p>"},
		{"white space collapses", "<p>  a \n\t b <b> c </b> d<br>  e </p>", "<p>a b <b>c </b>d<br>e</p>"},
		{"breaks", "<br>a<br/><br><br>b<br>", "<p>a<br><br>b</p>"},
		{"pre keeps it", "<pre>\n\n  a\n\tb  <b>c</b>\n </pre>", "<pre>  a\n\tb  <b>c</b></pre>"},
		{"code block", "<pre><code class=\"language-go\">if a &lt; b {\n}\n</code></pre>", "<pre><code>if a &lt; b {\n}</code></pre>"},
		{"lists", "<ol start=3 reversed><li value=9>a<li>b<ul><li>c</ul></ol>", `<ol start="3" reversed="reversed"><li value="9">a</li><li>b<ul><li>c</li></ul></li></ol>`},
		{"item without a list", "<li>a<li>b</li>c", "<ul><li>a</li><li>b</li><li>c</li></ul>"},
		{"list without items", "<ul>a<p>b</p></ul>", "<ul><li>a<p>b</p></li></ul>"},
		{"quote", "<blockquote>a<p>b</blockquote>c", "<blockquote><p>a</p><p>b</p></blockquote><p>c</p>"},
		{"table", "<table><caption>T</caption><tr><th>a</th><th>b</th></tr><tr><td>1</td> <td>2</td><td></td></tr></table>", "<p>T</p><p>a | b</p><p>1 | 2 |</p>"},
		{"wrong nesting", "<b>1<i>2</b>3</i>4", "<p><b>1<i>2</i></b><i>3</i>4</p>"},
		{"inline around blocks", "<em><p>a</p><p>b</p></em>", "<p><em>a</em></p><p><em>b</em></p>"},
		{"twice the same", "<b><b>x</b>y</b>z", "<p><b>xy</b>z</p>"},
		{"nearest in the whitelist", "<strike>a</strike><ins>b</ins><kbd>c</kbd><cite>d</cite><sup>2</sup><mark>e</mark>", "<p><s>a</s><u>b</u><code>c</code><em>d</em>2e</p>"},
		{"ruby", "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby><rt>x</rt>", "<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>x</p>"},
		{"script", "a<script>alert(1)</script><style>p{}</style><iframe src=x>i</iframe><svg><script>x</script></svg>b", "<p>ab</p>"},
		{"script left open", "a<script>b<p>c", "<p>a</p>"},
		{"split script", "<scr<script>x</script>ipt>alert(1)</script>", "<p>xipt&gt;alert(1)</p>"},
		{"handlers and style", `<p onclick="x" style="y" id="z" class="e-content evil">a</p>`, `<p class="e-content">a</p>`},
		{"images go", `<p>a<img src=x onerror=alert(1) alt="pic">b</p>`, "<p>ab</p>"},
		{"comments go", "a<!-- <b> -->b<![CDATA[c]]><?php x ?>", "<p>ab</p>"},
		{"languages", `<p lang="de">a <span lang="en-GB" class="h-card x">b</span> <span>c</span></p>`, `<p lang="de">a <span class="h-card" lang="en-GB">b</span> c</p>`},
		{"unclosed everything", "<p><b><i><a href='https://a.example'>x", `<p><b><i><a href="https://a.example">x</a></i></b></p>`},
		{"NUL and friends", "a\x00b\x08c\ufffed\xff", "<p>abcd\ufffd</p>"},
		{"right to left", `<p dir="rtl">שלום <b>עולם</b></p>`, "<p>שלום <b>עולם</b></p>"},
	} {
		if got := Sanitize(c.in); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.name, c.in, got, c.want)
		}
	}
}

func TestX13_Y9_Links(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`<a href="https://a.example/?x=1&y=2" rel="me evil" target=_blank class="u-url mention x">a</a>`, `<a href="https://a.example/?x=1&amp;y=2" rel="me" class="u-url mention">a</a>`},
		{`<a href=" HTTPS://a.example/ü ">a</a>`, `<a href="https://a.example/ü">a</a>`},
		{`<a href="xmpp:room@muc.example?join">a</a>`, `<a href="xmpp:room@muc.example?join">a</a>`},
		{`<a href="magnet:?xt=1">a</a>`, `<a href="magnet:?xt=1">a</a>`},
		{`<a href="https://a.example/&quot;&gt;&lt;x">a</a>`, `<a href="https://a.example/%22%3E%3Cx">a</a>`},
		{`<a href="javascript:alert(1)">a</a>`, `a`},
		{`<a href="java&#10;script:alert(1)">a</a>`, `a`},
		{`<a href="&#1;javascript:alert(1)">a</a>`, `a`},
		{`<a href="data:text/html,x">a</a>`, `a`},
		{`<a href="vbscript:x">a</a>`, `a`},
		{`<a href="mailto:a@b.example">a</a>`, `a`},
		{`<a href="/relative">a</a>`, `a`},
		{`<a href="https:">a</a>`, `a`},
		{`<a href="https://user:pass@evil.example/">a</a>`, `a`},
		{`<a href="xmpp:a@b.example?command;node=x">a</a>`, `a`},
		{`<a href="https://a.example/` + strings.Repeat("x", maxURL) + `">a</a>`, `a`},
		{`<a>a</a>`, `a`},
		{`<a href="https://a.example">a<a href="https://b.example">b</a>c</a>`, `<a href="https://a.example">a</a><a href="https://b.example">b</a>c`},
		{`see https://a.example/x_(y)?z=1).`, `see <a href="https://a.example/x_(y)?z=1">https://a.example/x_(y)?z=1</a>).`},
		{`&lt;http://a.example&gt; xhttps://b.example https:// https://`, `&lt;<a href="http://a.example">http://a.example</a>&gt; xhttps://b.example https:// https://`},
		{`xmpp:a@b.example?;node=n xmpp:nobody`, `<a href="xmpp:a@b.example?;node=n">xmpp:a@b.example?;node=n</a> xmpp:nobody`},
		{`ht<b></b>tps://a.exa<!-- -->mple`, `<a href="https://a.example">https://a.example</a>`},
		{`<code>https://a.example</code>`, `<code>https://a.example</code>`},
	} {
		if got := Sanitize(c.in); got != "<p>"+c.want+"</p>" {
			t.Errorf("%s\n got %s\nwant <p>%s</p>", c.in, got, c.want)
		}
	}
}

func TestFromText(t *testing.T) {
	for in, want := range map[string]string{
		"":                            "",
		"a < b && c > d":              "<p>a &lt; b &amp;&amp; c &gt; d</p>",
		"one\ntwo\r\n\r\n\n3":         "<p>one<br>two</p><p>3</p>",
		"  <b>no</b> &amp; ":          "<p>&lt;b&gt;no&lt;/b&gt; &amp;amp;</p>",
		"https://a.example, and #tag": `<p><a href="https://a.example">https://a.example</a>, and #tag</p>`,
	} {
		if got := FromText(in); got != want {
			t.Errorf("%q\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "",
		"<p>a &amp; <b>b</b><br>c</p><p>d</p>":  "a & b\nc\n\nd",
		"<ul><li>a</li><li><p>b</p></li></ul>c": "• a\n• b\n\nc",
		"<pre>x\n  y</pre><blockquote><p>z</p></blockquote>":                "x\n  y\n\nz",
		`<p>see <a href="https://a.example">here</a><script>x</script></p>`: "see here",
	} {
		if got := PlainText(in); got != want {
			t.Errorf("%s\n got %q\nwant %q", in, got, want)
		}
	}
}

// TestY9_XHTML goes by the tree and not by way of its source.
func TestY9_XHTML(t *testing.T) {
	e, err := stanza.ParseXML([]byte(`<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="de"><h2>A</h2><p xml:lang="fr">b &lt;i&gt;
		<script>no</script><IMG SRC="x"/><a href="https://a.example" onclick="x">c</a></p><p/>` +
		`<evil xmlns="urn:evil">d</evil><svg xmlns="http://www.w3.org/2000/svg"><text>no</text></svg></div>`))
	if err != nil {
		t.Fatal(err)
	}
	want := `<p><strong>A</strong></p><p lang="fr">b &lt;i&gt; <a href="https://a.example">c</a></p><p>d</p>`
	if got := HTML(stanza.Text{Type: "xhtml", XHTML: e}); got != want {
		t.Errorf(" got %s\nwant %s", got, want)
	}
}

// TestX13_HostileSizes has what makes parsers quadratic or overflow their stack.
func TestX13_HostileSizes(t *testing.T) {
	n, m := 50_000, 10_000 // tags inside each other, things after each other
	for name, in := range map[string]string{
		"divs":             strings.Repeat("<div>", n) + "x" + strings.Repeat("</div>", n),
		"quotes":           strings.Repeat("<blockquote>", n) + "x" + strings.Repeat("</blockquote>", n),
		"lists":            strings.Repeat("<ul><li>", n) + "x" + strings.Repeat("</li></ul>", n),
		"quotes and items": strings.Repeat("<blockquote>", n) + strings.Repeat("</li>x", n),
		"bold":             strings.Repeat("<b>", n) + "x" + strings.Repeat("</b>", n),
		"spans":            strings.Repeat(`<span class="h-x">`, n) + strings.Repeat("y</b>", n),
		"all inline":       strings.Repeat("<b><i><u><s><em><strong>", n) + "x",
		"links in blocks":  `<a href="https://a.example/` + strings.Repeat("x", 2000) + `">` + strings.Repeat("<p>x", m),
		"bold in blocks":   "<b><i><u><s><em><strong><code>" + strings.Repeat("<p>x", m),
		"tables":           strings.Repeat("<table><tr><td>", n) + "x",
		"tiny texts":       strings.Repeat("a<x>", m),
		"breaks":           strings.Repeat("a<br>", m),
		"spaces in pre":    "<pre>" + strings.Repeat(" <x>", m) + "y",
		"colons":           strings.Repeat("http:", m) + strings.Repeat(" https://", m),
		"brackets":         "https://a.example/" + strings.Repeat(")", m),
		"hashes":           strings.Repeat("#", m) + strings.Repeat("#a", m),
		"attributes":       "<a " + strings.Repeat("x=y ", m) + "href='https://a.example'>z</a>",
		"comments":         strings.Repeat("<!--", m),
		"half tags":        strings.Repeat("<p ", m),
	} {
		out := Sanitize(in)
		if len(out) > 10*len(in)+2*maxCarried {
			t.Errorf("%s: %d bytes became %d", name, len(in), len(out))
		}
		if again := Sanitize(out); again != out {
			t.Errorf("%s: not the same the second time", name)
		}
		if len(PlainText(in)) > 2*len(in) {
			t.Errorf("%s: too much text", name)
		}
	}
}

// allowed is row O7 in other words than the code's.
var allowed = map[string][]string{
	"p": {"class"}, "br": {}, "span": {"class", "translate"}, "a": {"href", "rel", "class", "translate"}, "del": {}, "s": {}, "pre": {},
	"blockquote": {}, "code": {}, "b": {}, "strong": {}, "u": {}, "i": {}, "em": {}, "ul": {}, "ol": {"start", "reversed"},
	"li": {"value"}, "ruby": {}, "rt": {}, "rp": {},
}

// checkHTML holds every property of what we write.
func checkHTML(t *testing.T, in, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Fatalf("%q: not UTF-8: %q", in, out)
	}
	if again := Sanitize(out); again != out {
		t.Fatalf("not idempotent: %q\n   once %q\n  twice %q", in, out, again)
	}
	if printed := reparse(t, out); printed != out {
		t.Fatalf("not stable: %q\n  wrote %q\n parsed %q", in, out, printed)
	}
	if out != "" && !strings.HasPrefix(out, "<") {
		t.Fatalf("%q: bare text %q", in, out)
	}
	z := html.NewTokenizer(strings.NewReader(out))
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		if tok.Type == html.TextToken {
			continue
		}
		attrs, ok := allowed[tok.Data]
		if !ok || tok.Type == html.CommentToken || tok.Type == html.DoctypeToken {
			t.Fatalf("%q: %q in %q", in, tok.Data, out)
		}
		for _, a := range tok.Attr {
			if a.Key != "lang" && !slices.Contains(attrs, a.Key) {
				t.Fatalf("%q: %s on %s in %q", in, a.Key, tok.Data, out)
			}
			if scheme, _, _ := strings.Cut(a.Val, ":"); a.Key == "href" && !slices.Contains(linkSchemes, scheme) {
				t.Fatalf("%q: link to %q", in, a.Val)
			}
		}
	}
	for _, empty := range []string{"<p></p>", "<p><br>", "<br></p>", "<li></li>", "<ul></ul>", "<pre></pre>", "<blockquote></blockquote>", "<b></b>", " </p>", "<p> "} {
		if strings.Contains(out, empty) {
			t.Fatalf("%q: %s in %q", in, empty, out)
		}
	}
}

var attrOrder = []string{"href", "rel", "start", "reversed", "value", "class", "translate", "lang"}

// reparse prints what a full HTML parser understands.
func reparse(t *testing.T, s string) string {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: 0x2804})
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	var b strings.Builder
	var print func(n *html.Node)
	print = func(n *html.Node) {
		if n.Type == html.TextNode {
			textEscaper.WriteString(&b, n.Data)
			return
		}
		b.WriteString("<" + n.Data)
		slices.SortFunc(n.Attr, func(a, b html.Attribute) int { // the parser has its own order
			return slices.Index(attrOrder, a.Key) - slices.Index(attrOrder, b.Key)
		})
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key + `="`)
			attrEscaper.WriteString(&b, a.Val)
			b.WriteString(`"`)
		}
		b.WriteString(">")
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			print(c)
		}
		if n.Data != "br" {
			b.WriteString("</" + n.Data + ">")
		}
	}
	for _, n := range nodes {
		print(n)
	}
	return b.String()
}

func FuzzSanitize(f *testing.F) {
	for _, s := range []string{
		"<p>a <b>b</b></p><ul><li>c<li><p>d</ul><pre>\n x </pre><h1>e</h1>",
		"<ruby>漢<rt>kan</ruby><a href='https://a.example/?a&b'>x<p>y</a> https://b.example/(c) #tag",
		"<ol reversed start=2><blockquote><li value=x>a</li></blockquote><table><tr><td>1<td>2",
		"<b>1<i>2</b>3</i><span class='h-card mention'>4</span><span>5</span><br><br> <br>6",
		"<svg><p>x</svg><script>y</script><!--z--><math></math>&lt;b&gt;&amp;amp;\u00a0\x00",
		"<pre>a<br>b<li>c<p>d</pre>e<code>f</code><del>g<em>h</del>i",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		checkHTML(t, in, Sanitize(in))
		checkHTML(t, in, FromText(in))
		if e, err := stanza.ParseXML([]byte(in)); err == nil {
			checkHTML(t, in, HTML(stanza.Text{Type: "xhtml", XHTML: e}))
		}
		if s := PlainText(in); !utf8.ValidString(s) {
			t.Fatalf("%q: %q", in, s)
		}
	})
}
