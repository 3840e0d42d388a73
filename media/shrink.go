package media

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif" // so that they are decoded
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"
)

// maxPixels bounds what is decoded: a small file may hold a huge picture.
const maxPixels = 40_000_000

// Shrink makes a picture that is at most so many bytes and pixels on each side, and
// says nothing but the picture. One that is small enough stays as it is; of an
// animation that is not, the first frame is left. Errors: ErrNotImage, ErrTooLarge.
func Shrink(data []byte, maxBytes, maxSide int) (out []byte, typ string, width, height int, err error) {
	data, err = Strip(data)
	if err != nil {
		return nil, "", 0, 0, err
	}
	cfg, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, "", 0, 0, fmt.Errorf("%w: %w", ErrNotImage, err)
	}
	if cfg.Width <= 0 || cfg.Height <= 0 || cfg.Width > maxPixels/cfg.Height {
		return nil, "", 0, 0, fmt.Errorf("%w: %d by %d pixels", ErrTooLarge, cfg.Width, cfg.Height)
	}
	if len(data) <= maxBytes && cfg.Width <= maxSide && cfg.Height <= maxSide {
		return data, "image/" + kind, cfg.Width, cfg.Height, nil
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", 0, 0, fmt.Errorf("%w: %w", ErrNotImage, err)
	}
	for side := min(maxSide, max(cfg.Width, cfg.Height)); side >= 16; side /= 2 {
		small := scaled(img, side)
		if out, typ := encoded(small, maxBytes); out != nil {
			b := small.Bounds()
			return out, typ, b.Dx(), b.Dy(), nil
		}
	}
	return nil, "", 0, 0, ErrTooLarge
}

// scaled fits a picture into a square.
func scaled(img image.Image, side int) *image.NRGBA {
	b := img.Bounds()
	w, h := side, max(1, b.Dy()*side/b.Dx())
	if b.Dy() > b.Dx() {
		w, h = max(1, b.Dx()*side/b.Dy()), side
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, out.Bounds(), img, b, draw.Src, nil)
	return out
}

// encoded is a picture as a file: with transparency as PNG, else as JPEG, which is
// smaller. nil when it does not fit.
func encoded(img *image.NRGBA, maxBytes int) ([]byte, string) {
	var b bytes.Buffer
	if !img.Opaque() {
		if png.Encode(&b, img) == nil && b.Len() <= maxBytes {
			return b.Bytes(), "image/png"
		}
		return nil, ""
	}
	for _, quality := range []int{85, 70, 50} {
		b.Reset()
		if jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}) == nil && b.Len() <= maxBytes {
			return b.Bytes(), "image/jpeg"
		}
	}
	return nil, ""
}
