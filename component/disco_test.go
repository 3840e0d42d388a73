package component

import (
	"errors"
	"testing"

	"isthmus/component/stanza"
)

const (
	infoNS  = `xmlns='http://jabber.org/protocol/disco#info'`
	itemsNS = `xmlns='http://jabber.org/protocol/disco#items'`
)

func TestGatewayInfo(t *testing.T) {
	s, c, _, _ := connected(t)
	node, ver, hash, _ := stanza.ParseCaps(stanza.New(stanza.NSComponent, "presence").Add(c.Caps()))
	if hash != "sha-1" || node == "" {
		t.Fatalf("caps %s", c.Caps().XML())
	}
	for _, to := range []string{"ap.example.org", "ap.example.org/gw"} {
		for _, n := range []string{"", node + "#" + ver} {
			got := s.Ask(`<iq type='get' from='a@example.org' to='` + to + `' id='1'><query ` + infoNS + ` node='` + n + `'/></iq>`)
			info := stanza.ParseInfo(got)
			if len(info.Identities) != 1 || info.Identities[0] != (stanza.Identity{Category: "gateway", Type: "activitypub", Name: "Test gateway"}) {
				t.Errorf("identities %+v", info.Identities)
			}
			if info.Ver() != ver {
				t.Errorf("info has ver %s, caps say %s", info.Ver(), ver)
			}
			if q := got.First(stanza.NSDiscoInfo, "query"); q.Get("node") != n {
				t.Errorf("node %q, want %q", q.Get("node"), n)
			}
			for _, f := range []string{
				"urn:xmpp:microblog:0+notify", "urn:xmpp:avatar:metadata+notify", "urn:xmpp:vcard4+notify", "http://jabber.org/protocol/nick+notify",
				"urn:xmpp:ping", "jabber:iq:version", "jabber:iq:register", "jabber:iq:search", "jabber:iq:gateway", "http://jabber.org/protocol/commands",
			} {
				if !info.Has(f) {
					t.Errorf("feature %s is missing", f)
				}
			}
		}
	}
	for _, tc := range [][2]string{
		{"ap.example.org", "urn:other"},
		{"ap.example.org", node + "#old"},
	} {
		s.Send(`<iq type='get' from='a@example.org' to='` + tc[0] + `' id='2'><query ` + infoNS + ` node='` + tc[1] + `'/></iq>`)
		s.Expect(`<iq type='error' id='2'><error type='cancel'><item-not-found ` + stanzasNS + `/></error></iq>`)
	}
	s.Send(`<iq type='get' from='a@example.org' to='ap.example.org/other' id='3'><query ` + infoNS + `/></iq>`)
	s.Expect(`<iq type='error' id='3'><error type='cancel'><service-unavailable ` + stanzasNS + `/></error></iq>`)
}

func TestGatewayItems(t *testing.T) {
	s, _, _, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.commands = []CommandInfo{{"start", "Start"}, {"status", "Status"}}
	})
	got := s.Ask(`<iq type='get' from='a@example.org' to='ap.example.org' id='1'><query ` + itemsNS + `/></iq>`)
	if got.Type() != "result" || len(stanza.ParseDiscoItems(got)) != 0 {
		t.Errorf("got %s", got.XML())
	}
	s.Send(`<iq type='get' from='a@example.org' to='ap.example.org' id='2'><query ` + itemsNS + ` node='http://jabber.org/protocol/commands'/></iq>`)
	s.Expect(`<iq type='result' id='2'><query ` + itemsNS + ` node='http://jabber.org/protocol/commands'>
		<item jid='ap.example.org' node='start' name='Start'/><item jid='ap.example.org' node='status' name='Status'/></query></iq>`)
	s.Send(`<iq type='get' from='a@example.org' to='ap.example.org' id='3'><query ` + infoNS + ` node='status'/></iq>`)
	s.Expect(`<iq type='result' id='3'><query ` + infoNS + ` node='status'><identity category='automation' type='command-node' name='Status'/>
		<feature var='http://jabber.org/protocol/commands'/><feature var='jabber:x:data'/></query></iq>`)
	s.Send(`<iq type='get' from='a@example.org' to='ap.example.org' id='4'><query ` + infoNS + ` node='http://jabber.org/protocol/commands'/></iq>`)
	s.Expect(`<iq type='result' id='4'><query ` + infoNS + `><identity category='automation' type='command-list'/></query></iq>`)
	s.Send(`<iq type='get' from='a@example.org' to='ap.example.org' id='5'><query ` + itemsNS + ` node='status'/></iq>`)
	s.Expect(`<iq type='result' id='5'><query ` + itemsNS + ` node='status'/></iq>`)
	s.Send(`<iq type='get' from='a@example.org' to='ap.example.org' id='6'><query ` + itemsNS + ` node='other'/></iq>`)
	s.Expect(`<iq type='error' id='6'><error><item-not-found ` + stanzasNS + `/></error></iq>`)
	s.Send(`<iq type='get' from='a@example.org' to='ap.example.org/other' id='7'><query ` + itemsNS + `/></iq>`)
	s.Expect(`<iq type='error' id='7'><error><service-unavailable ` + stanzasNS + `/></error></iq>`)
}

