package bridge

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// A profile is what strangers see; when it changes, followers hear of it.
func TestProfileGoesOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	pic := testPNG(1)
	w.vcard[louise] = `<vCard xmlns='vcard-temp'><FN>Louise</FN><DESC>I write &lt;things&gt;</DESC><PHOTO><TYPE>text/html</TYPE><BINVAL>` + base64.StdEncoding.EncodeToString([]byte(pic)) + `</BINVAL></PHOTO></vCard>`
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	_, _, body := w.get("/ap/actor/"+blog.Token, "application/activity+json")
	actor, err := vocab.Read([]byte(body), vocab.DefaultLimits)
	if err != nil || actor.Str("name") != "Louise" || !strings.Contains(actor.Str("summary"), "&lt;things&gt;") {
		t.Errorf("actor is %s, %v", body, err)
	}
	icon, _ := actor.One("icon")
	code, head, data := w.get(strings.TrimPrefix(icon.Str("url"), w.url), "*/*")
	if code != 200 || head.Get("Content-Type") != "image/png" || data != pic {
		t.Errorf("picture answers %d %s", code, head.Get("Content-Type"))
	}
	w.mu.Lock()
	w.vcard[louise] = `<vCard xmlns='vcard-temp'><FN>Louise M.</FN></vCard>`
	w.mu.Unlock()
	w.event(louise, `<items node='urn:xmpp:vcard4'><item id='current'/></items>`)
	if got := object(p.await("Update")); got.Str("name") != "Louise M." || got["icon"] != nil {
		t.Errorf("followers heard of %v", got)
	}
}

// The header picture that Movim keeps on a node of its own is the actor's and the page's.
func TestHeaderPicture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	const banner = "urn:xmpp:movim-banner:0"
	show := func(url string) {
		w.change(louise, banner, func(*node) {})
		w.put(louise, banner, "current", "", stanza.Banner(url).XML())
	}
	show("https://upload.example.org/sea.jpg")
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	w.until("the header", func() bool {
		image, _ := w.doc(w.b.addr.Actor(blog.Token)).One("image")
		return image.Str("url") == "https://upload.example.org/sea.jpg"
	})
	if _, _, html := w.get("/@"+blog.Handle, "text/html"); !strings.Contains(html, `<img class="banner u-featured" src="https://upload.example.org/sea.jpg" alt="">`) {
		t.Errorf("the page:\n%s", html)
	}
	show("http://plain.example/lake.jpg") // which would break the page's https
	w.event(louise, `<items node='`+banner+`'><item id='current'/></items>`)
	if got := object(p.await("Update")); got["image"] != nil {
		t.Errorf("followers heard of %v", got)
	}
}

// testPNG is a picture of so many pixels on each side.
func testPNG(side int) string {
	var b bytes.Buffer
	png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))) // into memory
	return b.String()
}

// Where a picture was taken does not leave with it.
func TestPictureIsStripped(t *testing.T) {
	with := testPNG(1)
	end := strings.Index(with, "IDAT") - 4
	exif := "\x00\x00\x00\x04eXIfGPS!\x00\x00\x00\x00"
	if got := newPicture([]byte(with[:end] + exif + with[end:])); string(got.Data) != with {
		t.Errorf("%q", got.Data)
	}
}

// What is no picture is not served as one.
func TestPictureIsLookedAt(t *testing.T) {
	for data, want := range map[string]string{
		testPNG(1): "image/png", "\x89PNG\r\n\x1a\nxxxx": "", "\xff\xd8\xff\xe0xxxxxx": "", "GIF89axxxx": "",
		"RIFFxxxxWEBPxxxx": "", "<svg onload='x'/>": "", "": "", `{"type":"Note"}`: "",
	} {
		if got := newPicture([]byte(data)).Type; got != want {
			t.Errorf("%q is taken for %q", data, got)
		}
	}
}

// Movim keeps the picture and the description of a community in the node.
func TestCommunityProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const service = "pubsub.example.org"
	w.change(service, "g", func(n *node) {
		n.meta = `<field var='pubsub#title'><value>Gardening</value></field><field var='pubsub#owner'><value>` + louise + `</value></field>`
	})
	w.put(service, "g", "0", "", `<feed xmlns='http://www.w3.org/2005/Atom'><title>ignored</title><subtitle>All about beds</subtitle></feed>`)
	w.put(service, "g", "urn:xmpp:avatar:metadata", "", `<metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='1' id='x' type='image/jpeg' url='https://upload.example.org/g.jpg'/></metadata>`)
	w.says(louise, "start "+service+" g")
	blog := w.tended(service, "g")
	if blog.Profile.Name != "Gardening" || blog.Profile.Note != "All about beds" || blog.Profile.AvatarURL != "https://upload.example.org/g.jpg" {
		t.Errorf("profile is %+v", blog.Profile)
	}
	if n, _ := w.db.PostCount(t.Context(), blog.ID); n != 0 {
		t.Errorf("metadata became %d posts", n)
	}
	_, _, body := w.get("/ap/actor/"+blog.Token, "application/activity+json")
	if actor, _ := vocab.Read([]byte(body), vocab.DefaultLimits); !actor.Is("Group") || !strings.Contains(body, "upload.example.org/g.jpg") {
		t.Errorf("actor is %s", body)
	}
}
