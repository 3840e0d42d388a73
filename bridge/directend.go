package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"isthmus/activitypub"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// What becomes of a direct message: its author's client gets a receipt when the
// other server has it, and an error when it never will (design §4 flow 7).

// Job kinds about a direct message.
const (
	kindDirectEnd  = "direct-end"  // tell what became of it
	kindDirectLate = "direct-late" // look whether it has arrived
)

// directLate is after how long the author of a message is told that it has not
// arrived yet.
const directLate = 5 * time.Minute

func lateJob(id, due int64) db.Job {
	return db.Job{Kind: kindDirectLate, Key: strconv.FormatInt(id, 10), Due: due}
}

// ending is what there is to tell: of the message, as its client knew it then.
type ending struct {
	ID     int64
	Stanza string
	Client string
	Why    string // key of the sentence, "" when it was accepted
	Code   int    // status of the other server, 0 for none
}

// directSent hears of an attempt to deliver a direct message. One that may work
// later changes nothing.
func (b *Bridge) directSent(ctx context.Context, id int64, err error) {
	end := ending{ID: id}
	var status *activitypub.StatusError
	if errors.As(err, &status) {
		end.Code = status.Code
	}
	var final interface{ Final() bool }
	switch {
	case err == nil:
	case errors.Is(err, errWithdrawn):
		end.Why = "direct.end.left"
	case errors.Is(err, activitypub.ErrRefused):
		end.Why = "direct.end.blocked"
	case activitypub.Gone(err):
		end.Why = "direct.end.gone"
	case !errors.As(err, &final) || !final.Final():
		return
	case end.Code == http.StatusRequestEntityTooLarge:
		end.Why = "direct.end.large"
	case end.Code == http.StatusUnauthorized || end.Code == http.StatusForbidden:
		end.Why = "direct.end.refused"
	default:
		end.Why = "direct.end.other"
	}
	if err := b.settleDirect(context.WithoutCancel(ctx), end); err != nil {
		b.logger(ctx).Error("end of a direct message not stored", "direct", id, "err", err)
	}
}

// settleDirect stores what became of a message, once, with the job that tells it.
func (b *Bridge) settleDirect(ctx context.Context, end ending) error {
	state := db.DirectAccepted
	if end.Why != "" {
		state = db.DirectFailed
	}
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		fresh, err := tx.SettleDirect(ctx, end.ID, state)
		if err != nil || !fresh {
			return err
		}
		msg, err := tx.DirectByID(ctx, end.ID)
		if err != nil {
			return err
		}
		if msg.Deleted != 0 || end.Why == "" && !msg.Receipt {
			return nil
		}
		end.Stanza, end.Client = msg.Latest, msg.Client
		args, err := json.Marshal(end)
		if err != nil {
			return err
		}
		return tx.AddJob(ctx, db.Job{Kind: kindDirectEnd, Key: fmt.Sprintf("%d %s", end.ID, end.Stanza), Args: string(args), Due: b.nowMS()})
	})
	b.jobs.Kick()
	return err
}

// tellDirectEnd sends the receipt (XEP-0184 §5.2) or the error (RFC 6120 §8.3).
// An error later than the author looks at the chat is a message besides: no server
// keeps errors for who is away.
func (b *Bridge) tellDirectEnd(ctx context.Context, j queue.Job) error {
	var end ending
	if err := json.Unmarshal([]byte(j.Args), &end); err != nil {
		return err
	}
	msg, err := b.db.DirectByID(ctx, end.ID)
	if err != nil {
		return ignoreNotFound(err)
	}
	client, peer := mustJID(end.Client), mustJID(msg.JID)
	ctx = b.speakTo(ctx, client)
	if end.Why == "" {
		received := stanza.New(stanza.NSReceipts, "received", "id", end.Stanza)
		return b.xmpp.Send(stanza.Message("chat", peer, client, received).Set("id", b.token()))
	}
	acc, err := b.db.Account(ctx, msg.Peer)
	if ignoreNotFound(err) != nil {
		return err
	}
	why := b.say(ctx, end.Why, "handle", b.handleAt(acc), "host", hostOf(msg.Peer), "code", end.Code)
	said := stanza.Message("chat", client, peer).Set("id", end.Stanza)
	if err := b.xmpp.Send(stanza.ErrorReply(said, endError(end, why))); err != nil {
		return err
	}
	if b.nowMS()-max(msg.Created, msg.Updated) > time.Minute.Milliseconds() {
		b.tell(client.Bare(), b.say(ctx, "direct.failed", "handle", b.handleAt(acc), "time", msTime(msg.Created).Format("2006-01-02 15:04 UTC"), "why", why))
	}
	return nil
}

// endError is the condition of an error that clients show beside the message.
func endError(end ending, why string) *stanza.Error {
	switch end.Why {
	case "direct.end.gone":
		return stanza.ErrItemNotFound(why)
	case "direct.end.large":
		return stanza.ErrPolicyViolation(why)
	case "direct.end.refused", "direct.end.left", "direct.end.blocked":
		return stanza.ErrForbidden(why)
	case "direct.end.late":
		return stanza.ErrRemoteTimeout(why)
	}
	return stanza.ErrServiceUnavailable(why)
}

// lookLate says that a message has not arrived yet, and in the end that it never
// will: the queue has dropped it by then.
func (b *Bridge) lookLate(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	msg, err := b.db.DirectByID(ctx, id)
	if err != nil || msg.State != db.DirectSending {
		return ignoreNotFound(err)
	}
	giveUp := b.cfg.Delivery.GiveUp
	if giveUp == 0 {
		giveUp = 7 * 24 * time.Hour
	}
	begun := msTime(max(msg.Created, msg.Updated))
	until := begun.Add(giveUp)
	if end := until.Add(time.Hour); !b.now().Before(end) {
		return b.settleDirect(ctx, ending{ID: id, Why: "direct.end.late"})
	} else if b.now().Sub(begun) > 2*directLate { // told before
		return queue.Snooze(end.Sub(b.now()))
	}
	if !b.xmpp.Status().Up {
		return b.whenUp()
	}
	acc, err := b.db.Account(ctx, msg.Peer)
	if ignoreNotFound(err) != nil {
		return err
	}
	who := mustJID(msg.Client).Bare()
	ctx = b.speakTo(ctx, who)
	b.tell(who, b.say(ctx, "direct.late", "handle", b.handleAt(acc), "host", hostOf(msg.Peer), "until", until.Format("2006-01-02 15:04 UTC")))
	return queue.Snooze(until.Add(time.Hour).Sub(b.now()))
}
