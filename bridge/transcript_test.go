package bridge

import (
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/words"
)

var update = flag.Bool("update", false, "write testdata/chat and the transcripts in docs/USER.md again")

// stage is where a conversation with the gateway is played and written down.
type stage struct {
	*world
	p    *peer
	who  string // bare JID of who talks
	lang string
	text strings.Builder
}

// says writes down a line and the answer to it, and what else it caused.
func (s *stage) says(line string) {
	s.t.Helper()
	s.write(s.who, line)
	s.xmpp.Send(`<message type='chat' xml:lang='` + s.lang + `' from='` + s.who + `/phone' to='ap.example.org' id='m'><body>` + html.EscapeString(line) + `</body></message>`)
	s.heard("an answer to "+line, s.who+"/phone")
}

// chats writes a message to somebody's virtual address down.
func (s *stage) chats(to, line string) {
	s.t.Helper()
	s.write(s.who+" → "+s.p.jid(to), line)
	s.xmpp.Send(`<message type='chat' xml:lang='` + s.lang + `' from='` + s.who + `/phone' to='` + s.p.jid(to) + `' id='m'><body>` + html.EscapeString(line) + `</body></message>`)
}

// hears writes down what who talks is told besides.
func (s *stage) hears(what string) {
	s.t.Helper()
	s.heard(what, s.who)
}

func (s *stage) heard(what, to string) {
	s.t.Helper()
	m := s.xmpp.Await(what, func(e *stanza.Element) bool {
		return e.Local == "message" && (e.Get("to") == to && e.First("", "body") != nil || e.Type() == "error")
	})
	from := "gateway"
	if m.From().Local != "" {
		from = m.From().Bare().String()
	}
	text := m.First("", "body").Text()
	if m.Type() == "error" {
		e := stanza.ParseError(m)
		text = "[" + e.Condition + "] " + e.Text
	}
	s.write(from, text)
}

// happens writes down what is done elsewhere.
func (s *stage) happens(what string) { fmt.Fprintf(&s.text, "\n(%s)\n", what) }

func (s *stage) write(who, text string) {
	fmt.Fprintf(&s.text, "\n%s:\n    %s\n", who, strings.ReplaceAll(text, "\n", "\n    "))
}

// tidy takes out what is another in each run.
func (s *stage) tidy() string {
	text := s.text.String()
	for _, x := range [][2]string{
		{s.url, "https://ap.example.org"}, {strings.TrimPrefix(s.url, "http://"), "ap.example.org"},
		{s.p.http.URL, "https://" + s.p.name}, {strings.TrimPrefix(s.p.http.URL, "http://"), s.p.name}, {s.p.name, "mastodon.example"},
	} {
		text = strings.ReplaceAll(text, x[0], x[1])
	}
	for _, x := range [][2]string{
		{`\b[a-z2-7]{26}\b`, "TOKEN"}, {`\d{4}-\d\d-\d\d \d\d:\d\d`, "2026-01-02 03:04"}, {`\d{4}-\d\d-\d\d`, "2026-01-02"}, {`/notes/\d+`, "/notes/1"}, {`\b\d+ min\b`, "42 min"},
		{`(Other jobs|Andere Aufgaben|Autres tâches|Otras tareas)(\pZ?): \d+\.`, "$1$2: 2."}, // some may have run by then
		{`(?m)[ \t]+$`, ""}, {`item=f[0-9a-f]+|item=[A-Za-z0-9._-]+`, "item=ITEM"},
	} {
		text = regexp.MustCompile(x[0]).ReplaceAllString(text, x[1])
	}
	return strings.TrimSpace(text) + "\n"
}

// scenes are what is played, in this order; each is a world of its own. Together
// they use every command.
var scenes = []struct {
	name string
	play func(*stage)
}{
	{"blog", playBlog}, {"profile", playProfile}, {"read", playRead}, {"posts", playPosts}, {"chat", playChat}, {"people", playPeople}, {"lists", playLists}, {"admin", playAdmin},
}

