package bridge

import (
	"context"
	"errors"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// Virtual addresses: a Fediverse account seen from XMPP. Reading and following
// them comes later; until then they say what they are and nothing more.

// Info answers disco#info of an address with a localpart.
func (b xmppSide) Info(ctx context.Context, q component.Query) (stanza.Info, error) {
	user, host, err := b.virtual(q)
	if err != nil {
		return stanza.Info{}, err
	}
	return stanza.Info{
		Identities: []stanza.Identity{{Category: "account", Type: "registered", Name: "@" + user + "@" + host}},
		Features:   []string{stanza.NSDiscoInfo, stanza.NSDiscoItems, stanza.NSPing, stanza.NSVersion, stanza.NSVCardTemp},
	}, nil
}

// Items answers disco#items.
func (b xmppSide) Items(ctx context.Context, q component.Query) ([]stanza.DiscoItem, error) {
	_, _, err := b.virtual(q)
	return nil, err
}

// VCard answers vcard-temp from what is stored.
func (b xmppSide) VCard(ctx context.Context, q component.Query) (*stanza.VCard, error) {
	user, host, err := b.virtual(q)
	if err != nil {
		return nil, err
	}
	r, err := b.db.RemoteByHandle(ctx, user+"@"+host)
	if errors.Is(err, db.ErrNotFound) {
		return nil, stanza.ErrItemNotFound("")
	}
	if err != nil {
		return nil, err
	}
	return &stanza.VCard{FullName: r.Name, Nick: "@" + r.Handle, URLs: []string{r.Actor}}, nil
}

// virtual reads the Fediverse account out of an address (XEP-0106).
func (b *Bridge) virtual(q component.Query) (user, host string, err error) {
	if q.Node != "" {
		return "", "", stanza.ErrItemNotFound("")
	}
	user, host, ok := b.addr.ParseRemoteJID(q.To)
	if !ok {
		return "", "", stanza.ErrItemNotFound("Addresses here look like user\\40host@" + b.cfg.Component + ".")
	}
	return user, host, nil
}
