//go:build e2e

package component

import (
	"context"
	"errors"
	"testing"
	"time"

	"isthmus/component/stanza"
)

// What a real server grants, and what it says to what it does not.
func e2ePrivileges(t *testing.T, srv *realServer) {
	c, h := srv.up(t, "ap")
	other, _ := srv.up(t, "other")
	ctx, cancel := context.WithTimeout(t.Context(), e2ePatience)
	defer cancel()
	for !c.MayAct(srv.host, stanza.NSPubSub) { // comes when it comes, after the handshake
		if ctx.Err() != nil {
			t.Fatal("no privileges advertised; is prosody-modules installed?")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !c.MayAct(srv.host, stanza.NSPubSubOwner) || c.MayAct(srv.host, "jabber:iq:roster") || other.MayAct(srv.host, stanza.NSPubSub) {
		t.Error("may act as nobody said")
	}

	alice := addr("alice@" + srv.host)
	ask := func(typ string, to stanza.JID, payload *stanza.Element) (*stanza.Element, error) {
		return c.As(ctx, alice, stanza.IQ(typ, stanza.JID{}, to, payload))
	}
	publish := stanza.PublishRequest("n", stanza.Item{ID: "1", Payload: stanza.New("urn:x", "note")}, nil)
	if _, err := ask("set", stanza.JID{}, publish); err != nil {
		t.Fatalf("publish on her PEP: %v", err)
	}
	r, err := ask("get", alice, stanza.ItemsRequest("n", nil, 0, nil))
	if items, _ := stanza.ParseItems(r); err != nil || len(items) != 1 || items[0].ID != "1" {
		t.Errorf("items: %v, %v", r.XML(), err)
	}
	if _, err := ask("set", alice, stanza.RetractRequest("n", "1", true)); err != nil {
		t.Errorf("retract: %v", err)
	}
	if _, err := ask("set", alice, stanza.RetractRequest("n", "1", true)); stanza.Condition(err) != "item-not-found" {
		t.Errorf("retract what is gone: %v", err)
	}
	remove := stanza.New(stanza.NSPubSubOwner, "pubsub").Add(stanza.New(stanza.NSPubSubOwner, "delete", "node", "n"))
	if _, err := ask("set", alice, remove); err != nil {
		t.Errorf("delete the node: %v", err)
	}
	if _, err := ask("get", alice, remove); !errors.Is(err, ErrNotPrivileged) {
		t.Errorf("get where only set is granted: %v", err)
	}
	if _, err := c.As(ctx, addr("nobody@"+srv.host), stanza.IQ("set", stanza.JID{}, stanza.JID{}, publish)); stanza.Condition(err) != "forbidden" {
		t.Errorf("as a missing account: %v", err)
	}

	// To one of our own, who is asked by alice's bare address. The module keeps the
	// condition of an error only when the server itself makes it.
	virtual := addr(`bob\40social.example@ap.` + srv.host)
	if _, err := ask("set", virtual, publish); stanza.Condition(err) != "internal-server-error" {
		t.Errorf("publish with a virtual user: %v", err)
	}
	h.expectSoon(t, "publish by "+alice.String()+" to "+virtual.String()+": 1 in n")
	stayed(t, c)
}
