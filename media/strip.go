// Package media knows pictures as files: what else than the picture a file says,
// and how to make it small. It is a leaf: bytes in, bytes out.
package media

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// Errors of this package.
var (
	ErrNotImage = errors.New("media: not a picture of a kind that is known")
	ErrTooLarge = errors.New("media: the picture is too large")
)

// Strip removes from a JPEG, PNG, GIF or WebP file what is not the picture: where
// and with what it was taken, comments, previews. The picture itself is not
// touched. How a photograph is to be turned stays. What is none of these, or is
// broken, is ErrNotImage.
func Strip(data []byte) ([]byte, error) {
	var out []byte
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		out = stripJPEG(data)
	case bytes.HasPrefix(data, []byte(pngMagic)):
		out = stripPNG(data)
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		out = stripGIF(data)
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		out = stripWebP(data)
	}
	if out == nil {
		return nil, ErrNotImage
	}
	return out, nil
}

// stripJPEG keeps the segments that decoding takes (ITU T.81 §B), colour profiles
// and Adobe's transform; of Exif the orientation.
func stripJPEG(data []byte) []byte {
	out := append(make([]byte, 0, len(data)), data[:2]...)
	turned := false
	for i := 2; ; {
		if i+2 > len(data) || data[i] != 0xff {
			return nil
		}
		marker := data[i+1]
		if marker == 0xff { // fill byte
			i++
			continue
		}
		if marker == 0xd9 {
			return append(out, 0xff, 0xd9)
		}
		if i+4 > len(data) {
			return nil
		}
		size := int(binary.BigEndian.Uint16(data[i+2:])) + 2
		if size < 4 || i+size > len(data) || marker >= 0xd0 && marker <= 0xd8 {
			return nil
		}
		segment := data[i : i+size]
		switch {
		case marker == 0xe1:
			if o := orientation(segment); o > 1 && !turned {
				out, turned = append(out, exifOrientation(o)...), true
			}
		case marker == 0xe0, marker == 0xe2 && bytes.HasPrefix(segment[4:], []byte("ICC_PROFILE\x00")), marker == 0xee && bytes.HasPrefix(segment[4:], []byte("Adobe")),
			marker < 0xe0:
			out = append(out, segment...)
		}
		i += size
		if marker == 0xda { // the picture follows, to the next marker that is none of its own
			end := scan(data, i)
			if end < 0 {
				return nil
			}
			out = append(out, data[i:end]...)
			i = end
		}
	}
}

// scan is where the entropy-coded data from i on end, -1 when they do not.
func scan(data []byte, i int) int {
	for ; i+1 < len(data); i++ {
		if data[i] == 0xff && data[i+1] != 0 && (data[i+1] < 0xd0 || data[i+1] > 0xd7) {
			return i
		}
	}
	return -1
}

// orientation reads tag 0x0112 of the first directory of an Exif segment, 0 when
// there is none (Exif 2.3 §4.6.4).
func orientation(segment []byte) byte {
	tiff, ok := bytes.CutPrefix(segment[4:], []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	n := uint64(order.Uint16(tiff[at:]))
	for k := range n {
		e := at + 2 + 12*k
		if e+12 > uint64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[e:]) == 0x0112 && order.Uint16(tiff[e+2:]) == 3 {
			if v := order.Uint16(tiff[e+8:]); v >= 1 && v <= 8 {
				return byte(v)
			}
		}
	}
	return 0
}

// exifOrientation is an Exif segment that says nothing else.
func exifOrientation(o byte) []byte {
	return []byte("\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string([]byte{o}) + "\x00\x00\x00\x00\x00\x00")
}
