// Command demo shows what the gateway does, with throw-away servers on loopback
// only: a Prosody, a real XMPP client, the gateway on SQLite and a foreign
// Fediverse server. It tells the story step by step, with what arrived, and
// stays until Ctrl-C; with DEMO_EXIT=1 it ends at once. Its status is 0 only
// when everything was seen.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

func main() { os.Exit(run()) }

func run() int {
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt, syscall.SIGTERM)
	ground, err := world.NewGround()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		return 1
	}
	defer ground.Close()
	s := &stage{told: make(chan struct{})}
	defer s.clear()
	go func() {
		defer close(s.told) // also when a step failed, which ends the goroutine
		story(s, ground)
	}()
	select {
	case <-s.told:
	case <-interrupt:
		return 1
	}
	if s.Failed() || !s.ended {
		fmt.Println("\nSomething of this was not seen.")
		return 1
	}
	if os.Getenv("DEMO_EXIT") == "1" {
		return 0
	}
	fmt.Println("\nEverything runs until you press Ctrl-C.")
	<-interrupt
	fmt.Println()
	return 0
}

// story is the main job, end to end.
func story(s *stage, ground *world.Ground) {
	s.say("Starting Prosody, the gateway and a foreign Fediverse server (Fedify) …")
	w := world.New(s, ground, xmppserver.Prosody)
	louise, bob := w.PersonNamed("louise"), w.FanNamed("bob")
	s.say("XMPP server %s, gateway %s (SQLite), Fediverse server %s.", w.Server.Domain, w.Gateway.Component, world.PeerHost)

	s.step("%s has a blog that everybody may read, and turns federation on", louise.JID)
	louise.Opens()
	mark := louise.Client.Mark()
	s.chat(louise.User, "start")
	s.chat("gateway", louise.Says("start"))
	louise.Befriends(mark)
	s.chat(louise.User, "status")
	s.chat("gateway", louise.Status("on"))

	s.step("@%s searches @%s on %s", bob.Handle(), louise.Handle(), world.PeerHost)
	actor := bob.Finds(louise.Handle())
	s.show(actor, "type", "id", "preferredUsername", "name", "inbox")

	s.step("@%s follows", bob.Handle())
	s.show(bob.Follows(louise.Handle()), "type", "actor", "object")

	s.step("%s publishes a post", louise.User)
	post := louise.Publishes("The tide is coming in.")
	create := bob.Sees("Create", "The tide is coming in.")
	s.arrived(create)

	s.step("%s edits it", louise.User)
	louise.Edits(post, "The tide is going out.")
	s.arrived(bob.Sees("Update", "The tide is going out."))

	s.step("%s writes another one, and deletes the first", louise.User)
	thread := louise.Discusses("A post that stays.", world.OwnPEP)
	stays := bob.SeesObject("Create", "A post that stays.")
	louise.Retracts(post)
	note, _ := create["object"].(world.JSON)
	s.arrived(bob.Sees("Delete", fmt.Sprint(note["id"])))

	s.step("@%s replies", bob.Handle())
	reply := bob.Replies(fmt.Sprint(stays["id"]), "What does it stay for?")
	comment := louise.SeesComment(thread, bob, "What does it stay for?")
	s.say("  %s's client is shown a comment:", louise.User)
	s.show(world.JSON{"node": thread.Node, "author": comment.Author, "title": comment.Title, "published": comment.Published}, "node", "author", "title", "published")

	s.step("%s answers, by a comment below it", louise.User)
	louise.Answers(thread, comment, "For the next tide.")
	answer := bob.Sees("Create", "For the next tide.")
	s.arrived(answer)
	if o, _ := answer["object"].(world.JSON); o["inReplyTo"] != reply.ID || !strings.Contains(world.Flat(o["tag"]), bob.ID) {
		s.Fatalf("the answer is to %v and mentions %v, not %s and %s", o["inReplyTo"], o["tag"], reply.ID, bob.ID)
	}

	s.step("%s looks for @%s, reads a few posts and follows", louise.User, bob.Handle())
	bob.Tells(world.JSON{"displayName": "Bob", "summary": "<p>Boats, mostly.</p>"})
	bob.Fills(3, "An older post")
	s.chat(louise.User, "find @"+bob.Handle())
	s.chat("gateway", louise.FindsByChat("@"+bob.Handle()))
	for _, item := range louise.ReadsBlog(w.Virtual(bob)) {
		s.say("  reads: %s", item.Title)
	}
	mark = louise.FollowsFan(bob)
	s.say("  pending, then subscribed: @%s accepted", bob.Handle())

	s.step("@%s posts; %s's client is shown it, comments below it and likes it", bob.Handle(), louise.User)
	theirs := bob.Writes(world.Note{Text: "The boat is out."})
	shown := louise.IsShown(bob, mark, "The boat is out.")
	s.show(world.JSON{"item": shown.ID, "title": shown.Title, "author": shown.Author, "page": shown.Page}, "item", "title", "author", "page")
	below := louise.BlogThread(shown)
	louise.Comments(below, "Fair winds!")
	s.arrived(bob.Sees("Create", "Fair winds!"))
	louise.Hearts(below)
	s.arrived(bob.Sees("Like", theirs.ID))

	s.step("%s chats with @%s, in private", louise.User, bob.Handle())
	louise.Chats(bob, "Shall I bring *tea*?")
	s.chat(louise.User, "Shall I bring *tea*?")
	letter := bob.Sees("Create", "Shall I bring")
	s.arrived(letter)
	said, _ := letter["object"].(world.JSON)
	if to := world.Flat(said["to"]); to != bob.ID+"\n" || said["cc"] != nil {
		s.Fatalf("the message is to %q and %v, not to %s alone", to, said["cc"], bob.ID)
	}
	bob.Writes(world.Note{Text: "Yes, please.", InReplyTo: fmt.Sprint(said["id"]), Mentions: []string{louise.Handle()}, Visibility: "direct"})
	s.chat(bob.User, louise.GetsMessage(bob, "Yes, please."))

	s.step("The page for people")
	page := "/@" + louise.User
	if code, body := w.Fetch(w.Gateway.URL(page), "text/html"); code != 200 || !strings.Contains(body, "A post that stays.") {
		s.Fatalf("the page answers %d and does not show the post", code)
	}
	s.say("  open http://%s%s", w.Gateway.Listen, page)
	s.say("  (its public address, %s, exists only inside this demo)", w.Gateway.URL(page))
	s.ended = true
}

