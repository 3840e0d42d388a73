//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"isthmus/e2e/world"
)

// Every command works in the chat and as an ad-hoc command, with its form.
func TestEveryCommandInChatAndAsAForm(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		louise.Armed()
		bob.Follows(louise.Handle())
		bob.Fills(3, "old post")
		mark := louise.FollowsFan(bob)
		note := bob.Writes(world.Note{Text: "What do you think?"})
		louise.IsShown(bob, mark, "What do you think?")
		who, link := "@"+bob.Handle(), note.ID

		done := map[string]bool{}
		for _, x := range []struct {
			chat, form string   // what the answers have in them; form is as chat when empty
			words      string   // the command as it is typed
			fields     []string // of the form, name and value in turn
		}{
			{chat: "everyday commands", words: "help"},
			{chat: "follow @user@host — ", words: "help follow", fields: []string{"what", "follow"}},
			{chat: louise.Handle(), words: "status"},
			{chat: louise.Handle(), words: "preview"},
			{chat: "It is on already", words: "start"},
			{chat: "address of one of your posts", words: "delete nothing", fields: []string{"link", "nothing"}},
			{chat: "address of one of your posts", words: "pin nothing", fields: []string{"link", "nothing"}},
			{chat: "address of one of your posts", words: "unpin nothing", fields: []string{"link", "nothing"}},
			{chat: "None of your posts", words: "unquote nothing", fields: []string{"link", "nothing"}},
			{chat: "does not let me write", words: "post Hello", fields: []string{"text", "Hello"}},
			{chat: bob.Handle(), words: "followers"},
			{chat: "ask you about each new follower", words: "approval on", fields: []string{"switch", "on"}},
			{chat: "nobody", form: "nobody", words: "approve nobody@nowhere.test", fields: []string{"follower", "nobody@nowhere.test"}},
			{chat: "nobody", words: "reject nobody@nowhere.test", fields: []string{"follower", "nobody@nowhere.test"}},
			{chat: "nobody", words: "remove nobody@nowhere.test", fields: []string{"follower", "nobody@nowhere.test"}},
			{chat: "", words: "hide on", fields: []string{"switch", "on"}},
			{chat: "", words: "discoverable on", fields: []string{"switch", "on"}},
			{chat: louise.Handle(), words: "handle"},
			{chat: louise.Handle(), words: "nodes"},
			{chat: "Garden", words: "fields add Garden https://garden.test/", fields: []string{"fields", "Garden: https://garden.test/"}},
			{chat: "", words: "posts-language fr", fields: []string{"code", "fr"}},
			{chat: bob.Handle(), words: "alias add " + who, fields: []string{"action", "add", "who", who}},
			{chat: bob.Handle(), words: "move in " + who, fields: []string{"direction", "in", "who", who}},
			{chat: "likes: off", words: "notify likes off", fields: []string{"what", "likes", "switch", "off"}},
			{chat: "Muted", words: "mute spam.test", fields: []string{"who", "spam.test"}},
			{chat: "No longer muted", form: "not muted", words: "unmute spam.test", fields: []string{"who", "spam.test"}},
			{chat: bob.Handle(), words: "find " + who, fields: []string{"what", who}},
			{chat: "You follow", words: "follow " + who, fields: []string{"who", who}},
			{chat: bob.Handle(), words: "following"},
			{chat: "like", words: "like " + link, fields: []string{"link", link}},
			{chat: "like", words: "unlike " + link, fields: []string{"link", link}},
			{chat: "boost", words: "boost " + link, fields: []string{"link", link}},
			{chat: "boost", words: "unboost " + link, fields: []string{"link", link}},
			{chat: "no poll", words: "vote " + link, fields: []string{"link", link}},
			{chat: "You answered", words: "reply " + link + " I like it", fields: []string{"link", link, "text", "I love it"}},
			{chat: "I like it", words: "thread " + link, fields: []string{"link", link}},
			{chat: "messages", words: "messages off", fields: []string{"switch", "off"}},
			{chat: "I am fetching 3 older posts", words: "backfill " + who + " 3", fields: []string{"who", who, "number", "3"}},
			{chat: bob.Handle(), words: "export", fields: []string{"what", "list"}},
			{chat: "I am following them", words: "import nobody@nowhere.test", fields: []string{"list", "nobody@nowhere.test"}},
			{chat: "", words: "cancel"},
			{chat: "does not let me change your contact list", words: "roster on", fields: []string{"switch", "on"}},
			{chat: "Blocked: spam.test", form: "You block", words: "block spam.test", fields: []string{"who", ""}},
			{chat: "No longer blocked", form: "is not blocked", words: "unblock spam.test", fields: []string{"who", "spam.test"}},
			{chat: "What is wrong with", form: "Reported", words: "report " + who, fields: []string{"who", who, "reason", "It says the same to everybody", "sure", "1"}},
			{chat: "you get one message and are asked", words: "requests ask", fields: []string{"policy", "ask"}},
			{chat: "can write to you", words: "accept " + who, fields: []string{"who", who}},
			{chat: "no more messages", words: "decline " + who, fields: []string{"who", who}},
			{chat: "spreche ich Deutsch", words: "language de", fields: []string{"language", "de"}},
			{chat: "English", words: "language en", fields: []string{"language", "en"}},
			{chat: "do not follow", words: "unfollow " + who, fields: []string{"who", who}},
			{chat: "Paused", words: "pause"},
			{chat: "Going on", form: "It is on already", words: "start"},
		} {
			name, _, _ := strings.Cut(x.words, " ")
			done[name] = true
			before := louise.Client.Mark()
			if answer := louise.Says(x.words); strings.HasPrefix(answer, "error:") {
				t.Errorf("%q is answered with %q, want %q in it", x.words, answer, x.chat)
			} else if !strings.Contains(answer, x.chat) { // long work speaks in between
				louise.Hears(before, x.chat)
			}
			if x.form == "" {
				x.form = x.chat
			}
			if a := louise.Runs(name, x.fields...); a.Status != "completed" || !strings.Contains(a.Words(), x.form) {
				t.Errorf("the form of %s ends as %s with %q, want %q in it", name, a.Status, a.Words(), x.form)
			}
		}
		done["stop"] = true
		actor := louise.Actor()
		if answer := louise.Says("stop"); !strings.Contains(answer, "followers 1") {
			t.Errorf("stop asks %q", answer)
		}
		louise.Says("no")
		if a := louise.Runs("stop", "sure", "1"); a.Status != "completed" {
			t.Errorf("stop ends as %+v", a)
		}
		bob.Sees("Delete", actor)

		offered, err := louise.Client.Commands(w.Gateway.Component)
		if err != nil {
			t.Fatal(err)
		}
		for name := range offered {
			if !done[name] {
				t.Errorf("nobody has tried %s", name)
			}
		}
	})
}
