package media

import (
	"encoding/binary"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngChunks are the ancillary chunks that say how a picture looks (PNG §11.3);
// critical ones have a capital first letter.
var pngChunks = map[string]bool{
	"tRNS": true, "cHRM": true, "gAMA": true, "iCCP": true, "sBIT": true, "sRGB": true, "cICP": true, "bKGD": true, "pHYs": true,
	"acTL": true, "fcTL": true, "fdAT": true, // animation
}

func stripPNG(data []byte) []byte {
	out := append(make([]byte, 0, len(data)), pngMagic...)
	for i := len(pngMagic); ; {
		if i+12 > len(data) {
			return nil
		}
		size, name := uint64(binary.BigEndian.Uint32(data[i:])), string(data[i+4:i+8])
		end := uint64(i) + 12 + size
		if end > uint64(len(data)) {
			return nil
		}
		if name[0] >= 'A' && name[0] <= 'Z' || pngChunks[name] {
			out = append(out, data[i:end]...)
		}
		if name == "IEND" {
			return out
		}
		i = int(end)
	}
}

// stripWebP keeps the chunks of the picture and clears the flags that announce the
// others (RFC 9649 §2.7).
func stripWebP(data []byte) []byte {
	out := append(make([]byte, 0, len(data)), data[:12]...)
	for i := 12; i+8 <= len(data); {
		size, name := uint64(binary.LittleEndian.Uint32(data[i+4:])), string(data[i:i+4])
		end := uint64(i) + 8 + size + size&1
		if end > uint64(len(data)) {
			if end != uint64(len(data))+1 || size&1 == 0 { // the last padding may be missing
				return nil
			}
			end = uint64(len(data))
		}
		switch name {
		case "VP8X":
			if size < 10 {
				return nil
			}
			chunk := append([]byte{}, data[i:end]...)
			chunk[8] &^= 0x08 | 0x04 // Exif, XMP
			out = append(out, chunk...)
		case "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP":
			out = append(out, data[i:end]...)
		}
		i = int(end)
	}
	if len(out) == 12 {
		return nil
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// stripGIF keeps everything but comments, plain text and application data other
// than that of animations (GIF89a §23 ff.).
func stripGIF(data []byte) []byte {
	if len(data) < 13 {
		return nil
	}
	i := 13
	if data[10]&0x80 != 0 {
		i += 3 << (data[10]&7 + 1)
	}
	if i > len(data) {
		return nil
	}
	out := append(make([]byte, 0, len(data)), data[:i]...)
	for i < len(data) {
		start := i
		switch data[i] {
		case 0x3b:
			return append(out, 0x3b)
		case 0x2c:
			if i+10 > len(data) {
				return nil
			}
			flags := data[i+9]
			if i += 10; flags&0x80 != 0 {
				i += 3 << (flags&7 + 1)
			}
			i++ // the code size
			if i = subBlocks(data, i); i < 0 {
				return nil
			}
			out = append(out, data[start:i]...)
		case 0x21:
			if i+2 > len(data) {
				return nil
			}
			label := data[i+1]
			end := subBlocks(data, i+2)
			if end < 0 {
				return nil
			}
			loop := label == 0xff && i+14 <= len(data) && string(data[i+3:i+14]) == "NETSCAPE2.0"
			if label == 0xf9 || loop {
				out = append(out, data[start:end]...)
			}
			i = end
		default:
			return nil
		}
	}
	return nil
}

// subBlocks is where a row of data blocks from i on ends, -1 when it does not.
func subBlocks(data []byte, i int) int {
	for i >= 0 && i < len(data) {
		n := int(data[i])
		if i += 1 + n; n == 0 {
			return i
		}
	}
	return -1
}
