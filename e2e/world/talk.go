package world

import (
	"fmt"
	"net/http"
	"strings"

	"isthmus/e2e/peer"
)

// Note is something a fan writes; what is not set is not sent.
type Note struct {
	Text       string
	HTML       string   // content instead of Text
	Kind       string   // "Note" when empty
	InReplyTo  string   // id of an object; its author is told and mentioned
	Nobody     bool     // do not mention whom it answers
	Mentions   []string // handles or actor ids
	Visibility string   // "public" when empty, "unlisted", "followers", "direct"
	To         []string // who gets it besides those whom it concerns
	More       JSON     // further members of the object
	Way
}

// Way is how an activity travels.
type Way struct {
	Via   string // inboxes: "shared" when empty, "personal", "both"
	Times int    // how often to each of them, all at once; 1 when 0
	Held  bool   // not at all until Again
}

// Object is what a fan wrote, with the Create that told of it.
type Object struct{ ID, Activity string }

// call makes a control call in the fan's name, without the members that are empty.
func (f *Fan) call(name string, args JSON, way Way, out any) error {
	args["user"] = f.User
	if way.Via != "" {
		args["via"] = way.Via
	}
	if way.Times != 0 {
		args["times"] = way.Times
	}
	if way.Held {
		args["held"] = true
	}
	return f.at.Call(name, args, out)
}

// does makes a control call that answers with the activity's id.
func (f *Fan) does(name string, args JSON, way []Way) string {
	f.w.T.Helper()
	var how Way
	if len(way) > 0 {
		how = way[0]
	}
	var id string
	f.w.check(f.call(name, args, how, &id), "%s: %s", f.User, name)
	return id
}

// Writes writes and sends something.
func (f *Fan) Writes(n Note) Object {
	f.w.T.Helper()
	args := JSON{"text": n.Text, "nobody": n.Nobody}
	for k, v := range map[string]string{"html": n.HTML, "kind": n.Kind, "inReplyTo": n.InReplyTo, "visibility": n.Visibility} {
		if v != "" {
			args[k] = v
		}
	}
	for k, v := range map[string][]string{"mentions": n.Mentions, "to": n.To} {
		list := []string{}
		for _, who := range v {
			if !strings.Contains(who, "://") {
				who = "@" + strings.TrimPrefix(who, "@")
			}
			list = append(list, who)
		}
		args[k] = list
	}
	if n.More != nil {
		args["more"] = n.More
	}
	var out Object
	f.w.check(f.call("write", args, n.Way, &out), "%s writes %q", f.User, n.Text+n.HTML)
	return out
}

// Replies answers an object publicly.
func (f *Fan) Replies(to, text string) Object {
	f.w.T.Helper()
	return f.Writes(Note{Text: text, InReplyTo: to})
}

// Edits changes the text of what the fan wrote and sends an Update.
func (f *Fan) Edits(id, text string, way ...Way) string {
	f.w.T.Helper()
	return f.does("edit", JSON{"id": id, "text": text}, way)
}

// Deletes deletes what the fan wrote: its id answers 410 from now on.
func (f *Fan) Deletes(id string, way ...Way) string {
	f.w.T.Helper()
	return f.does("remove", JSON{"id": id}, way)
}

// Likes, Reacts and Boosts do what they say to an object; Undoes takes any of
// them back. Each returns the id of its activity.
func (f *Fan) Likes(object string, way ...Way) string {
	f.w.T.Helper()
	return f.does("like", JSON{"object": object}, way)
}

// Reacts sends an EmojiReact.
func (f *Fan) Reacts(object, emoji string, way ...Way) string {
	f.w.T.Helper()
	return f.does("react", JSON{"object": object, "content": emoji}, way)
}

// Boosts sends a public Announce.
func (f *Fan) Boosts(object string, way ...Way) string {
	f.w.T.Helper()
	return f.does("boost", JSON{"object": object}, way)
}

// Undoes takes an activity back, with the whole of it inside the Undo.
func (f *Fan) Undoes(activity string, way ...Way) string {
	f.w.T.Helper()
	return f.does("undo", JSON{"activity": activity}, way)
}

// AsksToQuote asks whether an object may be quoted in a note of the fan's.
func (f *Fan) AsksToQuote(object, by string) string {
	f.w.T.Helper()
	return f.does("quote", JSON{"object": object, "by": by}, nil)
}

// Again sends an activity that was made before, to whom it went or would have gone.
func (f *Fan) Again(activity string, way Way) {
	f.w.T.Helper()
	f.does("again", JSON{"activity": activity}, []Way{way})
}

// Posts signs any JSON by hand, with the fan's own key, posts it to an inbox and
// returns the status: what no honest server would send.
func (f *Fan) Posts(inbox string, body JSON) int {
	f.w.T.Helper()
	if body["@context"] == nil {
		body["@context"] = "https://www.w3.org/ns/activitystreams"
	}
	var answer struct{ Status int }
	f.w.check(f.at.Call("raw", JSON{"user": f.User, "url": inbox, "body": body}, &answer), "%s posts %v", f.User, body["type"])
	return answer.Status
}

// Settled returns when the gateway has dealt with everything that the fan had
// sent it: it works one actor's activities in order, and answers a Follow.
func (f *Fan) Settled(p *Person) {
	f.w.T.Helper()
	f.Answered("Accept", f.Asks(p.Handle()))
}

// URL is an address at the fan's server.
func (f *Fan) URL(path string) string { return "https://" + f.at.Host + path }

// SeesObject is Sees for an activity with its object inside, and returns that.
func (f *Fan) SeesObject(typ, text string) JSON {
	f.w.T.Helper()
	a := f.Sees(typ, text)
	o, ok := a["object"].(JSON)
	if !ok {
		f.w.T.Fatalf("%s was sent a %s whose object is %v, want it whole", f.User, typ, a["object"])
	}
	return o
}

// SeesForwarded waits for somebody else's activity that this gateway handed on
// (ActivityPub §7.1.2). Fedify takes it only when the proof inside is good: the
// request is not signed by its actor.
func (f *Fan) SeesForwarded(of *Fan, typ, text string) JSON {
	f.w.T.Helper()
	r, err := f.at.Wait(Limit, f.mark, func(r peer.Received) bool {
		a := r.Activity()
		return r.Verified && r.Status == http.StatusAccepted && a["actor"] == of.ID && a["type"] == typ && strings.Contains(Flat(a), text) &&
			strings.Contains(fmt.Sprint(r.Headers["signature"], r.Headers["signature-input"]), f.w.Gateway.URL("/"))
	})
	f.w.check(err, "%s waits for %s %q of %s, handed on by the gateway", f.User, typ, text, of.Handle())
	return r.Activity()
}
