package bridge

import (
	"context"
	"errors"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// found is what a search led to: an account, and a post of its when that was what
// somebody pasted; or a blog of ours, which has an XMPP address already.
type found struct {
	acc  db.Account
	note db.Note
	blog db.Blog
}

// find looks for whatever somebody typed or pasted: a handle, a virtual address,
// or the address of a profile or a post. Its errors are *stanza.Error with words.
func (b *Bridge) find(ctx context.Context, from stanza.JID, what string) (found, error) {
	if err := b.mayRead(ctx, from); err != nil {
		return found{}, err
	}
	handle, link, ok := mapping.FindTerm(what, b.addr)
	if !ok {
		return found{}, stanza.ErrNotAcceptable(b.say(ctx, "find.what"))
	}
	if link != "" {
		return b.findLink(ctx, from, link)
	}
	user, host, _ := cutHandle(handle)
	if blog, err := b.fingered(ctx, activitypub.FingerQuery{User: user, Asked: user, Host: host}); err == nil && blog.State != db.Gone && blog.State != db.Off {
		return found{blog: blog}, nil
	} else if err != nil && !errors.Is(err, db.ErrNotFound) {
		return found{}, err
	}
	at := b.addr.RemoteJID(user, host)
	if at.IsZero() {
		return found{}, b.whyNot(ctx, handle, activitypub.ErrHandle)
	}
	acc, err := b.accountAt(ctx, from, at)
	return found{acc: acc}, err
}

// findLink looks at what is at an address: an actor, or a post, which is kept.
func (b *Bridge) findLink(ctx context.Context, from stanza.JID, link string) (found, error) {
	if blog, err := b.fingeredURL(ctx, link); err == nil {
		return found{blog: blog}, nil
	}
	if note, err := b.db.NoteByObject(ctx, link); err == nil && isPublic(note.Visibility) && note.Doc != "" {
		acc, err := b.accountOf(ctx, note.Actor)
		return found{acc: acc, note: note}, err
	}
	if !b.quota.take("look-up by "+from.Bare().Fold().String(), lookUpsPerHour, b.now()) {
		return found{}, stanza.ErrResource(b.tooMuch(ctx))
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	f, err := b.readLink(ctx, link)
	if err != nil {
		var said *stanza.Error
		if !errors.As(err, &said) {
			err = b.whyNotLink(ctx, link, err)
		}
	}
	return f, err
}

func (b *Bridge) readLink(ctx context.Context, link string) (found, error) {
	if b.barredHost(hostOf(link)) {
		return found{}, b.errBarred(ctx, hostOf(link))
	}
	doc, err := b.readDoc(ctx, link)
	var elsewhere *activitypub.IDError
	if errors.As(err, &elsewhere) && hostOf(elsewhere.ID) != b.publicHost() { // a page of another server that shows it
		doc, err = b.readDoc(ctx, elsewhere.ID)
	}
	if err != nil {
		return found{}, err
	}
	if doc.Is("Person", "Service", "Group", "Organization", "Application") {
		acc, err := b.readAccount(ctx, doc.ID())
		return found{acc: acc}, err
	}
	post, err := b.fetchPost(ctx, doc.ID())
	if err != nil {
		return found{}, err
	}
	if post.Type == "Tombstone" || !isPublic(post.Visibility("")) {
		return found{}, stanza.ErrItemNotFound(b.say(ctx, "find.private"))
	}
	note, err := b.onShelf(ctx, post, nil)
	if err != nil {
		return found{}, err
	}
	acc, err := b.accountOf(ctx, note.Actor)
	return found{acc: acc, note: note}, err
}

// accountOf is an actor's account, read if it is not known yet.
func (b *Bridge) accountOf(ctx context.Context, actor string) (db.Account, error) {
	acc, err := b.db.Account(ctx, actor)
	if errors.Is(err, db.ErrNotFound) {
		return b.readAccount(ctx, actor)
	}
	if err == nil {
		err = b.admit(ctx, actor)
	}
	return acc, err
}

// whyNotLink is whyNot for what has no handle.
func (b *Bridge) whyNotLink(ctx context.Context, link string, err error) *stanza.Error {
	e := b.whyNot(ctx, "x@"+hostOf(link), err)
	if e.Condition == "item-not-found" {
		e.Text = b.say(ctx, "find.nothing", "link", clip(link, 200))
	}
	return e
}

// postURI is the item of a post that was found, "" when it was an account.
func (f found) postURI() string {
	if f.note.ID == 0 {
		return ""
	}
	return stanza.ItemURI(mustJID(f.acc.JID), stanza.NSMicroblog, f.note.Item).String()
}

// Search is XEP-0055: what was found in one row.
func (b xmppSide) Search(ctx context.Context, from stanza.JID, what string) ([]component.Found, error) {
	ctx = b.withStanza(ctx, "", from.Bare().String())
	f, err := b.find(ctx, from, what)
	if stanza.Condition(err) == "item-not-found" {
		return nil, nil // XEP-0055 §2.2: an empty result
	}
	if err != nil {
		return nil, err
	}
	if f.blog.ID != 0 {
		return []component.Found{{JID: mustJID(f.blog.JID), Handle: "@" + b.addr.Acct(f.blog.Handle), Name: f.blog.Profile.Name, Note: f.blog.Profile.Note, Page: b.addr.Page(f.blog.Handle)}}, nil
	}
	who, err := b.authorAt(ctx, f.acc)
	if err != nil {
		return nil, err
	}
	p := profileOf(f.acc)
	card := mapping.VCardOf(p, who)
	return []component.Found{{
		JID: who.JID, Handle: card.Nick, Name: card.FullName, Note: clip(card.Note, 500), Page: p.URL, Avatar: b.mediaURL(p.Icon.URL),
	}}, nil
}

// Locate is the gateway prompt (XEP-0100 §6.3): an address for what was typed.
func (b xmppSide) Locate(ctx context.Context, from stanza.JID, what string) (stanza.JID, error) {
	ctx = b.withStanza(ctx, "", from.Bare().String())
	f, err := b.find(ctx, from, what)
	if f.blog.ID != 0 {
		return mustJID(f.blog.JID), err
	}
	return mustJID(f.acc.JID), err
}

// card is the answer of “find”.
func (b *Bridge) card(ctx context.Context, f found) (answer, error) {
	if f.blog.ID != 0 {
		return answer{Text: b.say(ctx, "find.here", "blog", b.title(ctx, &f.blog), "jid", f.blog.JID, "page", b.addr.Page(f.blog.Handle)), Next: []string{"help", "following"}}, nil
	}
	who, err := b.authorAt(ctx, f.acc)
	if err != nil {
		return answer{}, err
	}
	p := profileOf(f.acc)
	uri := stanza.ItemURI(who.JID, stanza.NSMicroblog, "").String()
	ans := answer{
		Text:    mapping.Card(p, who, b.cardFacts(ctx, f.acc, p), b.cardLines(ctx, p, who, uri)),
		Picture: b.mediaURL(p.Icon.URL),
		Next:    []string{"follow @" + who.Handle, "following"},
	}
	if post := f.postURI(); post != "" {
		s, err := b.storyOf(ctx, f.note)
		if err != nil {
			return ans, err
		}
		ans.Text = clip(mapping.MessageText(s.Reply), 1000) + "\n\n" + b.say(ctx, "find.post", "uri", post) + "\n\n" + ans.Text
	}
	ans.Text += "\n\n" + b.say(ctx, "find.follow", "handle", who.Handle)
	return ans, nil
}

// cardFacts are what is worth knowing of an account, each in a few words.
func (b *Bridge) cardFacts(ctx context.Context, acc db.Account, p vocab.Profile) []string {
	var out []string
	if acc.Followers >= 0 {
		out = append(out, b.say(ctx, "find.card.followers", "number", acc.Followers))
	}
	if acc.Total >= 0 {
		out = append(out, b.say(ctx, "find.card.posts", "number", acc.Total))
	}
	switch p.Type {
	case "Service", "Application":
		out = append(out, b.say(ctx, "find.card.automated"))
	case "Group":
		out = append(out, b.say(ctx, "find.card.group"))
	}
	if p.Approves {
		out = append(out, b.say(ctx, "find.card.approves"))
	}
	if to := mapping.CalmLink(p.MovedTo); to != "" {
		out = append(out, b.say(ctx, "find.card.moved", "link", to))
	}
	return out
}

// cardLines are an account's addresses.
func (b *Bridge) cardLines(ctx context.Context, p vocab.Profile, who mapping.Author, uri string) []string {
	lines := []string{b.say(ctx, "find.card.address", "jid", who.JID), uri}
	if page := mapping.CalmLink(p.URL); page != "" {
		lines = append(lines, b.say(ctx, "blog.page", "page", page))
	}
	return lines
}

// Hints are the texts of the search form and the prompt.
func (b xmppSide) Hints(ctx context.Context, from stanza.JID) component.Hints {
	ctx = b.speakTo(ctx, from)
	return component.Hints{
		Title: b.say(ctx, "find.form"), Search: b.say(ctx, "find.form.hint"), Field: b.say(ctx, "cmd.find.what"), Prompt: b.say(ctx, "find.form.prompt"),
		Columns: map[string]string{"jid": b.say(ctx, "find.column.jid"), "handle": b.say(ctx, "find.column.handle"), "name": b.say(ctx, "find.column.name"),
			"note": b.say(ctx, "find.column.note"), "page": b.say(ctx, "find.column.page"), "avatar": b.say(ctx, "chat.picture")},
	}
}
