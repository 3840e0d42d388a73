package bridge

import (
	"context"
	"crypto"
)

// Echo makes a token that makes every process of this gateway say what arrives of a request.
func (b desk) Echo(context.Context) (string, error) { return b.pass("echo"), nil }

// echoes is the gateway's own key, for who has a token.
func (b *Bridge) echoes(ctx context.Context, token string) (crypto.PublicKey, bool) {
	if !b.passes("echo", token) {
		return nil, false
	}
	key, err := b.instanceKey(ctx)
	if err != nil {
		return nil, false
	}
	return key.Private.Public(), true
}
