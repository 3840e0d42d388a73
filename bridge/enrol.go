package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// Reasons why an address cannot be enrolled. Their texts are shown to people.
var (
	ErrForeign   = errors.New("this gateway serves only accounts of its own servers")
	ErrService   = errors.New("nodes of this service cannot be enrolled here; the admin lists services in [xmpp] pubsub")
	ErrNoAddress = errors.New("that is not an XMPP address")
)

// whyNotEnrolled says such a reason.
func (b *Bridge) whyNotEnrolled(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, ErrForeign):
		return b.say(ctx, "blog.not.foreign")
	case errors.Is(err, ErrService):
		return b.say(ctx, "blog.not.service")
	}
	return b.say(ctx, "blog.not.address")
}

// tendDelay, in milliseconds, leaves a command that enrols the time for a first
// look of its own, whose result it answers.
const tendDelay = 1500

// Enrolment turns a blog on. It needs no running gateway, so that the command
// line can do it; the tend job that it leaves behind does the rest.
type Enrolment struct {
	DB      *db.DB
	Addr    mapping.Addresses
	Domains []string
	PubSub  []string
	Approve bool
	Token   func() string
	NowMS   func() int64
}

func (b *Bridge) enrolment() Enrolment {
	return Enrolment{DB: b.db, Addr: b.addr, Domains: b.cfg.Domains, PubSub: b.cfg.PubSub,
		Approve: b.cfg.ApproveFollowers, Token: b.token, NowMS: b.nowMS}
}

// NewEnrolment is for callers that have a configuration and a database only.
func NewEnrolment(cfg Config, d *db.DB) Enrolment {
	b := &Bridge{cfg: cfg, addr: cfg.Addresses(), db: d, now: cfg.Now}
	if b.now == nil {
		b.now = time.Now
	}
	return b.enrolment()
}

// Enrol turns on the blog of jid (node "") or a community node, and reports
// whether it was off before. by is "admin" or the bare JID that asked.
func (e Enrolment) Enrol(ctx context.Context, jid stanza.JID, node, by string) (blog db.Blog, fresh bool, err error) {
	jid = jid.Bare().Fold()
	for _, who := range []string{jid.String(), by} {
		if _, err := e.DB.Suspension(ctx, who); !errors.Is(err, db.ErrNotFound) {
			return db.Blog{}, false, cmp.Or(err, fmt.Errorf("%s: %w", who, ErrSuspended))
		}
	}
	kind, node, err := e.kind(jid, node)
	if err != nil {
		return db.Blog{}, false, err
	}
	blog, err = e.DB.BlogByNode(ctx, jid.String(), node)
	switch {
	case err == nil && blog.State == db.On:
		return blog, false, nil
	case err == nil && by == "admin" && asksNoBridge(blog.Profile):
		return blog, false, fmt.Errorf("%s: %w", jid, ErrOptedOut)
	case err == nil && blog.State == db.Paused && by == "admin":
		return blog, false, nil // the owner's word stands
	case err == nil && blog.State == db.Reader:
		return e.promote(ctx, blog.ID, by)
	case err == nil && blog.State != db.Gone:
		return e.resume(ctx, blog.ID)
	case err != nil && !errors.Is(err, db.ErrNotFound):
		return db.Blog{}, false, err
	}
	blog = db.Blog{
		Token: e.Token(), Kind: kind, JID: jid.String(), Node: node,
		State: db.On, Gate: db.GateUnknown, EnrolledBy: by,
		Approve: e.Approve && kind == "person", // a community has nobody to ask
		Created: e.NowMS(), ProfileAt: e.NowMS(),
	}
	// Two enrolments may want one handle at once: the loser takes the next.
	for range 5 {
		if blog.Handle, err = e.handle(ctx, jid, node); err != nil {
			return db.Blog{}, false, err
		}
		var made db.Blog
		err = e.DB.Tx(ctx, func(tx *db.Tx) error {
			if made, err = tx.CreateBlog(ctx, blog); err != nil {
				return err
			}
			if by == "admin" && kind == "person" {
				if err := tx.AddJob(ctx, tellJob(made.ID, e.NowMS())); err != nil {
					return err
				}
			}
			return tx.AddJob(ctx, tendJob(made.ID, e.NowMS()+tendDelay))
		})
		if !errors.Is(err, db.ErrConflict) {
			return made, err == nil, err
		}
		if other, err := e.DB.BlogByNode(ctx, jid.String(), node); err == nil && other.State != db.Gone {
			return other, false, nil // the same blog, twice at once
		}
	}
	return db.Blog{}, false, fmt.Errorf("enrol %s: %w", jid, err)
}