// stage prints the story and stands in for a test: a step that fails ends it.
type stage struct {
	steps   int
	failed  bool
	ended   bool
	told    chan struct{}
	cleanup []func()
}

func (s *stage) say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func (s *stage) step(format string, args ...any) {
	s.steps++
	fmt.Printf("\n%d. %s\n", s.steps, fmt.Sprintf(format, args...))
}

// chat prints one message, every line marked with who says it.
func (s *stage) chat(who, words string) {
	for line := range strings.Lines(words) {
		if line = strings.TrimSpace(line); line != "" {
			fmt.Printf("  %8s: %s\n", who, line)
		}
	}
}

// show prints the members of an object that matter here.
func (s *stage) show(v world.JSON, keys ...string) {
	for _, k := range keys {
		if v[k] == nil {
			continue
		}
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v[k]); err != nil {
			s.Fatalf("%v", err)
		}
		text := []rune(strings.TrimSpace(b.String()))
		if len(text) > 160 {
			text = append(text[:157], []rune(" …")...)
		}
		fmt.Printf("  %-18s %s\n", k, string(text))
	}
}

// arrived prints an activity that the foreign server took after checking its
// signature.
func (s *stage) arrived(a world.JSON) {
	fmt.Printf("  %s received and verified:\n", world.PeerHost)
	s.show(a, "type", "id", "actor")
	if o, ok := a["object"].(world.JSON); ok {
		short := world.JSON{}
		for _, k := range []string{"id", "type", "inReplyTo", "content", "tag", "published", "updated", "url", "deleted"} {
			if o[k] != nil {
				short["object."+k] = o[k]
			}
		}
		s.show(short, "object.type", "object.id", "object.inReplyTo", "object.content", "object.tag", "object.published", "object.updated", "object.deleted")
	}
}

func (s *stage) Helper()          {}
func (s *stage) Name() string     { return "demo" }
func (s *stage) Failed() bool     { return s.failed }
func (s *stage) Cleanup(f func()) { s.cleanup = append(s.cleanup, f) }

// Logf prints what servers logged; only a failed demo does.
func (s *stage) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// Errorf marks the demo as failed.
func (s *stage) Errorf(format string, args ...any) {
	s.failed = true
	fmt.Fprintf(os.Stderr, "demo: "+format+"\n", args...)
}

// Fatalf ends the story.
func (s *stage) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	runtime.Goexit()
}

func (s *stage) clear() {
	for i := len(s.cleanup) - 1; i >= 0; i-- {
		s.cleanup[i]()
	}
}
