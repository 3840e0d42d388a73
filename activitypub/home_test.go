package activitypub

import (
	"net/http"
	"strings"
	"testing"
)

// What a server offers is read; what leads elsewhere than it says, or is no template, is not.
func TestHome(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	host := p.Listener.Addr().String()
	p.fingers(map[string]string{
		"acct:bob@" + host: `{"subject":"acct:bob@` + host + `","links":[
			{"rel":"http://ostatus.org/schema/1.0/subscribe","template":"$BASE/authorize_interaction?uri={uri}"},
			{"rel":"https://w3id.org/fep/3b86/Follow","template":"$BASE/intents/follow?object={object}&back={on-success}"},
			{"rel":"https://w3id.org/fep/3b86/Like","template":"https://{object}/like"},
			{"rel":"https://w3id.org/fep/3b86/Announce","template":"javascript:alert({object})"},
			{"rel":"https://w3id.org/fep/3b86/Create","href":"$BASE/share"},
			{"rel":"https://w3id.org/fep/3b86/Object","template":"https://user:pass@` + host + `/{object}"}]}`,
		"acct:old@" + host:  `{"subject":"acct:old@` + host + `",` + selfLink + `}`,
		"acct:odd@" + host:  `{"subject":"acct:odd@` + host + `","links":[{"rel":"http://ostatus.org/schema/1.0/subscribe","template":"$BASE/x"}]}`,
		"acct:none@" + host: `{}`,
	})
	home, err := c.Home(t.Context(), "@bob@"+host)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "handle", home.Handle, "bob@"+host)
	equal(t, "subscribe", home.Subscribe, p.URL+"/authorize_interaction?uri={uri}")
	if len(home.Intents) != 1 || home.Intents["Follow"] != p.URL+"/intents/follow?object={object}&back={on-success}" {
		t.Errorf("intents: %v", home.Intents)
	}
	for _, user := range []string{"old", "odd", "none"} {
		if home, err := c.Home(t.Context(), user+"@"+host); err != nil || home.Subscribe != "" || len(home.Intents) > 0 {
			t.Errorf("%s: %+v, %v", user, home, err)
		}
	}
	p.on("/authorize_interaction", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte("<!DOCTYPE html>"))
	})
	home, err = c.Home(t.Context(), "old@"+host)
	if err != nil || !strings.HasSuffix(home.Subscribe, host+"/authorize_interaction?uri={uri}") {
		t.Errorf("a server that says nothing of its page: %+v, %v", home, err)
	}
	_, err = c.Home(t.Context(), "nobody@"+host)
	equal(t, "unknown is gone", Gone(err), true)
	_, err = c.Home(t.Context(), "bob")
	wantErr(t, "no handle", err, ErrHandle)
}
