package mapping

import (
	"strings"
	"testing"
)

func TestNewField(t *testing.T) {
	if f, ok := NewField(" My\nhome ", "  https://a.example/x "); !ok || f.Name != "My home" || f.Link() != "https://a.example/x" {
		t.Errorf("%+v %v", f, ok)
	}
	for _, bad := range [][2]string{{"", "x"}, {"x", " "}, {"x", strings.Repeat("é", 256)}, {strings.Repeat("é", 256), "x"}, {"x", "\u200b"}} {
		if f, ok := NewField(bad[0], bad[1]); ok {
			t.Errorf("%+v is a field", f)
		}
	}
	for _, text := range []string{"see https://a.example", "javascript:alert(1)", "a.example"} {
		if f, ok := NewField("x", text); !ok || f.Link() != "" {
			t.Errorf("%q is the link %q", text, f.Link())
		}
	}
}
