package bridge

import (
	"context"
	"errors"
	"fmt"

	"isthmus/component/stanza"
	"isthmus/db"
)

// errHidden says that a stranger may not read the node; what it wraps is shown
// to the owner. errTrouble says that nothing was learnt and trying again helps.
var (
	errHidden  = errors.New("strangers cannot read the node")
	errTrouble = errors.New("the XMPP server did not answer")
)

// view is what a stranger found.
type view struct {
	Items []stanza.Item
	RSM   *stanza.RSM
}

// look reads a blog's node as somebody nobody knows (design §3): what comes
// back is public, by proof and not by configuration. It records what it found
// as the blog's gate, and tells the owner when that changed.
func (b *Bridge) look(ctx context.Context, blog *db.Blog, req *stanza.Element) (view, error) {
	return b.peek(ctx, blog, req, true)
}

// peek is look that need not tell the owner.
func (b *Bridge) peek(ctx context.Context, blog *db.Blog, req *stanza.Element, tell bool) (view, error) {
	owner, err := stanza.ParseJID(blog.JID)
	if err != nil {
		return view{}, fmt.Errorf("blog %d: %w", blog.ID, err)
	}
	asked := b.nowMS()
	res, err := b.xmpp.IQ(ctx, stanza.IQ("get", b.visitor(), owner, req))
	if err == nil {
		items, rsm := stanza.ParseItems(res)
		return view{items, rsm}, b.setGate(ctx, blog, db.GateOpen, "", asked, tell)
	}
	gate, reason := b.refusal(ctx, blog, owner, err)
	if gate == db.GateUnknown {
		return view{}, fmt.Errorf("%w: %w", errTrouble, err)
	}
	if serr := b.setGate(ctx, blog, gate, reason, asked, tell); serr != nil {
		return view{}, serr
	}
	return view{}, fmt.Errorf("%w: %s", errHidden, reason)
}

// refusal reads the error a stranger got (xmpp-servers §2.2, both servers).
func (b *Bridge) refusal(ctx context.Context, blog *db.Blog, owner stanza.JID, err error) (db.Gate, string) {
	var se *stanza.Error
	if !errors.As(err, &se) || se.Type == "wait" {
		return db.GateUnknown, ""
	}
	switch se.Condition {
	case "item-not-found":
		return db.GateMissing, reasonMissing(blog)
	case "not-authorized", "not-allowed", "registration-required", "subscription-required":
		return db.GateClosed, reasonClosed(blog)
	case "forbidden":
		// Prosody 0.12 says forbidden both for a node that is not there and for one
		// that is closed; as a contact we can tell them apart.
		if blog.Kind == "person" && b.approved(ctx, blog) {
			_, err := b.xmpp.IQ(ctx, stanza.IQ("get", b.bare(), owner, stanza.ItemsRequest(blog.Node, nil, 1, nil)))
			if err == nil {
				return db.GateClosed, reasonClosed(blog)
			}
			if errors.As(err, &se) && se.Condition == "item-not-found" {
				return db.GateMissing, reasonMissing(blog)
			}
		}
		if n, err := b.db.PostCount(ctx, blog.ID); err == nil && n > 0 {
			return db.GateClosed, reasonClosed(blog)
		}
		return db.GateMissing, reasonEither(blog)
	}
	return db.GateUnknown, ""
}

// setGate stores what was found by asking at a time, unless somebody who asked
// later has found something else. The blog at hand may be old: others look at
// the same node, and what was stored last is what counts as before.
func (b *Bridge) setGate(ctx context.Context, blog *db.Blog, gate db.Gate, reason string, asked int64, tell bool) error {
	row, err := b.db.BlogByID(ctx, blog.ID)
	if err != nil {
		return err
	}
	fresh := asked-row.ProbedAt < b.cfg.Poll.Milliseconds()/2
	if row.Gate != gate || row.Reason != reason || !fresh { // else no write for each post
		err = b.db.Tx(ctx, func(tx *db.Tx) error {
			if row, err = tx.BlogByID(ctx, blog.ID); err != nil || row.ProbedAt > asked {
				return err
			}
			return tx.SetGate(ctx, blog.ID, gate, reason, asked)
		})
		if err != nil {
			return err
		}
	}
	if row.ProbedAt > asked && row.Gate != gate {
		blog.Gate, blog.Reason, blog.ProbedAt = row.Gate, row.Reason, row.ProbedAt
		return nil
	}
	blog.Gate, blog.Reason, blog.ProbedAt = gate, reason, max(asked, row.ProbedAt)
	if row.Gate != gate {
		b.logger(ctx).Info("gate changed", "jid", blog.JID, "node", blog.Node, "gate", gate, "was", row.Gate)
	} else if tell {
		return nil
	}
	return b.gateChanged(ctx, blog, tell)
}

// gateChanged tells the owner that the blog can be read or no longer be read,
// once until it changes back; without tell they know it from an answer.
func (b *Bridge) gateChanged(ctx context.Context, blog *db.Blog, tell bool) error {
	kind, other, text := noticeOpen, noticeClosed, b.textOpened
	switch blog.Gate {
	case db.GateOpen:
	case db.GateClosed:
		kind, other, text = noticeClosed, noticeOpen, b.textClosed
	default:
		return nil
	}
	if err := b.db.ClearNotice(ctx, blog.ID, other); err != nil {
		return err
	}
	if !tell {
		_, err := b.db.Notice(ctx, blog.ID, kind, b.nowMS())
		return err
	}
	return b.notify(ctx, blog, kind, func(ctx context.Context) string { return text(ctx, blog) })
}

// Notices about the gate; each is given once, until the other one is.
const (
	noticeOpen   = "open"
	noticeClosed = "closed"
)

// These are keys of the catalogue: what is stored as a blog's Reason.

func reasonMissing(blog *db.Blog) string {
	if blog.Kind == "group" {
		return "blog.why.missing.node"
	}
	return "blog.why.missing"
}

func reasonClosed(blog *db.Blog) string {
	if blog.Kind == "group" {
		return "blog.why.closed.node"
	}
	return "blog.why.closed"
}

func reasonEither(blog *db.Blog) string {
	if blog.Kind == "group" {
		return "blog.why.either.node"
	}
	return "blog.why.either"
}
