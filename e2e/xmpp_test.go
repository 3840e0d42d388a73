//go:build e2e

package e2e

import (
	"slices"
	"testing"

	"isthmus/e2e/world"
)

func TestTheGatewayIntroducesItself(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise := w.Person("louise")
		info, err := louise.Client.Info(w.Gateway.Component, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(info.Identities) == 0 || info.Identities[0].Category != "gateway" || info.Identities[0].Type != "activitypub" || info.Identities[0].Name == "" {
			t.Errorf("identities: %+v", info.Identities)
		}
		for _, f := range []string{"http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/commands", "jabber:iq:register", "urn:xmpp:ping", "jabber:iq:version"} {
			if !slices.Contains(info.Features, f) {
				t.Errorf("feature %s is missing from %v", f, info.Features)
			}
		}
		if err := louise.Client.Ping(w.Gateway.Component); err != nil {
			t.Error(err)
		}
		if name, version, err := louise.Client.Version(w.Gateway.Component); err != nil || name == "" || version == "" {
			t.Errorf("version: %q %q %v", name, version, err)
		}
		for _, to := range []string{w.Gateway.Component, `bob\40fedi.test@` + w.Gateway.Component, `nobody@` + w.Gateway.Component} {
			answer, err := louise.Client.IQ("get", to, `<what xmlns="urn:example:unknown"/>`)
			if err != nil {
				t.Errorf("%s: %v", to, err)
			} else if c := answer.Condition(); c != "service-unavailable" && c != "feature-not-implemented" && c != "item-not-found" {
				t.Errorf("%s answers an unknown request with %q", to, c)
			}
			if err := louise.Client.Ping(to); err != nil && to != `nobody@`+w.Gateway.Component {
				t.Errorf("ping of %s: %v", to, err)
			}
		}
	})
}
