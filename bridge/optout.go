package bridge

import (
	"context"
	"errors"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// ErrOptedOut says that somebody's own profile asks not to be bridged, so that they
// alone can turn it on.
var ErrOptedOut = errors.New("the profile of this account says #nobridge or #nobot: only they themselves can turn it on")

// asksNoBridge reports whether somebody here says in their profile what others say
// on the Fediverse (mapping.RefusesBridges).
func asksNoBridge(p db.Profile) bool {
	return mapping.RefusesBridges(vocab.Profile{Name: p.Name, Summary: mapping.FromText(p.Note)})
}

// tellEnrolled tells somebody that the admin turned their blog on. When their
// profile asks not to be bridged it is turned off again before that, and they are
// told how to turn it on.
func (b *Bridge) tellEnrolled(ctx context.Context, blog *db.Blog) error {
	if !b.xmpp.Status().Up {
		return errTrouble
	}
	to := mustJID(blog.JID)
	p, _, err := b.readProfile(ctx, blog)
	if err != nil {
		b.logger(ctx).Info("profile not read before its owner is told", "jid", blog.JID, "why", err)
	}
	if err != nil || !asksNoBridge(p) {
		b.tell(to, b.textEnrolled(b.speakTo(ctx, to), blog))
		return nil
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.SetProfile(ctx, blog.ID, p, b.nowMS()); err != nil {
			return err
		}
		following, err := tx.FollowingCount(ctx, blog.ID)
		state := db.Off
		if following > 0 { // they read already, and go on to
			state = db.Reader
		}
		if err == nil {
			_, err = setState(ctx, tx, blog.ID, state)
		}
		return err
	})
	if err != nil {
		return err
	}
	b.logger(ctx).Warn("turned off again: the profile asks not to be bridged", "jid", blog.JID)
	b.tell(to, b.say(b.speakTo(ctx, to), "safety.profile"))
	return nil
}
