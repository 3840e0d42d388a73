package stanza

import (
	"reflect"
	"testing"
)

func said(t *testing.T, inner string) (*Element, Said) {
	t.Helper()
	m, err := ParseXML([]byte(`<message xmlns='jabber:component:accept' type='chat' id='m1'>` + inner + `</message>`))
	if err != nil {
		t.Fatal(err)
	}
	return m, ParseSaid(m, m.First(NSComponent, "body").Text())
}

// What clients write: Conversations, Dino, Gajim, Cheogram.
func TestParseSaid(t *testing.T) {
	for inner, want := range map[string]Said{
		`<body>hi</body><request xmlns='urn:xmpp:receipts'/>`:                                                {Text: "hi", Receipt: true},
		`<body>hi!</body><replace xmlns='urn:xmpp:message-correct:0' id='m0'/>`:                              {Text: "hi!", Replaces: "m0"},
		`<body>the end</body><spoiler xmlns='urn:xmpp:spoiler:0'>film</spoiler>`:                             {Text: "the end", Spoiler: true, Warning: "film"},
		`<body>*x*</body><unstyled xmlns='urn:xmpp:styling:0'/>`:                                             {Text: "*x*", Unstyled: true},
		`<body>https://u.example/a.jpg</body><x xmlns='jabber:x:oob'><url>https://u.example/a.jpg</url></x>`: {Files: []File{{URL: "https://u.example/a.jpg"}}},
		`<body>look</body><x xmlns='jabber:x:oob'><url>https://u.example/a.jpg</url><desc>A cat</desc></x>`:  {Text: "look", Files: []File{{URL: "https://u.example/a.jpg", Desc: "A cat"}}},
		`<body>look</body><x xmlns='jabber:x:oob'><url>ftp://u.example/a.jpg</url></x>`:                      {Text: "look"},
		"<body>&gt; Anna wrote:\n&gt; We should bake a cake\nGreat idea!</body>" +
			`<reply xmlns='urn:xmpp:reply:0' to='anna@example.com' id='m9'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='38'/></fallback>`: {Text: "Great idea!", Answers: "m9"},
		`<body>x</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='9' end='3'/><body start='-4'/></fallback>`: {Text: "x"},
		`<body>gone</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:example:what'/>`:                                                   {Text: "gone"},
		`<body>https://u.example/c.png</body><file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'><file xmlns='urn:xmpp:file:metadata:0'><media-type>image/png</media-type><name>c.png</name><size>12</size><desc>A cat</desc></file>` +
			`<sources><url-data xmlns='http://jabber.org/protocol/url-data' target='https://u.example/c.png'/></sources></file-sharing><x xmlns='jabber:x:oob'><url>https://u.example/c.png</url></x>`: {Files: []File{{URL: "https://u.example/c.png", Name: "c.png", Type: "image/png", Desc: "A cat", Size: 12}}},
		`<body>see</body><reference xmlns='urn:xmpp:reference:0' type='data'><media-sharing xmlns='urn:xmpp:sims:1'><file xmlns='urn:xmpp:jingle:apps:file-transfer:5'><media-type>image/jpeg</media-type><desc>A dog</desc></file>` +
			`<sources><reference xmlns='urn:xmpp:reference:0' type='data' uri='https://u.example/d.jpg'/></sources></media-sharing></reference>`: {Text: "see", Files: []File{{URL: "https://u.example/d.jpg", Type: "image/jpeg", Desc: "A dog"}}},
	} {
		if _, got := said(t, inner); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", inner, got, want)
		}
	}
}

func TestFileElements(t *testing.T) {
	f := File{URL: "https://u.example/c.png", Name: "c.png", Type: "image/png", Desc: "A cat", Size: 12}
	m := New(NSComponent, "message").Add(f.Elements()...)
	if got := ParseSaid(m, f.URL); len(got.Files) != 1 || got.Files[0] != f || got.Text != "" {
		t.Errorf("%+v", got)
	}
}

func TestReactionsAndRetractions(t *testing.T) {
	m, _ := said(t, `<reactions xmlns='urn:xmpp:reactions:0' id='m1'><reaction>👋</reaction><reaction>👋</reaction><reaction> 🐢 </reaction></reactions>`)
	if id, list, ok := ParseReactions(m); !ok || id != "m1" || !reflect.DeepEqual(list, []string{"👋", "🐢"}) {
		t.Errorf("%s %v %v", id, list, ok)
	}
	m, _ = said(t, ReactionsElement("m1", nil).XML())
	if id, list, ok := ParseReactions(m); !ok || id != "m1" || len(list) != 0 {
		t.Errorf("taken back: %s %v %v", id, list, ok)
	}
	for _, inner := range []string{
		`<retract xmlns='urn:xmpp:message-retract:1' id='m1'/><body>gone</body>`,
		`<apply-to xmlns='urn:xmpp:fasten:0' id='m1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>`,
	} {
		m, _ = said(t, inner)
		if id, ok := ParseRetraction(m); !ok || id != "m1" {
			t.Errorf("%s: %s %v", inner, id, ok)
		}
	}
	for _, inner := range []string{`<body>x</body>`, `<retract xmlns='urn:xmpp:message-retract:1'/>`, `<reactions xmlns='urn:xmpp:reactions:0'/>`} {
		m, _ = said(t, inner)
		if _, ok := ParseRetraction(m); ok {
			t.Errorf("%s takes something back", inner)
		}
		if _, _, ok := ParseReactions(m); ok {
			t.Errorf("%s reacts to something", inner)
		}
	}
}

func TestEncrypted(t *testing.T) {
	for inner, want := range map[string]bool{
		`<body>fallback</body><encryption xmlns='urn:xmpp:eme:0' namespace='x'/>`:                                        true,
		`<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/><payload>x</payload></encrypted>`:            true,
		`<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/></encrypted><store xmlns='urn:xmpp:hints'/>`: false, // a key and nothing else
		`<encrypted xmlns='urn:xmpp:omemo:2'><header sid='1'/><payload>x</payload></encrypted>`:                          true,
		`<openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>`:                                                                true,
		`<body>x</body><x xmlns='jabber:x:encrypted'>x</x>`:                                                              true,
		`<body>?OTR:AAIDAAAAAAMAAAAB</body>`:                                                                             true,
		`<body>OTR is old</body>`:                                                                                        false,
		`<active xmlns='http://jabber.org/protocol/chatstates'/>`:                                                        false,
	} {
		if m, _ := said(t, inner); Encrypted(m) != want {
			t.Errorf("%s: %v", inner, !want)
		}
	}
}

func FuzzParseSaid(f *testing.F) {
	f.Add(`<body>a</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='1'/><body start='0' end='1'/></fallback>`)
	f.Add(`<x xmlns='jabber:x:oob'><url>https://a.example</url></x><reactions xmlns='urn:xmpp:reactions:0' id='a'/>`)
	f.Fuzz(func(t *testing.T, inner string) {
		m, err := ParseXML([]byte(`<message xmlns='jabber:component:accept'>` + inner + `</message>`))
		if err != nil {
			return
		}
		s := ParseSaid(m, m.First(NSComponent, "body").Text())
		if len(s.Files) > maxFiles {
			t.Errorf("%d files", len(s.Files))
		}
		ParseReactions(m)
		ParseRetraction(m)
		Encrypted(m)
	})
}
