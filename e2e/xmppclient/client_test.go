//go:build e2e

package xmppclient

import (
	"strings"
	"testing"
	"time"

	"isthmus/e2e/xmppserver"
)

func TestClientsPublishAndHearEachOther(t *testing.T) {
	b, err := NewBridge()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	for _, f := range xmppserver.All {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			s, err := xmppserver.Start(f, t.TempDir(), string(f)+".test")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Kill)
			login := func(user string) *Client {
				if err := s.Account(user); err != nil {
					t.Fatal(err)
				}
				c, err := b.Login(user+"-"+string(f), user+"@"+s.Domain+"/test", xmppserver.Password, s.ClientAddr())
				if err != nil {
					t.Fatal(err, b.Log())
				}
				return c
			}
			louise, bob := login("louise"), login("bob")
			for _, c := range []*Client{louise, bob} {
				if err := c.Presence("", ""); err != nil {
					t.Fatal(err)
				}
			}
			mark := louise.Mark()
			if _, err := bob.Chat(louise.Bare(), "hello <louise> ♥"); err != nil {
				t.Fatal(err)
			}
			if _, err := louise.Wait(10*time.Second, mark, func(e *Element) bool { return e.Value("body") == "hello <louise> ♥" }); err != nil {
				t.Error(err)
			}
			_, err = louise.Must("set", "", `<pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node="urn:xmpp:microblog:0"><item id="one">`+
				`<entry xmlns="http://www.w3.org/2005/Atom"><title>first</title></entry></item></publish></pubsub>`)
			if err != nil {
				t.Error(err)
			}
			got, err := louise.Must("get", "", `<pubsub xmlns="http://jabber.org/protocol/pubsub"><items node="urn:xmpp:microblog:0"/></pubsub>`)
			if err != nil || got.Value("pubsub/items/item/entry/title") != "first" {
				t.Errorf("items: %+v %v", got, err)
			}
			refused, err := bob.IQ("get", louise.Bare(), `<pubsub xmlns="http://jabber.org/protocol/pubsub"><items node="urn:xmpp:microblog:0"/></pubsub>`)
			if err != nil || refused.Condition() == "" {
				t.Errorf("a stranger read a presence node: %+v %v", refused, err)
			}
			info, err := louise.Info(s.Pubsub, "")
			if err != nil || len(info.Identities) == 0 || info.Identities[0].Category != "pubsub" {
				t.Errorf("disco: %+v %v", info, err)
			}
			if err := louise.Ping(s.Domain); err != nil {
				t.Error(err)
			}
			if err := bob.Cut(); err != nil {
				t.Error(err)
			}
			if err := louise.Logout(); err != nil {
				t.Error(err)
			}
			if err := bob.Ping(s.Domain); err == nil || !strings.Contains(err.Error(), "not logged in") {
				t.Errorf("after cut: %v", err)
			}
		})
	}
}
