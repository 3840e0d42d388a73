package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
)

// This file is how the admin turns somebody of ours off, and on again.

// preferenceSuspended marks a blog that was on when its owner was suspended.
const preferenceSuspended = "suspended"

// ErrSuspended says that the admin turned somebody off.
var ErrSuspended = errors.New("the admin of this gateway suspended this account")

// suspendedMay reports whether who is suspended may still run a command: to
// understand, and to leave.
func suspendedMay(name string) bool {
	return slices.Contains([]string{"help", "language", "status", "stop", "delete", "export"}, name)
}

func (b *Bridge) textSuspended(ctx context.Context, s db.Suspension) string {
	return strings.TrimSpace(b.say(ctx, "safety.suspended", "note", s.Note))
}

// notSuspended is nil, or a *stanza.Error that says that somebody is suspended.
func (b *Bridge) notSuspended(ctx context.Context, who stanza.JID) error {
	s, err := b.db.Suspension(ctx, who.Bare().Fold().String())
	if err == nil {
		return stanza.ErrNotAllowed(b.textSuspended(ctx, s))
	}
	return ignoreNotFound(err)
}

// localUser reads whom an admin means: an account of ours.
func (b *Bridge) localUser(word string) (stanza.JID, bool) {
	jid, err := stanza.ParseJID(strings.TrimPrefix(word, "xmpp:"))
	return jid.Bare().Fold(), err == nil && jid.Local != "" && b.serves(jid.Bare())
}

func (b *Bridge) cmdSuspend(ctx context.Context, a asking) (answer, error) {
	if a.word(0) == "" {
		return b.listSuspended(ctx)
	}
	who, ok := b.localUser(a.word(0))
	if !ok {
		return answer{Text: b.say(ctx, "safety.suspend.none", "who", clip(a.word(0), 100), "domains", strings.Join(b.cfg.Domains, ", "))}, nil
	}
	if b.isAdmin(who) {
		return answer{Text: b.say(ctx, "safety.suspend.admin")}, nil
	}
	blogs, err := b.db.BlogsOf(ctx, who.String())
	if err != nil {
		return answer{}, err
	}
	if !a.Sure {
		var posts, followers, following int
		for _, blog := range blogs {
			p, perr := b.db.PostCount(ctx, blog.ID)
			f, ferr := b.db.FollowerCount(ctx, blog.ID, followerAccepted)
			g, gerr := b.db.FollowingCount(ctx, blog.ID)
			if err := errors.Join(perr, ferr, gerr); err != nil {
				return answer{}, err
			}
			posts, followers, following = posts+p, followers+f, following+g
		}
		return answer{Confirm: true, Text: b.say(ctx, "safety.suspend.sure", "who", who, "posts", posts, "followers", followers, "following", following)}, nil
	}
	s := db.Suspension{JID: who.String(), Note: clip(a.after(1), 500), Created: b.nowMS()}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.Suspend(ctx, s); err != nil {
			return err
		}
		for _, blog := range blogs {
			if now, err := tx.BlogByID(ctx, blog.ID); err != nil || now.State != db.On {
				if err != nil {
					return err
				}
				continue
			}
			if err := tx.SetState(ctx, blog.ID, db.Paused); err != nil {
				return err
			}
			if err := tx.SetPreference(ctx, blog.ID, preferenceSuspended, "on"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	b.audited(ctx, a.From, "suspend", who.String(), s.Note)
	if len(blogs) > 0 {
		b.tell(who, b.textSuspended(b.speakTo(ctx, who), s))
	}
	return answer{Text: b.say(ctx, "safety.suspend.done", "who", who), Next: []string{"unsuspend " + who.String(), "users"}}, nil
}

func (b *Bridge) listSuspended(ctx context.Context) (answer, error) {
	list, err := b.db.Suspensions(ctx)
	if err != nil {
		return answer{}, err
	}
	if len(list) == 0 {
		return answer{Text: b.say(ctx, "safety.suspend.nobody")}, nil
	}
	lines := make([]string, len(list))
	for i, s := range list {
		lines[i] = strings.TrimSpace(b.say(ctx, "safety.suspend.line", "who", s.JID, "day", day(s.Created), "note", s.Note))
	}
	return answer{Text: strings.Join(lines, "\n")}, nil
}

func (b *Bridge) cmdUnsuspend(ctx context.Context, a asking) (answer, error) {
	who, _ := b.localUser(a.word(0))
	err := b.db.Unsuspend(ctx, who.String())
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "safety.unsuspend.not", "who", clip(a.word(0), 100))}, nil
	}
	if err != nil {
		return answer{}, err
	}
	blogs, err := b.db.BlogsOf(ctx, who.String())
	if err != nil {
		return answer{}, err
	}
	for _, blog := range blogs {
		prefs, err := b.db.Preferences(ctx, blog.ID)
		if err != nil {
			return answer{}, err
		}
		if prefs[preferenceSuspended] != "on" {
			continue
		}
		if err := b.db.SetPreference(ctx, blog.ID, preferenceSuspended, "off"); err != nil {
			return answer{}, err
		}
		if blog.State != db.Paused {
			continue
		}
		if _, _, err := b.enrolment().resume(ctx, blog.ID); err != nil && !errors.Is(err, errLeft) {
			return answer{}, err
		}
	}
	b.jobs.Kick()
	b.audited(ctx, a.From, "unsuspend", who.String(), "")
	if len(blogs) > 0 {
		b.tell(who, b.say(b.speakTo(ctx, who), "safety.unsuspended"))
	}
	return answer{Text: b.say(ctx, "safety.unsuspend.done", "who", who)}, nil
}
