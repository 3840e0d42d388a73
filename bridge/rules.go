package bridge

import (
	"context"
	"net"
	"slices"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// hostSubjects are all subjects that a host falls under: its own, that of its name
// without a port, and those of the domains above it.
func hostSubjects(host string) []string {
	if host == "" {
		return nil
	}
	out := []string{"@" + host}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	} else {
		out = append(out, "@"+name)
	}
	if net.ParseIP(name) != nil {
		return out
	}
	for {
		_, above, ok := strings.Cut(name, ".")
		if !ok {
			return out
		}
		out = append(out, "@"+above)
		name = above
	}
}

// subjectsOf are all subjects that an actor falls under; handle is user@host, ""
// when it is not known.
func subjectsOf(actor, handle string) []string {
	out := append([]string{actor}, hostSubjects(hostOf(actor))...)
	if _, domain, ok := cutHandle(handle); ok {
		out = append(out, hostSubjects(domain)...)
	}
	return out
}

// under reports whether an actor is what a subject means.
func under(subject, actor, handle string) bool {
	return slices.Contains(subjectsOf(actor, handle), subject)
}

// verdict is what the admin decided about an actor: by name, by its host, or by the
// domain of its handle, which may be another.
func (b *Bridge) verdict(ctx context.Context, book muteBook, actor string) (string, error) {
	if b.rules.empty() || hostOf(actor) == b.publicHost() {
		return "", nil
	}
	r, err := book.Remote(ctx, actor)
	if ignoreNotFound(err) != nil {
		return "", err
	}
	return b.rules.of(subjectsOf(actor, r.Handle)...), nil
}

// barred reports whether nothing is to come from or go to an actor, as the admin says.
func (b *Bridge) barred(ctx context.Context, actor string) (bool, error) {
	level, err := b.verdict(ctx, b.db, actor)
	return level == db.RuleBlock, err
}

// silenced reports whether an actor is not to reach strangers here, as the admin
// says: those who do not follow it.
func (b *Bridge) silenced(ctx context.Context, actor string) (bool, error) {
	level, err := b.verdict(ctx, b.db, actor)
	return level == db.RuleSilence, err
}

// barredHost reports whether a host is not to be talked to.
func (b *Bridge) barredHost(host string) bool {
	return b.rules.of(hostSubjects(host)...) == db.RuleBlock
}

// barredFiles reports whether no file is to be fetched from a host. A gateway that
// only lets some in still fetches these one's files, wherever they keep them.
func (b *Bridge) barredFiles(host string) bool {
	return b.rules.any(hostSubjects(host), noMedia)
}

// mediaRefused reports whether files of an actor are not to be shown here.
func (b *Bridge) mediaRefused(ctx context.Context, actor string) bool {
	return b.ruled(ctx, actor, noMedia)
}

// reportsRefused reports whether reports of an actor are not wanted.
func (b *Bridge) reportsRefused(ctx context.Context, actor string) bool {
	return b.ruled(ctx, actor, noReports)
}

// ruled reports whether a rule about an actor, its host or the domain of its handle is
// as asked for; also when the database cannot tell.
func (b *Bridge) ruled(ctx context.Context, actor string, is func(db.Rule) bool) bool {
	if b.rules.empty() {
		return false
	}
	r, err := b.db.Remote(ctx, actor)
	return b.rules.any(subjectsOf(actor, r.Handle), is) || ignoreNotFound(err) != nil
}

// readPost reads an object for showing it: without its files where the admin wants
// none of its author's.
func (b *Bridge) readPost(ctx context.Context, doc vocab.Doc, author string) vocab.Incoming {
	post := vocab.ReadIncoming(doc)
	if b.mediaRefused(ctx, author) {
		post.Attachments = nil
	}
	return post
}

// Unwanted reports whether an activity is to be dropped unread: its actor, or the
// server whose key signed it, is blocked by the admin.
func (b httpSide) Unwanted(ctx context.Context, keyID, actor string) bool {
	if b.rules.empty() {
		return false
	}
	if b.barredHost(hostOf(keyID)) {
		return true
	}
	owner, _, _ := strings.Cut(keyID, "#")
	for _, who := range []string{actor, owner} {
		if yes, err := b.barred(ctx, who); err != nil {
			b.logger(ctx).Error("rules not asked", "actor", who, "err", err)
		} else if yes {
			return true
		}
	}
	return false
}

// stranger reports whether news of an actor are to be kept from a blog's owner: it
// is silenced, and they do not follow it.
func (b *Bridge) stranger(ctx context.Context, tx *db.Tx, n db.News) (bool, error) {
	level, err := b.verdict(ctx, tx, n.Actor)
	if err != nil || level != db.RuleSilence {
		return false, err
	}
	f, err := tx.Following(ctx, n.BlogID, n.Actor)
	return err != nil || f.State != followerAccepted, ignoreNotFound(err)
}

// peerHost reads the name of a server as a person writes it: a domain, with a port
// if it has one.
func (b *Bridge) peerHost(word string) (string, bool) {
	host := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(word), "@"))
	if _, plain, ok := b.addr.ParseRemoteJID(b.addr.RemoteJID("x", host)); ok {
		return plain, strings.Contains(plain, ".")
	}
	name, _, err := net.SplitHostPort(host)
	return host, err == nil && net.ParseIP(name) != nil || err == nil && strings.Contains(name, ".") && !b.addr.RemoteJID("x", name).IsZero()
}
