package stanza

import (
	"encoding/base64"
	"errors"
	"strconv"
)

// ErrNoAvatar says that avatar data is missing or not base64.
var ErrNoAvatar = errors.New("stanza: no avatar data")

// AvatarInfo is one form of an avatar (XEP-0084 §4.2.1). ID is the SHA-1 of the
// data in hexadecimal; URL is set when the data lies on the web. Numbers are
// pixels and bytes, 0 when unsaid.
type AvatarInfo struct {
	ID, Type, URL        string
	Bytes, Width, Height int
}

// ParseAvatarMetadata reads <metadata/>, or the element that holds it. None
// means that the avatar is switched off (XEP-0084 §4.2.2).
func ParseAvatarMetadata(e *Element) []AvatarInfo {
	if !e.Is(NSAvatarMeta, "metadata") {
		e = e.First(NSAvatarMeta, "metadata")
	}
	var out []AvatarInfo
	for _, i := range e.All(NSAvatarMeta, "info") {
		out = append(out, AvatarInfo{
			ID: i.Get("id"), Type: i.Get("type"), URL: i.Get("url"),
			Bytes: max(0, number(i.Get("bytes"))), Width: max(0, number(i.Get("width"))), Height: max(0, number(i.Get("height"))),
		})
	}
	return out
}

// AvatarMetadata makes <metadata/>; without infos it switches the avatar off.
func AvatarMetadata(infos ...AvatarInfo) *Element {
	m := New(NSAvatarMeta, "metadata")
	for _, i := range infos {
		info := New(NSAvatarMeta, "info", "id", i.ID, "type", i.Type, "url", i.URL)
		for _, n := range []struct {
			name  string
			value int
		}{{"bytes", i.Bytes}, {"width", i.Width}, {"height", i.Height}} {
			if n.value > 0 {
				info.Set(n.name, strconv.Itoa(n.value))
			}
		}
		m.Add(info)
	}
	return m
}

// ParseAvatarData reads <data/>, or the element that holds it; ErrNoAvatar when
// there is none.
func ParseAvatarData(e *Element) ([]byte, error) {
	if !e.Is(NSAvatarData, "data") {
		e = e.First(NSAvatarData, "data")
	}
	if b := decodeBase64(e.Text()); b != nil {
		return b, nil
	}
	return nil, ErrNoAvatar
}

// AvatarData makes <data/> (XEP-0084 §4.1).
func AvatarData(b []byte) *Element {
	return New(NSAvatarData, "data").AddText(base64.StdEncoding.EncodeToString(b))
}
