package db

import "testing"

// TestEveryStatementIsUnderstood by the engine that is tested.
func TestEveryStatementIsUnderstood(t *testing.T) {
	d := openTemp(t)
	for name, text := range statements(t) {
		if name == "qRescheduling" { // a part of others
			continue
		}
		s, err := d.write.db.PrepareContext(t.Context(), text)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
			continue
		}
		s.Close()
	}
}
