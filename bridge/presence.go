package bridge

import (
	"context"
	"errors"
	"sync"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// presenceTable knows which resources of enrolled users are online, to tell a
// login from a change of status. It is forgotten when the stream drops.
type presenceTable struct {
	mu     sync.Mutex
	online map[stanza.JID]map[string]bool
}

// seen records a resource and reports whether it is new.
func (t *presenceTable) seen(j stanza.JID, available bool) (fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	bare := j.Bare().Fold()
	set := t.online[bare]
	if !available {
		delete(set, j.Resource)
		if len(set) == 0 {
			delete(t.online, bare)
		}
		return false
	}
	if set[j.Resource] || len(set) >= 64 {
		return false
	}
	if set == nil {
		if t.online == nil {
			t.online = make(map[stanza.JID]map[string]bool)
		}
		set = make(map[string]bool)
		t.online[bare] = set
	}
	set[j.Resource] = true
	return true
}

// people returns who is online, by bare JID, at most so many.
func (t *presenceTable) people(limit int) (out []stanza.JID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for who := range t.online {
		if len(out) == limit {
			break
		}
		out = append(out, who)
	}
	return out
}

func (t *presenceTable) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.online = nil
}

// Up arms and catches up every blog: no server keeps anything for a component
// that was away (xmpp-servers §0.4). Many blogs are spread over time.
func (b xmppSide) Up(ctx context.Context) {
	b.pulse()
	blogs, err := b.db.Blogs(ctx)
	if err != nil {
		b.logger(ctx).Error("blogs not read after connecting", "err", err)
		return
	}
	for i, blog := range blogs {
		if blog.State != db.On {
			continue
		}
		if blog.Kind == "person" {
			// The answers to a probe show who is online; ejabberd's sessions each
			// have to see our capabilities again.
			b.transmit(stanza.Presence("probe", b.bare(), mustJID(blog.JID)))
			b.transmit(b.capsPresence(mustJID(blog.JID)))
		}
		b.soon(ctx, tendJob(blog.ID, b.nowMS()+int64(i)*20))
	}
	b.lookAtThreads(ctx)
	for _, kind := range []string{kindPlace, kindMark} { // services that had trouble may have none now
		if err := b.db.HurryJobs(ctx, kind, b.nowMS()); err != nil {
			b.logger(ctx).Error("waiting jobs not made due", "job", kind, "err", err)
		}
	}
	if err := b.db.HurryNoted(ctx, noteNoStream, b.nowMS()); err != nil {
		b.logger(ctx).Error("waiting jobs not made due", "err", err)
	}
	b.soon(ctx, db.Job{Kind: kindRefresh, Anywhere: true, Key: refreshKey, Due: b.nowMS() + refreshEvery.Milliseconds()/10})
	b.jobs.Kick()
	b.logger(ctx).Info("connected to the XMPP server", "blogs", len(blogs))
	b.contactsBack(ctx)
}

// Down forgets who was online.
func (b xmppSide) Down() {
	b.present.forget()
	b.heeds.forgetAll()
	b.pulse()
}

// Presence handles contact requests and logins. Adding the gateway as a contact
// opens a channel but is no consent to federate anything.
func (b xmppSide) Presence(ctx context.Context, p component.Presence) {
	ctx = b.withStanza(ctx, p.Stanza.ID(), p.From.Bare().String())
	user := p.From.Bare().Fold()
	if p.To.Local != "" {
		b.accountPresence(ctx, p)
		return
	}
	switch p.Type {
	case "subscribe":
		if !b.serves(user) {
			b.transmit(stanza.Presence("unsubscribed", b.bare(), user))
			return
		}
		b.transmit(stanza.Presence("subscribed", b.bare(), user))
		b.transmit(stanza.Presence("subscribe", b.bare(), user))
		b.transmit(b.capsPresence(user))
		if _, err := b.db.BlogByNode(ctx, user.String(), stanza.NSMicroblog); errors.Is(err, db.ErrNotFound) {
			b.tell(user, b.textWelcome(b.speakTo(ctx, user)))
		}
	case "subscribed":
		b.contact(ctx, user, true)
	case "unsubscribed":
		b.contact(ctx, user, false)
	case "unsubscribe":
		b.transmit(stanza.Presence("unsubscribed", b.bare(), user))
	case "probe":
		b.transmit(b.capsPresence(p.From))
	case "", "unavailable":
		// Anybody can send presence here; only our own users are kept count of.
		if b.serves(user) && b.present.seen(p.From, p.Type == "") {
			b.login(ctx, user)
		}
	}
}

// login re-arms +notify for the new session and looks for what was missed.
func (b *Bridge) login(ctx context.Context, user stanza.JID) {
	b.lookAtBlocklist(ctx, user)
	if b.setting(ctx, user, settingRoster) != "" {
		b.rosterSoon(ctx, user)
	}
	blog, err := b.db.BlogByNode(ctx, user.String(), stanza.NSMicroblog)
	if err != nil || blog.State != db.On {
		return
	}
	b.transmit(b.capsPresence(user))
	b.remember(ctx, &blog, true) // only who accepted us is seen coming online
	b.soon(ctx, tendJob(blog.ID, b.nowMS()))
}

// contact notes that an owner accepted or revoked us; either way the gate is
// looked at again.
func (b *Bridge) contact(ctx context.Context, user stanza.JID, accepted bool) {
	blog, err := b.db.BlogByNode(ctx, user.String(), stanza.NSMicroblog)
	if err != nil || blog.State == db.Gone {
		return
	}
	b.remember(ctx, &blog, accepted)
	if accepted {
		b.transmit(b.capsPresence(user))
	}
	b.soon(ctx, tendJob(blog.ID, b.nowMS()))
}

// Notices about presence.
const (
	noticeContact = "contact" // the owner has us as a contact
	noticeAsked   = "asked"   // we asked to be one
)

func (b *Bridge) remember(ctx context.Context, blog *db.Blog, accepted bool) {
	var err error
	if accepted {
		_, err = b.db.Notice(ctx, blog.ID, noticeContact, b.nowMS())
	} else {
		err = b.db.ClearNotice(ctx, blog.ID, noticeContact)
	}
	if err != nil {
		b.logger(ctx).Error("contact state not stored", "jid", blog.JID, "err", err)
	}
}

// approved reports whether the owner has us as a contact, as far as we know.
func (b *Bridge) approved(ctx context.Context, blog *db.Blog) bool {
	ok, err := b.db.HasNotice(ctx, blog.ID, noticeContact)
	return err == nil && ok
}

// tell sends a chat message from the gateway.
func (b *Bridge) tell(to stanza.JID, text string) {
	body := stanza.New(stanza.NSComponent, "body").AddText(text)
	b.transmit(stanza.Message("chat", b.bare(), to, body).Set("id", b.token()))
}