// TestTranscripts compares each conversation, in each language, with its golden file,
// and then the guide with these.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	t.Run("play", func(t *testing.T) {
		for _, lang := range words.Languages {
			for _, scene := range scenes {
				t.Run(scene.name+"."+lang, func(t *testing.T) {
					t.Parallel()
					played(t, scene.name, lang, scene.play)
				})
			}
		}
	})
	t.Run("commands", everyCommandIsShown)
	t.Run("guide", guideIsTrue)
}

func played(t *testing.T, name, lang string, play func(*stage)) {
	w := newWorld(t, func(c *Config) {
		if name == "admin" {
			c.Admins = []string{louise}
		}
	})
	s := &stage{world: w, p: w.peer(), who: louise, lang: lang}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("so far:\n%s", s.tidy())
		}
	})
	play(s)
	golden := filepath.Join("testdata", "chat", name+"."+lang+".txt")
	got := s.tidy()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what was said (go test ./bridge -run Transcripts -update writes it again):\n%s", golden, firstDifference(string(want), got))
	}
}

// firstDifference shows where two texts part.
func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		x, y := "", ""
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return fmt.Sprintf("line %d\nwant %s\n got %s", i+1, x, y)
		}
	}
	return "no difference"
}

// everyCommandIsShown reads the golden files.
func everyCommandIsShown(t *testing.T) {
	said := map[string]bool{}
	for _, scene := range scenes {
		text, err := os.ReadFile(filepath.Join("testdata", "chat", scene.name+".en.txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\S+@\S+:\n    (\S+)`).FindAllStringSubmatch(string(text), -1) {
			said[m[1]] = true
		}
	}
	for _, c := range commands {
		if !said[c.Name] {
			t.Errorf("no transcript shows %s", c.Name)
		}
	}
}

// gone throws away what was said besides.
func (s *stage) gone() {
	s.t.Helper()
	s.settled()
	s.forget()
}

func playBlog(s *stage) {
	s.change(louise, microblog, func(*node) {})
	s.put(louise, microblog, "first", "", note("Roses and more"))
	s.says("help")
	s.says("preview")
	s.says("start")
	blog := s.tended(louise, microblog)
	s.gone()
	s.happens("bob@" + s.p.name + " follows louise")
	s.p.follows("bob", blog.Token)
	s.hears("news of a follower")
	s.says("status")
	s.says("followers")
	s.says("approval on")
	s.happens("carol@" + s.p.name + " asks to follow louise")
	s.p.post("carol", s.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": s.b.addr.Actor(blog.Token)})
	s.hears("a follow request")
	s.says("approve carol@" + s.p.name)
	s.p.await("Accept")
	s.gone()
	s.says("reject carol@" + s.p.name)
	s.says("remove bob@" + s.p.name)
	s.says("hide on")
	s.says("post Good morning")
	s.says("pause")
	s.says("start")
	s.gone()
	s.says("pin https://elsewhere.example/1")
	s.says("unpin https://elsewhere.example/1")
	s.says("unquote https://elsewhere.example/1")
	s.says("delete https://elsewhere.example/1")
	s.says("stop")
	s.says(s.yes())
}

func playProfile(s *stage) {
	s.change(louise, microblog, func(*node) {})
	s.says("start")
	s.tended(louise, microblog)
	s.gone()
	for _, line := range []string{"handle", "handle louise.garden", "fields add Garden https://garden.example/", "fields", "fields remove Garden", "discoverable on", "posts-language fr",
		"alias add @louise@" + s.p.name, "alias", "move in @louise@" + s.p.name, "move out @nobody@" + s.p.name, "nodes", "export all", "language", "language xx", "help move", "dance"} {
		s.says(line)
	}
}

func playRead(s *stage) {
	s.who = alice
	s.p.outbox("bob", 20, s.p.old("bob", "an old post", 5))
	s.says("find bob@" + s.p.name)
	s.says("find nobody")
	s.says("follow @bob@" + s.p.name)
	s.hears("that there is an actor now")
	follow := s.p.await("Follow")
	s.happens("bob's server accepts")
	s.p.accepts("bob", follow)
	s.hears("that it was accepted")
	s.gone()
	s.says("following")
	s.says("messages on")
	s.happens("bob writes a post")
	n := s.p.says("bob", "a new post", map[string]any{"published": s.b.now().UTC().Format("2006-01-02T15:04:05Z")})
	s.p.sends("bob", "Create", n)
	s.hears("the post")
	s.says("messages off")
	s.says("unfollow @bob@" + s.p.name)
	s.says("following")
}

func playPosts(s *stage) {
	s.who = alice
	s.p.outbox("bob", 20)
	s.subscribes(alice, s.p.jid("bob"), microblog)
	s.p.accepts("bob", s.p.await("Follow"))
	s.says("messages on")
	s.gone()
	s.happens("bob writes a post")
	n := s.p.says("bob", "What do you think?", map[string]any{"published": s.b.now().UTC().Format("2006-01-02T15:04:05Z")})
	s.p.sends("bob", "Create", n)
	s.hears("the post")
	s.says("like last")
	s.says("vote last")
	s.says("unlike last")
	s.says("boost last")
	s.says("unboost last")
	s.says("reply last I like it")
	s.gone()
	s.says("thread last")
	s.says("like something")
}

func playChat(s *stage) {
	s.enrolled(louise)
	s.gone()
	s.chats("bob", "Hello *Bob*!")
	s.hears("that it is not encrypted")
	note := object(s.p.await("Create"))
	s.gone()
	blog := s.readerOf(louise)
	s.p.whispers("bob", blog, "Hello Louise", map[string]any{"inReplyTo": note.ID()})
	s.hears("the answer")
	s.p.refuses(403)
	s.chats("bob", "Are you still there?")
	s.hears("an error")
	s.happens("dave, a stranger, writes")
	s.p.whispers("dave", blog, "Hi, we do not know each other", nil)
	s.hears("the message")
	s.hears("the question")
	s.says("accept @dave@" + s.p.name)
	s.says("decline @dave@" + s.p.name)
	s.says("requests")
	s.says("requests closed")
	s.says("requests open")
}

func playPeople(s *stage) {
	s.says("notify")
	s.says("mute bob@" + s.p.name)
	s.enrolled(louise)
	s.gone()
	s.says("notify")
	s.says("notify likes off")
	s.says("mute @bob@" + s.p.name)
	s.says("mute")
	s.says("unmute bob@" + s.p.name)
	s.says("mute spam.example")
	s.says("unmute spam.example")
	s.says("block @bob@" + s.p.name)
	s.says("block spam.example")
	s.says("block")
	s.says("unblock @bob@" + s.p.name)
	s.says("report @bob@" + s.p.name)
	s.says("He sends the same message to everybody.")
	s.says(s.yes())
}

func (s *stage) yes() string { return s.b.say(s.b.speakTo(s.t.Context(), mustJID(s.who)), "chat.yes") }

func playAdmin(s *stage) {
	s.enrolled(alice)
	s.gone()
	for _, line := range []string{"help", "domain", "domain block spam.example Only advertisements", s.yes(), "domain silence noisy.example", s.yes(), "domain reject-media noisy.example", "domain", "lists", "lists drafts", "domain unblock noisy.example",
		"account silence @bob@" + s.p.name, s.yes(), "account", "users", "queue", "hosts", "reports"} {
		s.gone() // what is counted is settled
		s.says(line)
	}
	s.happens("another server reports alice")
	blog := s.readerOf(alice)
	s.p.post("bob", s.url+"/ap/inbox", map[string]any{"type": "Flag", "content": "Not nice", "object": []string{s.b.addr.Actor(blog.Token)}})
	s.hears("the report")
	for _, line := range []string{"report 1 show", "report 1 suspend", s.yes(), "report 1 close Talked to her", "suspend", "unsuspend " + alice, "suspend " + alice, "announce The gateway moves to a new machine tonight.", s.yes(), "audit", "page"} {
		s.says(line)
	}
}

func playLists(s *stage) {
	s.who = alice
	s.p.outbox("bob", 20)
	s.says("backfill bob@" + s.p.name + " 50")
	s.says("import bob@" + s.p.name + " nobody")
	s.gone()
	s.says("export")
	s.says("cancel")
	s.says("roster")
	s.says("roster on")
}
