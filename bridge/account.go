package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// Accounts: remote actors as XMPP readers see them. One is looked up when somebody
// here asks for it, verified both ways, and kept; after that its address answers
// from the database.

// How long a look-up may keep somebody waiting, and how much one person can make
// us look up in an hour.
const (
	lookUpFor      = 15 * time.Second
	lookUpsPerHour = 300
	readsPerHour   = 3000 // of one host
)

// errRefusesBridges is an account that asks not to be bridged (row P4).
var errRefusesBridges = errors.New("the account asks not to be bridged")

// mayRead checks who may look at the Fediverse from here.
func (b *Bridge) mayRead(ctx context.Context, from stanza.JID) error {
	if b.cfg.ReaderOpen || b.serves(from.Bare()) {
		return nil
	}
	return stanza.ErrForbidden(b.say(ctx, "read.foreign", "domains", strings.Join(b.cfg.Domains, ", ")))
}

// accountAt is the account at a virtual address, looked up if it is not known yet.
// An address may be another name of the account, which has one of its own.
func (b *Bridge) accountAt(ctx context.Context, from, at stanza.JID) (db.Account, error) {
	user, host, ok := b.addr.ParseRemoteJID(at)
	if !ok {
		return db.Account{}, stanza.ErrItemNotFound(b.say(ctx, "read.address", "component", b.cfg.Component))
	}
	if b.barredHost(host) {
		return db.Account{}, b.errBarred(ctx, user+"@"+host)
	}
	acc, err := b.db.AccountByJID(ctx, b.addr.RemoteJID(user, host).String())
	if err == nil {
		err = b.admit(ctx, acc.Actor)
	}
	if !errors.Is(err, db.ErrNotFound) {
		return acc, err
	}
	if actor, ok := b.aliases.get(user+"@"+host, b.now()); ok {
		if acc, err := b.db.Account(ctx, actor); err == nil {
			return acc, nil
		}
	}
	if acc, err = b.lookUp(ctx, from, user+"@"+host); err != nil {
		return acc, b.whyNot(ctx, user+"@"+host, err)
	}
	return acc, nil
}

// lookUp finds an account by its handle: WebFinger of its host leads to the actor,
// whose own document leads back to the handle (rows D2, D12).
func (b *Bridge) lookUp(ctx context.Context, from stanza.JID, handle string) (db.Account, error) {
	if !b.quota.take("look-up by "+from.Bare().Fold().String(), lookUpsPerHour, b.now()) {
		return db.Account{}, stanza.ErrResource(b.tooMuch(ctx))
	}
	return together(b, ctx, "look up "+handle, func(ctx context.Context) (db.Account, error) {
		actor, _, err := b.finger(ctx, handle)
		if err != nil {
			return db.Account{}, err
		}
		acc, err := b.readAccount(ctx, actor)
		if user, host, _ := strings.Cut(handle, "@"); err == nil && acc.JID != b.addr.RemoteJID(user, host).String() {
			b.aliases.put(handle, acc.Actor, b.now())
		}
		return acc, err
	})
}

// together runs what several may ask for at once only once, and to its end even
// when nobody waits for it any more.
func together[T any](b *Bridge, ctx context.Context, what string, do func(context.Context) (T, error)) (T, error) {
	var zero T
	ch := b.flight.DoChan(what, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpFor)
		defer cancel()
		return do(ctx)
	})
	select {
	case r := <-ch:
		if r.Err != nil {
			return zero, saidTo(ctx, r.Err)
		}
		return r.Val.(T), nil
	case <-ctx.Done():
		return zero, ctx.Err()
	}
}

// readAccount reads an account from its own address and stores it.
func (b *Bridge) readAccount(ctx context.Context, actor string) (db.Account, error) {
	if hostOf(actor) == b.publicHost() {
		return db.Account{}, fmt.Errorf("%w: %s is an actor of ours", errIgnored, actor)
	}
	if err := b.admit(ctx, actor); err != nil {
		return db.Account{}, err
	}
	doc, remote, err := b.fetchActor(ctx, actor)
	if err != nil {
		return db.Account{}, err
	}
	return b.storeAccount(ctx, doc, remote)
}

