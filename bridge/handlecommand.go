package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// cmdHandle shows the handle, and changes it while nobody was ever accepted as a
// follower: after that other servers know the actor by it (design §2).
func (b *Bridge) cmdHandle(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "profile.off"), Next: []string{"start", "help"}}, ignoreNotFound(err)
	}
	was, err := b.db.WasFollowed(ctx, blog.ID)
	if err != nil {
		return answer{}, err
	}
	mine := "@" + b.addr.Acct(blog.Handle)
	want := strings.ToLower(strings.TrimPrefix(a.word(0), "@"))
	if name, domain, full := strings.Cut(want, "@"); full {
		if !strings.EqualFold(domain, b.cfg.HandleDomain) {
			return answer{Text: b.say(ctx, "profile.handle.domain", "domain", b.cfg.HandleDomain)}, nil
		}
		want = name
	}
	switch {
	case (want == "" || want == blog.Handle) && was:
		return answer{Text: b.say(ctx, "profile.handle.locked", "handle", mine, "page", b.addr.Page(blog.Handle))}, nil
	case want == "" || want == blog.Handle:
		return answer{Text: b.say(ctx, "profile.handle.free", "handle", mine, "page", b.addr.Page(blog.Handle))}, nil
	case was:
		return answer{Text: b.say(ctx, "profile.handle.late", "handle", mine), Next: []string{"move out", "fields"}}, nil
	case !mapping.ValidHandle(want):
		return answer{Text: b.say(ctx, "profile.handle.bad", "handle", clip(want, 40))}, nil
	}
	taken, err := b.handleOfOther(ctx, &blog, want)
	if err != nil {
		return answer{}, err
	}
	if taken {
		return answer{Text: b.say(ctx, "profile.handle.taken", "handle", want)}, nil
	}
	err = b.changeActor(ctx, blog.ID, func(tx *db.Tx, now *db.Blog) (bool, error) {
		if was, err := tx.WasFollowed(ctx, now.ID); err != nil || was {
			return false, errors.Join(err, errLeft)
		}
		now.Handle, now.ProfileAt = want, b.nowMS()
		if err := tx.SetHandle(ctx, now.ID, want); err != nil {
			return false, err
		}
		return true, tx.SetProfile(ctx, now.ID, now.Profile, now.ProfileAt)
	})
	switch {
	case errors.Is(err, db.ErrConflict):
		return answer{Text: b.say(ctx, "profile.handle.taken", "handle", want)}, nil
	case errors.Is(err, errLeft): // followed meanwhile
		return answer{Text: b.say(ctx, "profile.handle.late", "handle", mine)}, nil
	case err != nil:
		return answer{}, err
	}
	return answer{Text: b.say(ctx, "profile.handle.changed", "handle", "@"+b.addr.Acct(want), "page", b.addr.Page(want))}, nil
}

// handleOfOther reports whether a handle is somebody else's: one that is in use, the
// gateway's own, or the name of another account here that has a profile, who would be
// taken for it.
func (b *Bridge) handleOfOther(ctx context.Context, blog *db.Blog, handle string) (bool, error) {
	if handle == b.addr.Component || handle == b.addr.HandleDomain || handle == InstanceToken {
		return true, nil
	}
	if taken, err := b.db.HandleTaken(ctx, handle, blog.JID, blog.Node); err != nil || taken {
		return taken, err
	}
	for _, domain := range b.cfg.Domains {
		who := stanza.JID{Local: stanza.Escape(handle), Domain: domain}.Fold()
		if who.String() == blog.JID {
			continue
		}
		// Servers answer with an empty card for nobody, too (Prosody), so one that says
		// something is all that proves that there is somebody.
		res, err := b.ask(ctx, who, stanza.New(stanza.NSVCardTemp, "vCard"))
		if err != nil {
			return false, err
		}
		if card := res.First(stanza.NSVCardTemp, "vCard"); card != nil && len(card.Elements()) > 0 {
			return true, nil
		}
	}
	return false, nil
}

func (b *Bridge) fillHandle(ctx context.Context, a asking) map[string]string {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return nil
	}
	return map[string]string{"handle": blog.Handle}
}
