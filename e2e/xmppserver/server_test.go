//go:build e2e

package xmppserver

import "testing"

func TestServersStartRestartAndKeepAccounts(t *testing.T) {
	for _, f := range Every {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			s, err := Start(f, t.TempDir(), string(f)+".test")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Kill)
			for range 2 {
				if err := s.Account("louise"); err != nil { // twice is fine
					t.Fatal(err)
				}
			}
			if err := s.Restart(); err != nil {
				t.Fatal(err)
			}
			s.Kill()
			if s.Alive() == nil {
				t.Error("alive after Kill")
			}
			if err := s.Start(); err != nil {
				t.Fatalf("after a power cut: %v", err)
			}
		})
	}
}
