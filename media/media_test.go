package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

func picture(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB) []byte {
	var b bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black, color.White})
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func segment(marker byte, text string) []byte {
	out := []byte{0xff, marker, 0, 0}
	binary.BigEndian.PutUint16(out[2:], uint16(len(text)+2))
	return append(out, text...)
}

// exif is a segment that says where and how a photograph was taken.
func exif(turned byte) []byte {
	return segment(0xe1, "Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x02\x00"+
		"\x12\x01\x03\x00\x01\x00\x00\x00"+string([]byte{turned})+"\x00\x00\x00"+
		"\x25\x88\x04\x00\x01\x00\x00\x00\x00\x00\x00\x00"+"\x00\x00\x00\x00GPS SECRET")
}

func insert(data []byte, at int, more ...[]byte) []byte {
	out := append([]byte{}, data[:at]...)
	for _, m := range more {
		out = append(out, m...)
	}
	return append(out, data[at:]...)
}

func pngChunk(name, text string) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(text)))
	return append(append(append(out, name...), text...), 0, 0, 0, 0) // nobody checks the sum of what goes
}

func webp(chunks ...string) []byte {
	body := "WEBP"
	for i := 0; i < len(chunks); i += 2 {
		body += chunks[i] + string(binary.LittleEndian.AppendUint32(nil, uint32(len(chunks[i+1])))) + chunks[i+1]
		if len(chunks[i+1])%2 == 1 {
			body += "\x00"
		}
	}
	return []byte("RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body)
}

func TestStrip(t *testing.T) {
	jpg, pic, anim := jpegOf(t, picture(16, 8)), pngOf(t, picture(16, 8)), gifOf(t)
	comment := []byte("\x21\xfe\x06SECRET\x00")
	loop := bytes.Index(anim, []byte("\x21\xff\x0bNETSCAPE2.0"))
	if loop < 0 {
		t.Fatal("the animation has no loop")
	}
	for name, c := range map[string]struct{ in, want []byte }{
		"a clean JPEG": {jpg, jpg},
		"Exif, XMP, IPTC, comment, preview": {append(insert(jpg, 2, exif(1), segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00SECRET"), segment(0xed, "Photoshop SECRET"),
			segment(0xfe, "SECRET"), segment(0xe2, "MPF\x00SECRET")), "SECRET after the end"...), jpg},
		"a turned photograph":   {insert(jpg, 2, exif(6)), insert(jpg, 2, exifOrientation(6))},
		"a colour profile":      {insert(jpg, 2, segment(0xe2, "ICC_PROFILE\x00\x01\x01x")), insert(jpg, 2, segment(0xe2, "ICC_PROFILE\x00\x01\x01x"))},
		"a PNG with texts":      {insert(pic, 33, pngChunk("tEXt", "Author\x00SECRET"), pngChunk("eXIf", "SECRET"), pngChunk("iTXt", "SECRET"), pngChunk("tIME", "SECRET!")), pic},
		"a PNG with more":       {append(append([]byte{}, pic...), "SECRET"...), pic},
		"a GIF with a comment":  {insert(anim, loop, comment), anim},
		"a WebP with Exif, XMP": {webp("VP8X", "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00", "VP8L", "xyz", "EXIF", "SECRET", "XMP ", "SECRET"), webp("VP8X", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "VP8L", "xyz")},
	} {
		got, err := Strip(c.in)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %v, %d bytes, want %d: %q", name, err, len(got), len(c.want), got[:min(len(got), 80)])
		}
		if again, err := Strip(got); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: not the same again, %v", name, err)
		}
		if bytes.Contains(got, []byte("SECRET")) {
			t.Errorf("%s: it tells", name)
		}
	}
	turned, _ := Strip(insert(jpg, 2, exif(6)))
	if o := orientation(turned[2:]); o != 6 {
		t.Errorf("turned by %d", o)
	}
	for name, in := range map[string][]byte{"nothing": nil, "text": []byte("hello"), "SVG": []byte("<svg/>"), "half a JPEG": jpg[:len(jpg)/2], "half a PNG": pic[:len(pic)-6], "half a GIF": anim[:len(anim)/2], "an empty WebP": webp()} {
		if got, err := Strip(in); !errors.Is(err, ErrNotImage) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestShrink(t *testing.T) {
	small := jpegOf(t, picture(40, 20))
	out, typ, w, h, err := Shrink(insert(small, 2, exif(1)), 100_000, 512)
	if err != nil || !bytes.Equal(out, small) || typ != "image/jpeg" || w != 40 || h != 20 {
		t.Errorf("small: %d bytes, %s, %d by %d, %v", len(out), typ, w, h, err)
	}
	clear := picture(900, 300)
	clear.Pix[3] = 0
	for name, in := range map[string][]byte{"JPEG": jpegOf(t, picture(1200, 600)), "PNG": pngOf(t, picture(700, 900)), "clear PNG": pngOf(t, clear), "tall": pngOf(t, picture(1, 3000))} {
		out, typ, w, h, err := Shrink(in, 20_000, 512)
		if err != nil || len(out) > 20_000 || w > 512 || h > 512 {
			t.Errorf("%s: %d bytes, %d by %d, %v", name, len(out), w, h, err)
		}
		cfg, kind, err := image.DecodeConfig(bytes.NewReader(out))
		if err != nil || cfg.Width != w || cfg.Height != h || "image/"+kind != typ {
			t.Errorf("%s: %s of %d by %d, %v", name, kind, cfg.Width, cfg.Height, err)
		}
	}
	huge := pngOf(t, picture(4, 4))
	binary.BigEndian.PutUint32(huge[16:], 100_000)
	binary.BigEndian.PutUint32(huge[20:], 100_000)
	binary.BigEndian.PutUint32(huge[29:], crcOf(huge[12:29]))
	if _, _, _, _, err := Shrink(huge, 100_000, 512); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a small file of a huge picture: %v", err)
	}
	if _, _, _, _, err := Shrink([]byte("hello"), 100_000, 512); !errors.Is(err, ErrNotImage) {
		t.Errorf("text: %v", err)
	}
}

// FuzzStrip: whatever comes, what is left is never more, is stripped already, and
// is a picture still if it was one.
func FuzzStrip(f *testing.F) {
	f.Add(insert(jpegOf(f, picture(4, 4)), 2, exif(6)))
	f.Add(insert(pngOf(f, picture(4, 4)), 33, pngChunk("tEXt", "x")))
	f.Add(gifOf(f))
	f.Add(webp("VP8X", "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00", "VP8L", "xyz"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Strip(data)
		if err != nil {
			return
		}
		if len(got) > len(data)+64 {
			t.Fatalf("%d bytes of %d", len(got), len(data))
		}
		again, err := Strip(got)
		if err != nil || !bytes.Equal(got, again) {
			t.Fatalf("not the same again: %v", err)
		}
	})
}

func crcOf(b []byte) uint32 { return crc32.ChecksumIEEE(b) }
