package bridge

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// kindAnnounce tells one person what the admin has to say. Its key is the
// announcement and the bare address, its arguments are the text.
const kindAnnounce = "announce"

const (
	announceGap = 250 * time.Millisecond // between two people
	maxAnnounce = 5000                   // runes
)

// cmdAnnounce is a message to everybody who uses the gateway, one after the other:
// a job for each, so that it goes on after a restart.
func (b *Bridge) cmdAnnounce(ctx context.Context, a asking) (answer, error) {
	text := clip(a.after(0), maxAnnounce)
	if text == "" {
		return answer{Ask: &field{Var: "announcement", Type: "text-multi"}, Text: b.say(ctx, "safety.announce.what")}, nil
	}
	blogs, err := b.db.Blogs(ctx)
	if err != nil {
		return answer{}, err
	}
	people := usersOf(blogs)
	if !a.Sure {
		return answer{Confirm: true, Text: b.say(ctx, "safety.announce.sure", "number", len(people), "text", text)}, nil
	}
	id := b.token()
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		for i, who := range people {
			due := b.nowMS() + int64(i)*announceGap.Milliseconds()
			if err := tx.AddJob(ctx, db.Job{Kind: kindAnnounce, Key: id + " " + who, Args: text, Due: due}); err != nil {
				return err
			}
		}
		return nil
	})
	b.jobs.Kick()
	b.audited(ctx, a.From, "announce", strconv.Itoa(len(people)), text)
	return answer{Text: b.say(ctx, "safety.announce.done", "number", len(people))}, err
}

func (b *Bridge) announce(ctx context.Context, j queue.Job) error {
	id, who, _ := strings.Cut(j.Key, " ")
	if !b.xmpp.Status().Up {
		return errTrouble
	}
	to := mustJID(who)
	text := b.say(b.speakTo(ctx, to), "safety.announcement", "text", j.Args)
	body := stanza.New(stanza.NSComponent, "body").AddText(text)
	err := b.xmpp.Send(stanza.Message("chat", b.bare(), to, body).Set("id", "announce-"+id)) // told twice after a crash, it is the same
	if errors.Is(err, component.ErrDown) {
		return errTrouble
	}
	return err
}
