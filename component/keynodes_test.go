package component

import (
	"testing"

	"isthmus/component/xmpptest"
)

// A question for keys is answered in its lane, as nobody is asked. Nothing else is
// taken for one: what a set carries besides does not keep its look-ups in the lane.
func TestKeysTakeNoTime(t *testing.T) {
	var c Component
	const omemo = `<items node='urn:xmpp:omemo:2:devices'/>`
	for xml, want := range map[string]bool{
		`<iq type='get' to='bob@ap.example.org'><pubsub xmlns='http://jabber.org/protocol/pubsub'>` + omemo + `</pubsub></iq>`:                                false,
		`<iq type='get' to='bob@ap.example.org'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:microblog:0'/></pubsub></iq>`:         true,
		`<iq type='set' to='bob@ap.example.org'><pubsub xmlns='http://jabber.org/protocol/pubsub'>` + omemo + `<subscribe node='n' jid='a@b'/></pubsub></iq>`: true,
	} {
		if long, _ := c.mayTakeLong(xmpptest.Parse(xml)); long != want {
			t.Errorf("%s: takes long %v, want %v", xml, long, want)
		}
	}
}
