package world

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"isthmus/e2e/peer"
)

// Fan has an account on the foreign Fediverse server.
type Fan struct {
	User string
	ID   string // actor URL

	w    *World
	at   *abroad
	mark int // journal entries before this do not concern us
}

// JSON is a decoded object.
type JSON = map[string]any

// Fan makes an account whose name begins with name.
func (w *World) Fan(name string) *Fan {
	w.T.Helper()
	return w.FanNamed(fmt.Sprintf("%s%d", name, w.Ground.number()))
}

// FanAt is Fan on another of the foreign servers.
func (w *World) FanAt(host, name string) *Fan {
	w.T.Helper()
	return w.fan(w.at(host), fmt.Sprintf("%s%d", name, w.Ground.number()))
}

// FanNamed makes an account of exactly this name.
func (w *World) FanNamed(user string) *Fan {
	w.T.Helper()
	return w.fan(w.at(PeerHost), user)
}

func (w *World) fan(at *abroad, user string) *Fan {
	w.T.Helper()
	f := &Fan{User: user, w: w, at: at}
	var err error
	f.mark, err = at.Mark()
	w.check(err, "journal")
	var answer struct{ ID string }
	w.check(at.Call("person", JSON{"user": f.User}, &answer), "account %s", f.User)
	f.ID = answer.ID
	return f
}

// Handle is the fan's handle without the leading @.
func (f *Fan) Handle() string { return f.User + "@" + f.at.Host }

// Finds searches for a handle, with or without @, or a URL, as the search box
// of a Fediverse server does, and returns the actor or object as JSON.
func (f *Fan) Finds(what string) JSON {
	f.w.T.Helper()
	found, err := f.search(what)
	f.w.check(err, "%s searches %s", f.User, what)
	if found == nil {
		f.w.T.Fatalf("%s searches %s and finds nothing", f.User, what)
	}
	return found
}

// FindsNothing searches for what must not be found.
func (f *Fan) FindsNothing(what string) {
	f.w.T.Helper()
	if found, err := f.search(what); err == nil && found != nil {
		f.w.T.Fatalf("%s searches %s and finds %v", f.User, what, found["id"])
	}
}

func (f *Fan) search(what string) (JSON, error) {
	if !strings.Contains(what, "://") {
		what = "@" + strings.TrimPrefix(what, "@")
	}
	var found *struct{ JSON JSON }
	if err := f.at.Call("lookup", JSON{"user": f.User, "what": what}, &found); err != nil || found == nil {
		return nil, err
	}
	return found.JSON, nil
}

// Gets fetches a document as it is, with a signed GET.
func (f *Fan) Gets(url string) JSON {
	f.w.T.Helper()
	var doc JSON
	f.w.check(f.at.Call("get", JSON{"user": f.User, "url": url}, &doc), "%s gets %s", f.User, url)
	return doc
}

// Asks sends a Follow to a handle and returns its id.
func (f *Fan) Asks(handle string) string {
	f.w.T.Helper()
	var id string
	f.w.check(f.at.Call("follow", JSON{"user": f.User, "what": "@" + handle}, &id), "%s follows %s", f.User, handle)
	return id
}

// Follows follows a handle and waits until that is accepted with the whole
// Follow inside the Accept. It returns the Accept.
func (f *Fan) Follows(handle string) JSON {
	f.w.T.Helper()
	id := f.Asks(handle)
	accept := f.Answered("Accept", id)
	inner, ok := accept["object"].(JSON)
	if !ok || inner["type"] != "Follow" || inner["actor"] != f.ID {
		f.w.T.Fatalf("the Accept does not hold the whole Follow: %v", accept["object"])
	}
	f.w.Until(f.User+" follows "+handle, func() error {
		var me struct{ Following []string }
		if err := f.at.Call("person", JSON{"user": f.User}, &me); err != nil || len(me.Following) == 0 {
			return fmt.Errorf("following %v %v", me.Following, err)
		}
		return nil
	})
	return accept
}