// What virtual users are is the Handler's.
func TestVirtualUsers(t *testing.T) {
	s, _, _, l := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.info = func(q Query) (stanza.Info, error) {
			switch q.Node {
			case "":
				return stanza.Info{Identities: []stanza.Identity{{Category: "pubsub", Type: "pep", Name: q.To.Local}}}, nil
			case "broken":
				return stanza.Info{}, errors.New("no such table: secret")
			}
			return stanza.Info{}, stanza.ErrItemNotFound("no node " + q.Node)
		}
		h.items = func(q Query) ([]stanza.DiscoItem, error) {
			return []stanza.DiscoItem{{JID: q.To, Node: "urn:xmpp:microblog:0", Name: "Posts"}}, nil
		}
		h.vcard = func(q Query) (*stanza.VCard, error) {
			if q.To.Local == "nobody" {
				return nil, nil
			}
			return &stanza.VCard{FullName: "Bob"}, nil
		}
	})
	head := `<iq type='get' from='a@example.org/x' to='bob@ap.example.org' `
	s.Send(head + `id='1'><query ` + infoNS + `/></iq>`)
	s.Expect(`<iq type='result' id='1'><query ` + infoNS + `><identity category='pubsub' type='pep' name='bob'/></query></iq>`)
	s.Send(head + `id='2'><query ` + infoNS + ` node='n'/></iq>`)
	s.Expect(`<iq type='error' id='2'><error type='cancel'><item-not-found ` + stanzasNS + `/><text ` + stanzasNS + `>no node n</text></error></iq>`)
	s.Send(head + `id='3'><query ` + infoNS + ` node='broken'/></iq>`)
	if got := s.Expect(`<iq type='error' id='3'><error><internal-server-error ` + stanzasNS + `/></error></iq>`); stanza.ParseError(got).Text != "" {
		t.Errorf("the error tells too much: %s", got.XML())
	}
	l.await(t, "no such table: secret")
	s.Send(head + `id='4'><query ` + itemsNS + `/></iq>`)
	s.Expect(`<iq type='result' id='4'><query ` + itemsNS + `><item jid='bob@ap.example.org' node='urn:xmpp:microblog:0' name='Posts'/></query></iq>`)
	s.Send(head + `id='5'><vCard xmlns='vcard-temp'/></iq>`)
	s.Expect(`<iq type='result' id='5'><vCard xmlns='vcard-temp'><FN>Bob</FN></vCard></iq>`)
	s.Send(`<iq type='get' from='a@example.org/x' to='nobody@ap.example.org' id='6'><vCard xmlns='vcard-temp'/></iq>`)
	s.Expect(`<iq type='error' id='6'><error><item-not-found ` + stanzasNS + `/></error></iq>`)
	s.Send(`<iq type='get' from='a@example.org/x' to='ap.example.org' id='7'><vCard xmlns='vcard-temp'/></iq>`)
	s.Expect(`<iq type='result' id='7'><vCard xmlns='vcard-temp'><FN>Test gateway</FN></vCard></iq>`)
	s.Send(`<iq type='set' from='a@example.org/x' to='bob@ap.example.org' id='8'><vCard xmlns='vcard-temp'/></iq>`)
	s.Expect(`<iq type='error' id='8'><error><service-unavailable ` + stanzasNS + `/></error></iq>`)
}
