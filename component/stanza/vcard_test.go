package stanza

import (
	"errors"
	"reflect"
	"testing"
)

func TestVCard4(t *testing.T) {
	v := ParseVCard4(parse(t, `<item><vcard xmlns="urn:ietf:params:xml:ns:vcard-4.0"><fn><text>Juliet Capulet</text></fn><nickname><text> Jule </text></nickname>`+
		`<url><uri>https://capulet.lit/</uri></url><url><uri/></url><url><uri>https://verona.lit/</uri></url><note><text>Lives
in Verona</text></note><photo><uri>data:image/png;base64,aGVs
bG8</uri></photo></vcard></item>`))
	want := &VCard{FullName: "Juliet Capulet", Nick: "Jule", Note: "Lives\nin Verona", URLs: []string{"https://capulet.lit/", "https://verona.lit/"}, Photo: []byte("hello"), PhotoType: "image/png"}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("got  %+v\nwant %+v", v, want)
	}
	want.Photo, want.PhotoType = nil, ""
	if again := ParseVCard4(v.Element4()); !reflect.DeepEqual(again, want) {
		t.Errorf("got  %+v\nwant %+v", again, want)
	}
	for _, s := range []string{`https://capulet.lit/me.png`, `data:image/png;base64,not base64!`, `data:,x`, `data:`, ``} {
		if v := ParseVCard4(parse(t, `<vcard xmlns="urn:ietf:params:xml:ns:vcard-4.0"><fn>untyped</fn><photo><uri>`+s+`</uri></photo></vcard>`)); v.Photo != nil || v.FullName != "untyped" {
			t.Errorf("%s: %+v", s, v)
		}
	}
}

func TestVCardTemp(t *testing.T) {
	want := &VCard{FullName: "Juliet Capulet", Nick: "Jule", Note: "Lives in Verona", URLs: []string{"https://capulet.lit/"}, Photo: []byte{0xff, 0xd8, 0}, PhotoType: "image/jpeg"}
	const xml = `<vCard xmlns="vcard-temp"><FN>Juliet Capulet</FN><NICKNAME>Jule</NICKNAME><URL>https://capulet.lit/</URL><DESC>Lives in Verona</DESC><PHOTO><TYPE>image/jpeg</TYPE><BINVAL>/9gA</BINVAL></PHOTO></vCard>`
	if got := want.Element().XML(); got != xml {
		t.Errorf("got  %s\nwant %s", got, xml)
	}
	if got := ParseVCardTemp(IQ("result", romeo, juliet, want.Element())); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := ParseVCardTemp(parse(t, `<vCard xmlns="vcard-temp"><NOTE>only a note</NOTE><URL/><PHOTO><EXTVAL>https://capulet.lit/me.png</EXTVAL></PHOTO></vCard>`)); !reflect.DeepEqual(got, &VCard{Note: "only a note"}) {
		t.Errorf("got %+v", got)
	}
}

func TestNoVCard(t *testing.T) {
	if ParseVCard4(nil) != nil || ParseVCardTemp(nil) != nil || ParseVCardTemp(New(NSVCard4, "vcard")) != nil {
		t.Error("a vCard out of nothing")
	}
	var none *VCard
	if got := none.Element().XML() + none.Element4().XML(); got != `<vCard xmlns="vcard-temp"/><vcard xmlns="urn:ietf:params:xml:ns:vcard-4.0"/>` {
		t.Errorf("written %s", got)
	}
}

func TestAvatar(t *testing.T) {
	infos := []AvatarInfo{
		{ID: "111f4b3c50d7b0df729d299bc6f8e9ef9066971f", Type: "image/png", Bytes: 12345, Width: 64, Height: 64},
		{ID: "e279f80c38f99c1e7e53e262b440993b2f7eea57", Type: "image/png", URL: "https://avatars.example.org/happy.png"},
	}
	if got := ParseAvatarMetadata(New("", "item").Add(AvatarMetadata(infos...))); !reflect.DeepEqual(got, infos) {
		t.Errorf("got %+v", got)
	}
	if got := AvatarMetadata().XML(); got != `<metadata xmlns="urn:xmpp:avatar:metadata"/>` || ParseAvatarMetadata(AvatarMetadata()) != nil {
		t.Errorf("switched off: %s", got)
	}
	if got := ParseAvatarMetadata(parse(t, `<metadata xmlns="urn:xmpp:avatar:metadata"><info id="x" bytes="-1" width="wide"/></metadata>`)); !reflect.DeepEqual(got, []AvatarInfo{{ID: "x"}}) {
		t.Errorf("odd numbers: %+v", got)
	}
	if b, err := ParseAvatarData(AvatarData([]byte("hello"))); err != nil || string(b) != "hello" {
		t.Errorf("data %q, %v", b, err)
	}
	for _, s := range []string{`<data xmlns="urn:xmpp:avatar:data"/>`, `<data xmlns="urn:xmpp:avatar:data">!</data>`, `<data/>`} {
		if _, err := ParseAvatarData(parse(t, s)); !errors.Is(err, ErrNoAvatar) {
			t.Errorf("%s: %v", s, err)
		}
	}
}
