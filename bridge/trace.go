package bridge

import (
	"context"
	"log/slog"
)

// logKey carries the logger of what is being handled: its lines name the stanza,
// activity or job that they belong to, so that one id finds all of them.
type logKey struct{}

// with adds attributes to every line logged under the context it returns.
func (b *Bridge) with(ctx context.Context, attrs ...any) context.Context {
	return context.WithValue(ctx, logKey{}, b.logger(ctx).With(attrs...))
}

func (b *Bridge) logger(ctx context.Context) *slog.Logger {
	if l, ok := ctx.Value(logKey{}).(*slog.Logger); ok {
		return l
	}
	return b.log
}

// withStanza is with for a stanza, whose sender reads what is said of it; one that
// came without an id gets one for the log (ejabberd's events have none).
func (b *Bridge) withStanza(ctx context.Context, id, from string) context.Context {
	if id == "" {
		id = "~" + b.token()[:8]
	}
	return b.with(b.speakTo(ctx, mustJID(from)), "stanza", id, "from", from)
}
