package stanza

import (
	"encoding/base64"
	"strings"
)

// VCard is what the gateway uses of a vCard, old or new.
type VCard struct {
	FullName, Nick, Note string
	URLs                 []string
	Photo                []byte
	PhotoType            string // media type, "" when unsaid
}

// ParseVCard4 reads a <vcard/> of XEP-0292, or the element that holds it; nil
// when there is none.
func ParseVCard4(e *Element) *VCard {
	if !e.Is(NSVCard4, "vcard") {
		e = e.First(NSVCard4, "vcard")
	}
	if e == nil {
		return nil
	}
	v := &VCard{
		FullName: card4(e, "fn", "text"),
		Nick:     card4(e, "nickname", "text"),
		Note:     card4(e, "note", "text"),
	}
	for _, u := range e.All(NSVCard4, "url") {
		if s := strings.TrimSpace(u.First(NSVCard4, "uri").Text()); s != "" {
			v.URLs = append(v.URLs, s)
		}
	}
	// RFC 6351 §6.2: a photo is a URI; only a data: URI holds the picture.
	if head, body, ok := strings.Cut(card4(e, "photo", "uri"), ","); ok && strings.HasPrefix(head, "data:") {
		if mt, isB64 := strings.CutSuffix(head[len("data:"):], ";base64"); isB64 {
			if b := decodeBase64(body); b != nil {
				v.Photo, v.PhotoType = b, mt
			}
		}
	}
	return v
}

// card4 reads the value of a property, whose type element some clients leave out.
func card4(e *Element, name, typ string) string {
	p := e.First(NSVCard4, name)
	if t := p.First(NSVCard4, typ); t != nil {
		return strings.TrimSpace(t.Text())
	}
	return strings.TrimSpace(p.Text())
}

// ParseVCardTemp reads a <vCard/> of XEP-0054, or the element that holds it;
// nil when there is none.
func ParseVCardTemp(e *Element) *VCard {
	if !e.Is(NSVCardTemp, "vCard") {
		e = e.First(NSVCardTemp, "vCard")
	}
	if e == nil {
		return nil
	}
	text := func(name string) string { return strings.TrimSpace(e.First(NSVCardTemp, name).Text()) }
	v := &VCard{FullName: text("FN"), Nick: text("NICKNAME"), Note: text("DESC")}
	if v.Note == "" {
		v.Note = text("NOTE")
	}
	for _, u := range e.All(NSVCardTemp, "URL") {
		if s := strings.TrimSpace(u.Text()); s != "" {
			v.URLs = append(v.URLs, s)
		}
	}
	p := e.First(NSVCardTemp, "PHOTO")
	if b := decodeBase64(p.First(NSVCardTemp, "BINVAL").Text()); b != nil {
		v.Photo, v.PhotoType = b, strings.TrimSpace(p.First(NSVCardTemp, "TYPE").Text())
	}
	return v
}

// Element makes a vcard-temp (XEP-0054 §3.1).
func (v *VCard) Element() *Element {
	if v == nil {
		v = &VCard{}
	}
	e := New(NSVCardTemp, "vCard").AddTextElement("FN", v.FullName).AddTextElement("NICKNAME", v.Nick)
	for _, u := range v.URLs {
		e.AddTextElement("URL", u)
	}
	e.AddTextElement("DESC", v.Note)
	if len(v.Photo) > 0 {
		e.Add(New(NSVCardTemp, "PHOTO").AddTextElement("TYPE", v.PhotoType).
			AddTextElement("BINVAL", base64.StdEncoding.EncodeToString(v.Photo)))
	}
	return e
}

// Element4 makes a vCard4 without the photo, which is the avatar's business
// (XEP-0292 §3, XEP-0084).
func (v *VCard) Element4() *Element {
	if v == nil {
		v = &VCard{}
	}
	e := New(NSVCard4, "vcard")
	add := func(name, typ, value string) {
		if value != "" {
			e.Add(New(NSVCard4, name).AddTextElement(typ, value))
		}
	}
	add("fn", "text", v.FullName)
	add("nickname", "text", v.Nick)
	for _, u := range v.URLs {
		add("url", "uri", u)
	}
	add("note", "text", v.Note)
	return e
}

// decodeBase64 reads base64 as found: wrapped, padded or not. nil when it is
// none, or empty.
func decodeBase64(s string) []byte {
	s = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', '=':
			return -1
		}
		return r
	}, s)
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || len(b) == 0 {
		return nil
	}
	return b
}
