package bridge

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"isthmus/activitypub"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// Finger answers WebFinger for what exists and for nothing else (D5, D6). The
// subject is always the configured form of the handle, whichever was asked.
func (b httpSide) Finger(ctx context.Context, q activitypub.FingerQuery) (activitypub.Finger, error) {
	if q.Instance || b.ourHost(q.Host) && q.User == strings.ToLower(b.cfg.Component) {
		return activitypub.Finger{
			Subject: "acct:" + b.cfg.Component + "@" + b.cfg.HandleDomain,
			ActorID: b.addr.Actor(InstanceToken), ProfileURL: b.cfg.PublicURL + "/",
			Aliases: []string{b.addr.Actor(InstanceToken)},
		}, nil
	}
	blog, err := b.fingered(ctx, q)
	if err := shown(blog, err); err != nil {
		return activitypub.Finger{}, err
	}
	return activitypub.Finger{
		Subject: "acct:" + b.addr.Acct(blog.Handle),
		ActorID: b.addr.Actor(blog.Token), ProfileURL: b.addr.Page(blog.Handle),
		Aliases: []string{b.addr.Actor(blog.Token), b.addr.Page(blog.Handle)},
	}, nil
}

func (b *Bridge) publicHost() string {
	u, err := url.Parse(b.cfg.PublicURL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// ourHost reports whether handles at a host, in lower case, are ours.
func (b *Bridge) ourHost(host string) bool {
	return slices.Contains([]string{strings.ToLower(b.cfg.HandleDomain), b.publicHost(), strings.ToLower(b.cfg.Component)}, host)
}

// fingered looks a resource up: as a handle of ours, as an XMPP account, as a
// node of a service, and in the spellings that Libervia's gateway gave out.
func (b *Bridge) fingered(ctx context.Context, q activitypub.FingerQuery) (db.Blog, error) {
	if q.URL != "" {
		return b.fingeredURL(ctx, q.URL)
	}
	user, host := q.User, q.Host
	ours := b.ourHost(host)
	if ours {
		if blog, err := b.db.BlogByHandle(ctx, user); !errors.Is(err, db.ErrNotFound) {
			return blog, err
		}
	}
	if slices.Contains(b.cfg.Domains, host) {
		jid := stanza.JID{Local: stanza.Escape(user), Domain: host}.Fold()
		if blog, err := b.db.BlogByNode(ctx, jid.String(), stanza.NSMicroblog); !errors.Is(err, db.ErrNotFound) {
			return blog, err
		}
	}
	if slices.Contains(b.cfg.PubSub, host) {
		if blog, err := b.db.BlogByNode(ctx, host, q.Asked); !errors.Is(err, db.ErrNotFound) {
			return blog, err
		}
	}
	return b.fingeredLibervia(ctx, q.Asked, host, ours)
}

func (b *Bridge) fingeredURL(ctx context.Context, u string) (db.Blog, error) {
	switch kind, token, ok := b.addr.TokenOf(u); {
	case !ok:
		return db.Blog{}, db.ErrNotFound
	case kind == mapping.KindActor:
		return b.db.BlogByToken(ctx, token)
	case kind == mapping.KindPage:
		return b.db.BlogByHandle(ctx, token)
	}
	return db.Blog{}, db.ErrNotFound
}

// fingeredLibervia reads NODE---USER and ___-escaped handles (libervia.md §2),
// so that old links find the same blog under its new name.
func (b *Bridge) fingeredLibervia(ctx context.Context, user, host string, ours bool) (db.Blog, error) {
	local, domain, node, ok := mapping.ParseLibervia(user)
	if !ok {
		return db.Blog{}, db.ErrNotFound
	}
	if domain == "" {
		if domain = host; ours && len(b.cfg.Domains) > 0 {
			domain = b.cfg.Domains[0]
		}
	}
	switch {
	case node == "" && slices.Contains(b.cfg.PubSub, domain): // there the user part is the node
		local, node = "", local
	case node == "":
		node = stanza.NSMicroblog
	}
	jid := stanza.JID{Domain: domain}
	if local != "" {
		jid.Local = stanza.Escape(local)
	}
	return b.db.BlogByNode(ctx, jid.Fold().String(), node)
}