// storeAccount stores an account as it was just read, and tells its followers here
// when it changed.
func (b *Bridge) storeAccount(ctx context.Context, doc vocab.Doc, remote db.Remote) (db.Account, error) {
	p := vocab.ReadProfile(doc)
	who := b.authorOf(remote)
	switch {
	case mapping.RefusesBridges(p):
		return db.Account{}, errRefusesBridges
	case who.JID.IsZero():
		return db.Account{}, fmt.Errorf("%w: actor %s has no name that could be an address", errIgnored, remote.Actor)
	}
	old, err := b.db.Account(ctx, remote.Actor)
	known := err == nil
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return old, err
	}
	if err := b.mayHaveAddress(ctx, remote.Actor, who.JID); err != nil {
		return db.Account{}, err
	}
	acc := db.Account{
		Actor: remote.Actor, JID: who.JID.String(), Profile: keptProfile(doc), Total: -1, Followers: -1,
		AvatarURL: p.Icon.URL, Checked: b.nowMS(), Wanted: b.nowMS(),
	}
	if b.mediaRefused(ctx, remote.Actor) {
		acc.AvatarURL = ""
	}
	if known {
		acc.Total, acc.Followers = old.Total, old.Followers
	}
	if hostOf(p.Outbox) == hostOf(remote.Actor) {
		acc.Outbox = p.Outbox
	}
	if hostOf(p.Followers) == hostOf(remote.Actor) {
		if page, err := b.readPage(ctx, p.Followers); err == nil && page.Total >= 0 {
			acc.Followers = page.Total
		}
	}
	if acc, err = b.db.PutAccount(ctx, acc); err != nil {
		return acc, err
	}
	if known && (old.Profile != acc.Profile || old.JID != acc.JID) {
		b.soon(ctx, accountJob(acc.Actor, b.nowMS()))
	}
	return acc, nil
}

// mayHaveAddress checks that an address of another account is not taken over by one
// whose name it was once: WebFinger says whose it is now.
func (b *Bridge) mayHaveAddress(ctx context.Context, actor string, jid stanza.JID) error {
	holder, err := b.db.AccountByJID(ctx, jid.String())
	if err != nil || holder.Actor == actor {
		return ignoreNotFound(err)
	}
	handle := b.handleAt(holder)
	if led, _, err := b.finger(ctx, handle); err != nil || led != actor {
		return fmt.Errorf("%w: %s is the name of another account than %s", errIgnored, handle, actor)
	}
	return nil
}

// keptProfile is what is stored of an actor document: all but the parts that are
// kept elsewhere or say nothing of whom it is about.
func keptProfile(doc vocab.Doc) string {
	kept := vocab.Doc{}
	for k, v := range doc {
		if !slices.Contains([]string{"@context", "publicKey", "assertionMethod", "signature", "proof", "endpoints"}, k) {
			kept[k] = v
		}
	}
	text, _ := json.Marshal(kept) // it was read from JSON
	if len(text) > 64<<10 {
		for _, k := range []string{"attachment", "tag", "summary"} {
			delete(kept, k)
		}
		text, _ = json.Marshal(kept)
	}
	return string(text)
}

// profileOf reads the stored document again.
func profileOf(acc db.Account) vocab.Profile {
	doc, _ := vocab.Read([]byte(acc.Profile), vocab.DefaultLimits) // stored from one
	return vocab.ReadProfile(doc)
}

// authorAt is an account as the author of its posts.
func (b *Bridge) authorAt(ctx context.Context, acc db.Account) (mapping.Author, error) {
	r, err := b.db.Remote(ctx, acc.Actor)
	return b.authorOf(r), err
}

// readDoc reads a document for somebody here.
func (b *Bridge) readDoc(ctx context.Context, address string) (vocab.Doc, error) {
	if !b.quota.take("read from "+hostOf(address), readsPerHour, b.now()) {
		return nil, refused(ctx, stanza.ErrResource, func(ctx context.Context) string {
			return b.say(ctx, "safety.hosttoomuch", "host", hostOf(address), "minutes", b.nextHour())
		})
	}
	key, err := b.instanceKey(ctx)
	if err != nil {
		return nil, err
	}
	return b.client.Get(ctx, address, key)
}

func (b *Bridge) readPage(ctx context.Context, address string) (vocab.Page, error) {
	doc, err := b.readDoc(ctx, address)
	if err != nil {
		return vocab.Page{Total: -1}, err
	}
	return vocab.ReadPage(doc), nil
}

// wants notes now and then that somebody asked for an account: what nobody asks
// for is forgotten (refresh.go).
func (b *Bridge) wants(ctx context.Context, acc db.Account) {
	if b.nowMS()-acc.Wanted < dayMS {
		return
	}
	if err := b.db.SetWanted(ctx, acc.Actor, b.nowMS()); err != nil {
		b.logger(ctx).Warn("interest in an account not stored", "actor", acc.Actor, "err", err)
	}
}
