package bridge

import (
	"context"
	"time"

	"isthmus/component/stanza"
)

// How many people are told that the gateway goes, and how long that may take: a
// server that reads slowly does not keep it from stopping.
const (
	farewells    = 1000
	farewellTime = time.Second
)

// stream runs the stream until ctx ends. A stream that ends tells nobody anything
// (xmpp-servers §0.4), so that contacts hear it before (XEP-0100 §5).
func (b *Bridge) stream(ctx context.Context) error {
	lasting, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	stop := context.AfterFunc(ctx, func() {
		defer end()
		done := make(chan struct{})
		go func() {
			defer close(done)
			b.farewell()
		}()
		select {
		case <-done:
		case <-time.After(farewellTime):
		}
	})
	defer stop()
	return b.xmpp.Run(lasting)
}

// farewell tells who is online that the gateway is not. Its accounts stay as they
// are: they would be many, and are there again at the next probe.
func (b *Bridge) farewell() {
	for _, who := range b.present.people(farewells) {
		b.transmit(stanza.Presence("unavailable", b.resource(), who))
	}
}
