package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// relay carries stanzas between the processes: one has the XMPP stream, and the others
// leave theirs in the database for it. A question goes the same way, and its answer back.
type relay struct {
	mu    sync.Mutex
	woken chan struct{} // closed when something may be new, and made anew
	asked map[int64]bool
}

func newRelay() *relay {
	return &relay{woken: make(chan struct{}), asked: make(map[int64]bool)}
}

func (r *relay) kick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.woken)
	r.woken = make(chan struct{})
}

func (r *relay) news() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.woken
}

// How long what was relayed is of use, and what is relayed at a time.
const (
	messageFor   = 24 * time.Hour
	presenceFor  = time.Minute
	questionTime = 30 * time.Second
	relayBatch   = 100
	maxQuestions = 64 // under way
)

// transmit sends what nobody waits for. Messages wait for the stream when there is none;
// what presence says is then out of date, unless another process has the stream.
func (b *Bridge) transmit(e *stanza.Element) {
	err := b.xmpp.Send(e)
	if errors.Is(err, component.ErrDown) {
		switch {
		case e.Local == "message":
			err = b.leaveStanza(e, messageFor)
		case b.leads.Load():
			return
		default:
			err = b.leaveStanza(e, presenceFor)
		}
	}
	if err != nil {
		b.log.Error("stanza not sent", "name", e.Local, "to", e.Get("to"), "err", err)
	}
}

// leaveStanza leaves a stanza for who has the stream, or will have it.
func (b *Bridge) leaveStanza(e *stanza.Element, useful time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), questionTime)
	defer cancel()
	_, err := b.db.Relay(ctx, db.Relayed{Stanza: string(e.AppendXML(nil, "")), Until: b.now().Add(useful).UnixMilli()})
	b.relay.kick()
	b.wakes.say(topicRelay)
	return err
}

// askThrough is component.IQ from any process.
func (b *Bridge) askThrough(ctx context.Context, iq *stanza.Element) (*stanza.Element, error) {
	if b.leads.Load() || b.member.Alone() {
		return b.xmpp.IQ(ctx, iq)
	}
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	until, _ := ctx.Deadline()
	id, err := b.db.Relay(ctx, db.Relayed{Process: b.member.ID, Stanza: string(iq.AppendXML(nil, "")), Until: until.UnixMilli()})
	if err != nil {
		return nil, err
	}
	defer b.db.DropRelayed(context.WithoutCancel(ctx), id) // whatever comes of it
	b.wakes.say(topicRelay)
	for {
		news := b.relay.news()
		text, err := b.db.TakeAnswer(ctx, id)
		if err == nil {
			return answerOf(text)
		}
		if !errors.Is(err, db.ErrNotFound) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil, fmt.Errorf("%w from %s, through another process", component.ErrTimeout, iq.Get("to"))
			}
			return nil, ctx.Err()
		case <-news:
		case <-time.After(time.Second):
		}
	}
}

func answerOf(text string) (*stanza.Element, error) {
	e, err := stanza.ParseXML([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("relayed answer: %w", err)
	}
	if e.Type() == "error" {
		return nil, stanza.ParseError(e)
	}
	return e, nil
}

// relayed sends what others left, in order, while this process has the stream.
func (b *Bridge) relayed(ctx context.Context) error {
	for {
		news := b.relay.news()
		if b.xmpp.Status().Up {
			if err := b.sendRelayed(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, component.ErrDown) {
				b.log.Error("relayed stanzas not sent", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-news:
		case <-time.After(time.Second):
		}
	}
}

func (b *Bridge) sendRelayed(ctx context.Context) error {
	for last := int64(0); ; {
		batch, err := b.db.Relayed(ctx, last, relayBatch)
		if err != nil {
			return err
		}
		for _, r := range batch {
			last = r.ID
			if err := b.sendOne(ctx, r); err != nil {
				return err
			}
		}
		if len(batch) < relayBatch {
			return nil
		}
	}
}

func (b *Bridge) sendOne(ctx context.Context, r db.Relayed) error {
	if r.Until < b.nowMS() {
		return b.db.DropRelayed(ctx, r.ID)
	}
	e, err := stanza.ParseXML([]byte(r.Stanza))
	if err != nil {
		b.log.Error("relayed stanza dropped", "err", err)
		return b.db.DropRelayed(ctx, r.ID)
	}
	if r.Process != "" {
		b.askFor(ctx, r, e)
		return nil
	}
	if err = b.xmpp.Send(e); errors.Is(err, component.ErrDown) {
		return err
	} else if err != nil {
		b.log.Error("relayed stanza dropped", "to", e.Get("to"), "err", err)
	}
	return b.db.DropRelayed(ctx, r.ID)
}

// askFor asks another process's question, once. One that the stream was lost for waits for
// who has it next.
func (b *Bridge) askFor(ctx context.Context, r db.Relayed, iq *stanza.Element) {
	b.relay.mu.Lock()
	defer b.relay.mu.Unlock()
	if b.relay.asked[r.ID] || len(b.relay.asked) >= maxQuestions {
		return
	}
	b.relay.asked[r.ID] = true
	go func() {
		defer func() {
			b.relay.mu.Lock()
			defer b.relay.mu.Unlock()
			delete(b.relay.asked, r.ID)
		}()
		ctx, cancel := context.WithDeadline(ctx, msTime(r.Until))
		defer cancel()
		answer, err := b.xmpp.IQ(ctx, iq)
		var refused *stanza.Error
		switch {
		case errors.As(err, &refused):
			answer = stanza.ErrorReply(iq, refused)
		case err != nil:
			return // it is asked again, or its time is over
		}
		if err := b.db.AnswerRelayed(ctx, r.ID, string(answer.AppendXML(nil, ""))); err != nil {
			b.log.Error("relayed answer not stored", "err", err)
			return
		}
		b.wakes.say(topicAnswer + ":" + r.Process)
	}()
}
