package component

import (
	"sync"

	"isthmus/component/stanza"
)

const (
	asideDepth    = 64       // waiting of one sender
	asideParallel = 8        // questions of one sender that are answered at a time
	asideTotal    = 4096     // waiting or being handled, of all senders
	asideBytes    = 32 << 20 // of their XML
)

// aside is where stanzas are handled that make other servers be asked: some of
// those answer late or never, and nobody else in the lane shall wait for them. What
// one sender does here keeps its order; what it only asks does not.
type aside struct {
	mu      sync.Mutex
	senders map[string]*waiting
	total   int
	bytes   int64
	wg      sync.WaitGroup
}

// waiting is what one sender has here.
type waiting struct {
	queue   []func()
	busy    bool // somebody works on the queue
	asking  int  // questions being answered
	pending int  // of both kinds
}

// offer takes a job, in order after the sender's others or, if it is a question,
// beside them. It reports false when there is too much.
func (a *aside) offer(sender string, size int64, question bool, handle func()) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.total >= asideTotal || a.bytes+size > asideBytes {
		return false
	}
	if a.senders == nil {
		a.senders = make(map[string]*waiting)
	}
	w := a.senders[sender]
	if w == nil {
		w = &waiting{}
		a.senders[sender] = w
	}
	if w.pending >= asideDepth {
		return false
	}
	w.pending++
	a.total++
	a.bytes += size
	done := func() {
		handle()
		a.mu.Lock()
		defer a.mu.Unlock()
		a.total--
		a.bytes -= size
		if w.pending--; w.pending == 0 {
			delete(a.senders, sender)
		}
	}
	if question && w.asking < asideParallel {
		w.asking++
		a.wg.Go(func() {
			done()
			a.mu.Lock()
			defer a.mu.Unlock()
			w.asking--
		})
		return true
	}
	w.queue = append(w.queue, done)
	if !w.busy {
		w.busy = true
		a.wg.Go(func() { a.work(w) })
	}
	return true
}

// work empties a sender's queue.
func (a *aside) work(w *waiting) {
	for {
		a.mu.Lock()
		if len(w.queue) == 0 {
			w.busy = false
			a.mu.Unlock()
			return
		}
		next := w.queue[0]
		w.queue = w.queue[1:]
		a.mu.Unlock()
		next()
	}
}

// wait returns when nothing is handled any more. Nobody may offer by then.
func (a *aside) wait() { a.wg.Wait() }

// mayTakeLong reports whether handling a stanza may make us ask other servers, and
// whether it is a mere question.
func (c *Component) mayTakeLong(e *stanza.Element) (long, question bool) {
	to := e.To()
	virtual := to.Local != ""
	switch e.Local {
	case "presence":
		return virtual && (e.Type() == "subscribe" || e.Type() == "unsubscribe"), false
	case "message": // a command or a direct message, unless it is an event or an answer
		said := e.First(e.Space, "body") != nil || e.First(stanza.NSReactions, "reactions") != nil || e.First(stanza.NSRetract, "retract") != nil
		return said && e.Type() != "error" && e.First(stanza.NSPubSubEvent, "event") == nil, false
	}
	children := e.Elements()
	if len(children) != 1 {
		return false, false
	}
	switch q := children[0]; q.Space {
	case stanza.NSDiscoInfo, stanza.NSDiscoItems, stanza.NSVCardTemp, stanza.NSVCard4:
		return virtual, true
	case stanza.NSPubSub:
		return virtual && !(e.Type() == "get" && asksForKeys(q)), e.Type() == "get"
	case stanza.NSSearch, stanza.NSGateway, stanza.NSCommands:
		return !virtual && e.Type() == "set", false
	}
	return false, false
}