// Answered waits for an activity of this type about the activity with this id.
func (f *Fan) Answered(typ, id string) JSON {
	f.w.T.Helper()
	r := f.waits(fmt.Sprintf("%s of %s", typ, id), func(r peer.Received, a JSON) bool {
		return a["type"] == typ && objectID(a) == id
	})
	return r.Activity()
}

// Unfollows takes the follow of a handle back.
func (f *Fan) Unfollows(handle string) {
	f.w.T.Helper()
	f.w.check(f.at.Call("unfollow", JSON{"user": f.User, "what": "@" + handle}, nil), "%s unfollows %s", f.User, handle)
}

// Sends sends any activity, signed by Fedify, to an actor, given by handle or URL.
func (f *Fan) Sends(to string, activity JSON) {
	f.w.T.Helper()
	if !strings.Contains(to, "://") {
		to = "@" + to
	}
	f.w.check(f.at.Call("send", JSON{"user": f.User, "to": to, "activity": activity}, nil), "%s sends %v", f.User, activity["type"])
}

// Sees waits for an activity of this type whose JSON contains text, with a
// signature that Fedify found good, and returns it.
func (f *Fan) Sees(typ, text string) JSON {
	f.w.T.Helper()
	r := f.waits(fmt.Sprintf("%s %q", typ, text), func(r peer.Received, a JSON) bool {
		return a["type"] == typ && strings.Contains(Flat(a), text)
	})
	return r.Activity()
}

// SawNothing fails if anything with this text has come from this gateway.
// Something that was sent later must have been seen before.
func (f *Fan) SawNothing(text string) {
	f.w.T.Helper()
	for _, r := range f.w.sentTo(f.at) {
		if r.N > f.mark && strings.Contains(Flat(r.Activity()), text) {
			f.w.T.Fatalf("%s was told %q, and was to be told nothing of it: %s %.2000s", f.User, text, r, r.Body)
		}
	}
}

// waits waits for a good request of this world's gateway.
func (f *Fan) waits(what string, fits func(peer.Received, JSON) bool) peer.Received {
	f.w.T.Helper()
	r, err := f.at.Wait(Limit, f.mark, func(r peer.Received) bool {
		a := r.Activity()
		return f.w.ours(a) && r.Verified && r.Status == 202 && fits(r, a)
	})
	f.w.check(err, "%s waits for %s", f.User, what)
	return r
}

// ours tells whether an activity came from this world's gateway.
func (w *World) ours(a JSON) bool {
	actor, _ := a["actor"].(string)
	return strings.HasPrefix(actor, w.Gateway.URL("/"))
}

// FromGateway returns all POSTs of this world's gateway to the foreign servers.
func (w *World) FromGateway() []peer.Received {
	w.T.Helper()
	var out []peer.Received
	for _, a := range w.abroad {
		out = append(out, w.sentTo(a)...)
	}
	return out
}

// sentTo returns the POSTs of this world's gateway to one foreign server.
func (w *World) sentTo(a *abroad) []peer.Received {
	w.T.Helper()
	all, err := a.Since(a.mark, 0)
	w.check(err, "journal of %s", a.Host)
	var out []peer.Received
	for _, r := range all {
		if r.Method == "POST" && w.ours(r.Activity()) {
			out = append(out, r)
		}
	}
	return out
}

// objectID is the id of an activity's object, however it is given.
func objectID(a JSON) string {
	switch o := a["object"].(type) {
	case string:
		return o
	case JSON:
		id, _ := o["id"].(string)
		return id
	}
	return ""
}

// Flat is all text in a JSON value, keys left out, one string to a line.
func Flat(v any) string {
	switch v := v.(type) {
	case string:
		return v + "\n"
	case []any:
		var b strings.Builder
		for _, e := range v {
			b.WriteString(Flat(e))
		}
		return b.String()
	case JSON:
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(Flat(v[k]))
		}
		return b.String()
	}
	return ""
}
