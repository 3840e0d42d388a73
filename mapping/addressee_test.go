package mapping

import (
	"testing"

	"isthmus/component/stanza"
)

func TestAddressee(t *testing.T) {
	handles := []string{"bob@mastodon.example", "carol.m@pleroma.example", "", "bob@other.example"}
	names := []string{"Bob Miller", "Carol", "Ünal", ""}
	for text, want := range map[string]int{
		"@bob thanks":                    0,
		"@BOB: thanks":                   0,
		"@bob@mastodon.example thanks":   0,
		"@bob@other.example no":          3,
		"bob: thanks":                    0,
		"Bob Miller, thanks":             0,
		"@Bob Miller thanks":             0,
		"  carol.m: yes":                 1,
		"@carol.m yes":                   1,
		"Carol, yes":                     1,
		"@Ünal hi":                       2,
		"bob thanks":                     -1,
		"bobby: thanks":                  -1,
		"@bobby thanks":                  -1,
		"thanks @bob":                    -1,
		"@bob@third.example who is that": -1,
		"":                               -1, "@": -1, ":": -1,
	} {
		e := stanza.Entry{Title: stanza.Text{Type: "text", Body: text}}
		if got := Addressee(e, handles, names); got != want {
			t.Errorf("%q addresses %d, want %d", text, got, want)
		}
	}
}
