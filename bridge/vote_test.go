package bridge

import (
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// asksAll is a poll of bob's, which his server counts.
func (p *peer) asksAll(key string, more map[string]any, votes ...int) map[string]any {
	var options []any
	for i, name := range []string{"Roses", "Tulips", "No flowers"} {
		n := 0
		if i < len(votes) {
			n = votes[i]
		}
		options = append(options, map[string]any{"type": "Note", "name": name, "replies": map[string]any{"type": "Collection", "totalItems": n}})
	}
	poll := map[string]any{"type": "Question", key: options, "endTime": "2036-03-01T11:00:00Z"}
	for k, v := range more {
		poll[k] = v
	}
	return p.says("bob", "What grows here?", poll)
}

// A reader sees a poll with its votes as its server counts them now, votes once, by
// number or words, and only the author of the poll is told.
func TestVote(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	poll := p.asksAll("oneOf", nil, 2, 1)
	p.sends("bob", "Create", poll)
	w.awaitsEvent(p.jid("bob"), alice, microblog)
	w.settled()
	id := poll["id"].(string)
	poll["oneOf"].([]any)[1].(map[string]any)["replies"].(map[string]any)["totalItems"] = 7 // by now
	p.serve(strings.TrimPrefix(id, p.http.URL), poll)
	if got := w.says(alice, "vote "+id); !strings.Contains(got, "○ 1. Roses — 2") || !strings.Contains(got, "○ 2. Tulips — 7") || !strings.Contains(got, "Say the number") {
		t.Errorf("the poll is %q", got)
	}
	if got := w.says(alice, "4"); !strings.Contains(got, "“4” is none of the numbers from 1 to 3") {
		t.Errorf("a wrong number: %q", got)
	}
	if got := w.says(alice, "vote "+id+" 1, 2"); !strings.Contains(got, "or only one can be chosen") {
		t.Errorf("two of one: %q", got)
	}
	if got := w.says(alice, "vote "+id+" tulips"); !strings.Contains(got, "Your vote is on its way to @bob@") || !strings.Contains(got, "● 2. Tulips") {
		t.Errorf("a vote: %q", got)
	}
	create := p.await("Create")
	vote, _ := create.One("object")
	in := vocab.ReadIncoming(vote)
	if !in.Vote || vote.Str("name") != "Tulips" || vote.Str("inReplyTo") != id || vote.IDs("to")[0] != p.actor("bob") || create.IDs("to")[0] != p.actor("bob") || vote["content"] != nil || vote.Str("attributedTo") != create.Str("actor") {
		t.Errorf("the ballot is %v", create)
	}
	if status, _, body := w.get(strings.TrimPrefix(create.ID(), w.url), "application/activity+json"); status != 404 {
		t.Errorf("everybody can read it: %d %s", status, body)
	}
	if got := w.says(alice, "vote "+id+" 1"); !strings.Contains(got, "You voted already.") || !strings.Contains(got, "● 2. Tulips") {
		t.Errorf("once more: %q", got)
	}
	items, _, _ := w.reads(alice, p.jid("bob"), microblog, "", "")
	if len(items) != 1 || !strings.Contains(items[0].Payload.XML(), "Tulips — 7") {
		t.Errorf("the item is %v", items)
	}
	w.settled()
	if n := p.count("Create"); n != 0 {
		t.Errorf("%d ballots too many", n)
	}
}

// Several may be chosen where that is allowed; none when it is closed; and a post that is
// no poll is none.
func TestVoteSeveral(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	several := p.asksAll("anyOf", nil)
	closed := p.asksAll("oneOf", map[string]any{"closed": "2026-03-01T11:00:00Z"}, 5)
	plain := p.says("bob", "no poll", nil)
	for _, n := range []map[string]any{several, closed, plain} {
		p.sends("bob", "Create", n)
		w.awaitsEvent(p.jid("bob"), alice, microblog)
	}
	w.settled()
	if got := w.says(alice, "vote "+several["id"].(string)+" 1,3"); !strings.Contains(got, "● 1. Roses") || !strings.Contains(got, "● 3. No flowers") {
		t.Errorf("two of several: %q", got)
	}
	names := map[string]bool{}
	for range 2 {
		names[object(p.await("Create")).Str("name")] = true
	}
	if !names["Roses"] || !names["No flowers"] {
		t.Errorf("ballots for %v", names)
	}
	if got := w.says(alice, "vote "+closed["id"].(string)+" 1"); !strings.Contains(got, "closed") || !strings.Contains(got, "1. Roses — 5") {
		t.Errorf("a closed one: %q", got)
	}
	if got := w.says(alice, "vote "+plain["id"].(string)+" 1"); !strings.Contains(got, "no poll") {
		t.Errorf("no poll: %q", got)
	}
}

// A poll that comes as a message has a button for each option.
func TestVoteButton(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	w.says(alice, "messages on")
	poll := p.asksAll("oneOf", fresh())
	p.sends("bob", "Create", poll)
	m := w.chatted(p.jid("bob"), alice)
	var value string
	for _, r := range m.All(stanza.NSQuickResponse, "response") {
		if r.Get("label") == "Tulips" {
			value = r.Get("value")
		}
	}
	if value != "/vote "+poll["id"].(string)+" 2" {
		t.Fatalf("the button says %q: %s", value, m.XML())
	}
	w.chats(p.jid("bob"), "pressed", "<body>"+value+"</body>")
	if got := object(p.await("Create")); got.Str("name") != "Tulips" {
		t.Errorf("the ballot is %v", got)
	}
}
