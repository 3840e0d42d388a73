package bridge

import (
	"context"

	"isthmus/component"
	"isthmus/component/stanza"
)

func (b xmppSide) Fetch(ctx context.Context, f component.FetchRequest) (component.FetchResult, error) {
	return component.FetchResult{}, stanza.ErrItemNotFound("")
}

func (b xmppSide) Subscribe(ctx context.Context, s component.SubscribeRequest) (stanza.Subscription, error) {
	return stanza.Subscription{}, stanza.ErrItemNotFound("")
}

func (b xmppSide) Unsubscribe(ctx context.Context, s component.SubscribeRequest) error {
	return stanza.ErrItemNotFound("")
}

func (b xmppSide) Subscriptions(ctx context.Context, q component.Query) ([]stanza.Subscription, error) {
	return nil, nil
}

func (b xmppSide) Search(ctx context.Context, from stanza.JID, what string) ([]component.Found, error) {
	return nil, nil
}

func (b xmppSide) Locate(ctx context.Context, from stanza.JID, what string) (stanza.JID, error) {
	return stanza.JID{}, stanza.ErrItemNotFound("")
}
