package bridge

import (
	"context"

	"isthmus/component"
	"isthmus/component/stanza"
)

// direct is a message to a Fediverse account.
func (b *Bridge) direct(ctx context.Context, m component.Message) error {
	return stanza.ErrServiceUnavailable("Messages to Fediverse accounts are not supported yet.")
}
