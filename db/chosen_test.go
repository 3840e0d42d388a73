package db

import (
	"errors"
	"testing"
)

// What somebody chose for one account goes before what they chose for all; only
// accepted followers count.
func TestChosenBy(t *testing.T) {
	d := openTemp(t)
	ctx := t.Context()
	const bob = "https://b.example/bob"
	blogs := map[string]Blog{}
	for _, name := range []string{"all", "one", "not", "none", "waits"} {
		b := must(d.CreateBlog(ctx, Blog{Token: name, Kind: "person", JID: name + "@example.org", Node: "n", Handle: name, State: Reader}))(t)
		blogs[name] = b
		state := "accepted"
		if name == "waits" {
			state = "pending"
		}
		if _, _, err := d.AddFollowing(ctx, Following{BlogID: b.ID, Actor: bob, State: state, Token: name, Created: 5}); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range [][3]string{{"all", "m", "on"}, {"one", "m bob", "on"}, {"not", "m", "on"}, {"not", "m bob", "off"}, {"waits", "m", "on"}} {
		if err := d.SetSetting(ctx, s[0]+"@example.org", s[1], s[2]); err != nil {
			t.Fatal(err)
		}
	}
	list := must(d.ChosenBy(ctx, bob, 0, "m bob", "m", 10))(t)
	got := map[string]string{}
	for _, c := range list {
		got[c.JID] = c.Value
		if c.Followed != 5 || c.BlogID == 0 {
			t.Errorf("%+v", c)
		}
	}
	if len(got) != 3 || got["all@example.org"] != "on" || got["one@example.org"] != "on" || got["not@example.org"] != "off" {
		t.Errorf("chosen %v", got)
	}
	if list = must(d.ChosenBy(ctx, bob, list[0].ID, "m bob", "m", 1))(t); len(list) != 1 || list[0].JID != "one@example.org" {
		t.Errorf("next page %+v", list)
	}
	if s := must(d.Settings(ctx, "not@example.org"))(t); len(s) != 2 || s["m bob"] != "off" {
		t.Errorf("settings %v", s)
	}
	if err := d.SetHandle(ctx, blogs["all"].ID, "one"); !errors.Is(err, ErrConflict) {
		t.Errorf("a handle of another blog: %v", err)
	}
	if err := d.SetHandle(ctx, blogs["all"].ID, "every"); err != nil {
		t.Error(err)
	}
	if was := must(d.WasFollowed(ctx, blogs["all"].ID))(t); was {
		t.Error("followed by nobody")
	}
}
