package bridge

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"

	"isthmus/db"
)

// rulebook is what the admin decided about accounts and servers elsewhere, in
// memory: it is asked for each request in and out.
type rulebook struct {
	mu    sync.RWMutex
	level map[string]string // by subject
}

// load reads the rules anew.
func (r *rulebook) load(ctx context.Context, d *db.DB) error {
	rules, err := d.Rules(ctx)
	if err != nil {
		return err
	}
	level := make(map[string]string, len(rules))
	for _, rule := range rules {
		level[rule.Subject] = rule.Level
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.level = level
	return nil
}

func (r *rulebook) empty() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.level) == 0
}

// of is the strictest level that holds for any of the subjects, "" for none.
func (r *rulebook) of(subjects ...string) (level string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, s := range subjects {
		switch r.level[s] {
		case db.RuleBlock:
			return db.RuleBlock
		case db.RuleSilence:
			level = db.RuleSilence
		}
	}
	return level
}

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