// resume turns a paused blog on again. Nothing is published before the tend job
// has marked what was written meanwhile (noticeHeld).
func (e Enrolment) resume(ctx context.Context, id int64) (blog db.Blog, fresh bool, err error) {
	err = e.DB.Tx(ctx, func(tx *db.Tx) error {
		if blog, err = setState(ctx, tx, id, db.On); err != nil {
			return err
		}
		if _, err := tx.Notice(ctx, id, noticeHeld, e.NowMS()); err != nil {
			return err
		}
		if err := tx.SetPreference(ctx, id, preferenceSince, strconv.FormatInt(e.NowMS(), 10)); err != nil {
			return err
		}
		return tx.AddJob(ctx, tendJob(id, e.NowMS()))
	})
	return blog, err == nil, err
}

// promote turns the blog on of somebody who only followed others until now: their
// actor stays, and what they wrote in other places before stays in XMPP.
func (e Enrolment) promote(ctx context.Context, id int64, by string) (blog db.Blog, fresh bool, err error) {
	err = e.DB.Tx(ctx, func(tx *db.Tx) error {
		if blog, err = setState(ctx, tx, id, db.On); err != nil {
			return err
		}
		blog.Approve = e.Approve
		if err := tx.SetOptions(ctx, blog); err != nil {
			return err
		}
		if err := tx.SetPreference(ctx, id, preferenceSince, strconv.FormatInt(e.NowMS(), 10)); err != nil {
			return err
		}
		if by == "admin" {
			if err := tx.AddJob(ctx, tellJob(id, e.NowMS())); err != nil {
				return err
			}
		}
		return tx.AddJob(ctx, tendJob(id, e.NowMS()+tendDelay))
	})
	return blog, err == nil, err
}

// errLeft says that a blog left in the meantime.
var errLeft = errors.New("the blog left the Fediverse")

// setState changes a blog's state as it is now: who left does not come back.
func setState(ctx context.Context, tx *db.Tx, id int64, s db.State) (db.Blog, error) {
	blog, err := tx.BlogByID(ctx, id)
	if err != nil {
		return blog, err
	}
	if blog.State == db.Gone {
		return blog, errLeft
	}
	blog.State = s
	return blog, tx.SetState(ctx, id, s)
}

func (e Enrolment) kind(jid stanza.JID, node string) (kind, realNode string, err error) {
	switch {
	case jid.IsZero():
		return "", "", ErrNoAddress
	case jid.Local != "" && (node == "" || node == stanza.NSMicroblog):
		if !slices.ContainsFunc(e.Domains, func(d string) bool { return strings.EqualFold(d, jid.Domain) }) {
			return "", "", fmt.Errorf("%s: %w", jid, ErrForeign)
		}
		return "person", stanza.NSMicroblog, nil
	case jid.Local == "" && node != "":
		if !slices.ContainsFunc(e.PubSub, func(d string) bool { return strings.EqualFold(d, jid.Domain) }) {
			return "", "", fmt.Errorf("%s: %w", jid, ErrService)
		}
		return "group", node, nil
	}
	return "", "", fmt.Errorf("%s: %w", jid, ErrNoAddress)
}

func (e Enrolment) handle(ctx context.Context, jid stanza.JID, node string) (string, error) {
	full := node
	if node == stanza.NSMicroblog || node == "" {
		node, full = "", stanza.NSMicroblog
	}
	primary := ""
	if len(e.Domains) > 0 {
		primary = e.Domains[0]
	}
	var failed error
	h := mapping.Handle(jid, node, primary, func(h string) bool {
		if h == e.Addr.Component || h == e.Addr.HandleDomain {
			return true // the gateway's own (mapping.Instance)
		}
		taken, err := e.DB.HandleTaken(ctx, h, jid.String(), full)
		if err != nil {
			failed = err
		}
		return taken && err == nil
	})
	return h, failed
}
