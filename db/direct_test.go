package db

import (
	"errors"
	"reflect"
	"testing"
)

func TestDirect(t *testing.T) {
	ctx, d := t.Context(), openTemp(t)
	made := must(d.AddDirect(ctx, Direct{Token: "t1", BlogID: 1, Peer: "https://m.example/bob", JID: "bob@ap", Client: "alice@x/1", Stanza: "m1", Latest: "m1", State: DirectSending, Receipt: true, Created: 5, Object: "{}"}))(t)
	must(d.AddDirect(ctx, Direct{Token: "t2", BlogID: 2, Peer: "https://m.example/bob", JID: "bob@ap", Stanza: "m1", Latest: "m1", State: DirectSending}))(t)
	if got := must(d.DirectByToken(ctx, "t1"))(t); got != made || got.ID == 0 {
		t.Errorf("by token %+v", got)
	}
	made.Latest, made.Updated, made.Object, made.Client = "m2", 9, `{"a":1}`, "alice@x/2"
	if err := d.UpdateDirect(ctx, made); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"m1", "m2"} {
		if got := must(d.DirectByStanza(ctx, 1, "bob@ap", id))(t); got != made {
			t.Errorf("by %s %+v", id, got)
		}
	}
	if _, err := d.DirectByStanza(ctx, 1, "carol@ap", "m1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("to somebody else: %v", err)
	}
	if got := must(d.LastDirect(ctx, 1, "https://m.example/bob"))(t); got != made {
		t.Errorf("last %+v", got)
	}
	if !must(d.SettleDirect(ctx, made.ID, DirectAccepted))(t) || must(d.SettleDirect(ctx, made.ID, DirectFailed))(t) {
		t.Error("what became of it is said once")
	}
	if got := must(d.DirectByID(ctx, made.ID))(t); got.State != DirectAccepted {
		t.Errorf("state %s", got.State)
	}
	if !must(d.AddDirectReaction(ctx, made.ID, "🐢", "https://m.example/l/1"))(t) || must(d.AddDirectReaction(ctx, made.ID, "🐢", "https://m.example/l/2"))(t) {
		t.Error("the same reaction counts once")
	}
	if id, content, err := d.ReactedDirect(ctx, "https://m.example/l/1"); err != nil || id != made.ID || content != "🐢" {
		t.Errorf("%d %s %v", id, content, err)
	}
	must(d.AddDirectReaction(ctx, made.ID, "", "https://m.example/l/3"))(t)
	if got := must(d.DirectReactions(ctx, made.ID))(t); !reflect.DeepEqual(got, []string{"", "🐢"}) {
		t.Errorf("reactions %q", got)
	}
	if !must(d.RemoveDirectReaction(ctx, made.ID, ""))(t) || must(d.RemoveDirectReaction(ctx, made.ID, ""))(t) {
		t.Error("taken back once")
	}
}

func TestAcquaintance(t *testing.T) {
	ctx, d := t.Context(), openTemp(t)
	if s := must(d.Acquaintance(ctx, 1, "bob"))(t); s != Stranger {
		t.Errorf("before: %q", s)
	}
	for _, s := range []string{Asking, Welcome} {
		if err := d.SetAcquaintance(ctx, 1, "bob", s, 5); err != nil {
			t.Fatal(err)
		}
		if got := must(d.Acquaintance(ctx, 1, "bob"))(t); got != s {
			t.Errorf("%q, want %q", got, s)
		}
	}
	for _, n := range []int64{7, 3, 7} {
		if err := d.Hold(ctx, n, 1, "bob"); err != nil {
			t.Fatal(err)
		}
	}
	if got := must(d.Held(ctx, 1, "bob", 10))(t); !reflect.DeepEqual(got, []int64{3, 7}) {
		t.Errorf("held %v", got)
	}
	if err := d.ReleaseHeld(ctx, 1, "bob"); err != nil {
		t.Fatal(err)
	}
	if got := must(d.Held(ctx, 1, "bob", 10))(t); len(got) != 0 {
		t.Errorf("still held %v", got)
	}
	if v := must(d.Setting(ctx, "a@b", "language"))(t); v != "" {
		t.Errorf("unset %q", v)
	}
	for _, v := range []string{"de", "fr"} {
		if err := d.SetSetting(ctx, "a@b", "language", v); err != nil {
			t.Fatal(err)
		}
		if got := must(d.Setting(ctx, "a@b", "language"))(t); got != v {
			t.Errorf("%q, want %q", got, v)
		}
	}
}
