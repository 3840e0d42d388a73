package db

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
)

const (
	bob  = "https://a.test/bob"
	dora = "https://a.test/dora"
)

func (s *sample) account(actor, jid string) Account {
	s.t.Helper()
	return must(s.PutAccount(s.t.Context(), Account{Actor: actor, JID: jid, Profile: "{}", Total: -1, Followers: -1, Checked: 10, Wanted: 10}))(s.t)
}

func (s *sample) follows(blog Blog, actor, state string) Following {
	s.t.Helper()
	f, _, err := s.AddFollowing(s.t.Context(), Following{BlogID: blog.ID, Actor: actor, State: state, Node: true, Token: blog.Token + actor, Host: "a.test", Inbox: actor + "/inbox"})
	s.ok(err)
	return f
}

func (s *sample) feed(f FeedItem) FeedItem {
	s.t.Helper()
	saved, _, err := s.AddFeed(s.t.Context(), f)
	s.ok(err)
	return saved
}

func TestAccount(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.account(bob, "bob@ap")
	s.ok(s.SetFilled(ctx, bob, 20, "https://a.test/page2", 7))
	s.ok(s.SetAvatar(ctx, Account{Actor: bob, AvatarHash: "h", AvatarType: "image/png", AvatarWidth: 1, AvatarHeight: 2, AvatarBytes: 3}))
	s.ok(s.SetAccountFailing(ctx, bob, 30))
	s.ok(s.SetAccountFailing(ctx, bob, 40))
	if a := must(s.Account(ctx, bob))(t); a.Failing != 30 || a.Checked != 40 {
		t.Errorf("failing since %d, looked at %d", a.Failing, a.Checked)
	}
	a := s.account(bob, "bob@ap") // read again
	if a.Failing != 0 || a.Filled != 20 || a.More == "" || a.AvatarHash != "h" || a.AvatarHeight != 2 {
		t.Errorf("read again: %+v", a)
	}
	s.ok(s.SetFilled(ctx, bob, 50, "", -1))
	if a := must(s.Account(ctx, bob))(t); a.Filled != 50 || a.More != "" {
		t.Errorf("filled: %+v", a)
	}
	// The name passes to another actor.
	s.account(dora, "bob@ap")
	if a := must(s.AccountByJID(ctx, "bob@ap"))(t); a.Actor != dora {
		t.Errorf("at the address: %s", a.Actor)
	}
	if a := must(s.Account(ctx, bob))(t); a.JID != "" {
		t.Errorf("the old one is still at %s", a.JID)
	}
	if err := second(s.AccountByJID(ctx, "")); !errors.Is(err, ErrNotFound) {
		t.Errorf("at no address: %v", err)
	}
}

func TestWhichAccountsAreOld(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.account(bob, "bob@ap")
	s.account(dora, "dora@ap")
	s.follows(s.blog, bob, "pending")
	actors := func(list []Account) (out []string) {
		for _, a := range list {
			out = append(out, a.Actor)
		}
		return out
	}
	if got := actors(must(s.StaleAccounts(ctx, 11, 9))(t)); !slices.Equal(got, []string{bob}) {
		t.Errorf("stale: %v", got)
	}
	if got := actors(must(s.IdleAccounts(ctx, 11, 9))(t)); !slices.Equal(got, []string{dora}) {
		t.Errorf("idle: %v", got)
	}
	s.ok(s.SetWanted(ctx, dora, 20))
	if got := actors(must(s.IdleAccounts(ctx, 11, 9))(t)); len(got) != 0 {
		t.Errorf("idle although wanted: %v", got)
	}
	s.feed(FeedItem{Actor: dora, Item: "i", Object: "https://a.test/1"})
	s.ok(s.RemoveAccount(ctx, must(s.Account(ctx, dora))(t)))
	if err := second(s.FeedItem(ctx, dora, "i")); !errors.Is(err, ErrNotFound) {
		t.Errorf("an item of a forgotten account: %v", err)
	}
}

// A node's items, the oldest first, with what only followers see and without what
// is gone.
func TestFeedPages(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for i, item := range []string{"one", "two", "secret", "four", "gone"} {
		f := s.feed(FeedItem{Actor: bob, Item: item, Object: "https://a.test/" + item, Published: int64(i), Private: item == "secret"})
		if item == "gone" {
			s.ok(s.SetFeedGone(ctx, f.ID))
		}
	}
	names := func(list []FeedItem) (out []string) {
		for _, f := range list {
			out = append(out, f.Item)
		}
		return out
	}
	end := FeedPlace{math.MaxInt64, math.MaxInt64}
	if got := names(must(s.FeedBefore(ctx, bob, false, end, 2))(t)); !slices.Equal(got, []string{"four", "two"}) {
		t.Errorf("the newest: %v", got)
	}
	if got := names(must(s.FeedBefore(ctx, bob, true, end, 2))(t)); !slices.Equal(got, []string{"four", "secret"}) {
		t.Errorf("the newest for a follower: %v", got)
	}
	two := must(s.FeedItem(ctx, bob, "two"))(t)
	place := FeedPlace{two.Published, two.ID}
	if got := names(must(s.FeedAfter(ctx, bob, true, place, 9))(t)); !slices.Equal(got, []string{"secret", "four"}) {
		t.Errorf("after two: %v", got)
	}
	if n, all := must(s.FeedRank(ctx, bob, true, place))(t), must(s.FeedCount(ctx, bob, true))(t); n != 1 || all != 4 {
		t.Errorf("%d before two of %d", n, all)
	}
	if all := must(s.FeedCount(ctx, bob, false))(t); all != 3 {
		t.Errorf("%d for everybody", all)
	}
	s.ok(s.DropPrivate(ctx, bob))
	if all := must(s.FeedCount(ctx, bob, true))(t); all != 3 {
		t.Errorf("%d when nobody follows any more", all)
	}
}

func TestFeedItemIsStoredOnce(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	first := s.feed(FeedItem{Actor: bob, Item: "i", Object: "https://a.test/1", Activity: "https://a.test/boost", Quiet: true})
	again, fresh, err := s.AddFeed(ctx, FeedItem{Actor: bob, Item: "i", Object: "https://a.test/other"})
	if err != nil || fresh || again != first {
		t.Errorf("again: %+v, fresh %v, %v", again, fresh, err)
	}
	s.feed(FeedItem{Actor: dora, Item: "i", Object: "https://a.test/1"})
	if list := must(s.FeedOf(ctx, "https://a.test/1", 9))(t); len(list) != 2 {
		t.Errorf("it stands in %d nodes", len(list))
	}
	if f := must(s.FeedByActivity(ctx, bob, "https://a.test/boost"))(t); f.ID != first.ID {
		t.Errorf("by its Announce: %+v", f)
	}
	s.ok(s.WakeFeed(ctx, first.ID))
	s.ok(s.SetFeedTold(ctx, first.ID, "hash"))
	if f := must(s.FeedByID(ctx, first.ID))(t); f.Quiet || f.Told != "hash" {
		t.Errorf("told: %+v", f)
	}
	s.ok(s.RemoveFeed(ctx, first.ID)) // not gone: nothing happens
	if f := must(s.FeedByID(ctx, first.ID))(t); f.Gone {
		t.Errorf("gone: %+v", f)
	}
	s.ok(s.SetFeedGone(ctx, first.ID))
	s.ok(s.RemoveFeed(ctx, first.ID))
	if err := second(s.FeedByID(ctx, first.ID)); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
}

func TestFollowing(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	f := s.follows(s.blog, bob, "pending")
	if again, fresh, err := s.AddFollowing(ctx, Following{BlogID: s.blog.ID, Actor: bob, Token: "other"}); err != nil || fresh || again != f {
		t.Errorf("again: %+v, fresh %v, %v", again, fresh, err)
	}
	sees := func() (asked, followed, follows bool) {
		return must(s.AskedHere(ctx, bob))(t), must(s.FollowedHere(ctx, bob))(t), must(s.FollowsActor(ctx, s.blog.JID, s.blog.Node, bob))(t)
	}
	if asked, followed, follows := sees(); !asked || followed || follows {
		t.Error("a follow that was not accepted counts")
	}
	if list := must(s.Listeners(ctx, bob, 0, 9))(t); len(list) != 0 {
		t.Errorf("listeners before they were accepted: %+v", list)
	}
	s.ok(s.SetFollowingState(ctx, f.ID, "accepted"))
	if asked, followed, follows := sees(); !asked || !followed || !follows {
		t.Error("an accepted follow does not count")
	}
	s.ok(s.SetFollowingWays(ctx, f.ID, true, true))
	if list := must(s.Listeners(ctx, bob, 0, 9))(t); len(list) != 1 || list[0] != (Listener{f.ID, s.blog.JID, true, true}) {
		t.Errorf("listeners %+v", list)
	}
	s.follows(s.blog, dora, "accepted")
	if list := must(s.FollowingOf(ctx, s.blog.ID, bob, 9))(t); len(list) != 1 || list[0].Actor != dora {
		t.Errorf("after bob: %+v", list)
	}
	s.ok(s.RemoveFollowing(ctx, f.ID))
	if err := s.RemoveFollowing(ctx, f.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("twice: %v", err)
	}
	s.ok(s.ForgetFollowing(ctx, s.blog.ID))
	if n := must(s.FollowingCount(ctx, s.blog.ID))(t); n != 0 {
		t.Errorf("%d left", n)
	}
}

func TestSubscription(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for range 2 {
		s.ok(s.AddSubscription(ctx, Subscription{Service: "bob@ap", Node: "n", JID: "alice@example.org", Created: 1}))
	}
	if list := must(s.Subscribers(ctx, "bob@ap", "n", "", 9))(t); len(list) != 1 {
		t.Errorf("subscribers %+v", list)
	}
	if !must(s.Subscribed(ctx, "bob@ap", "n", "alice@example.org"))(t) || must(s.Subscribed(ctx, "bob@ap", "m", "alice@example.org"))(t) {
		t.Error("who is subscribed")
	}
	s.ok(s.ForgetSubscriber(ctx, "alice@example.org"))
	if err := s.RemoveSubscription(ctx, "bob@ap", "n", "alice@example.org"); !errors.Is(err, ErrNotFound) {
		t.Errorf("removing what is not there: %v", err)
	}
}

// A task that ended stays as it ended: a late step changes nothing.
func TestTask(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	task := must(s.AddTask(ctx, Task{BlogID: s.blog.ID, Kind: "backfill", Args: "{}", Total: 9}))(t)
	s.ok(s.SetProgress(ctx, task.ID, 3, 1))
	if list := must(s.RunningTasks(ctx, s.blog.ID, 9))(t); len(list) != 1 || list[0].Done != 3 || list[0].Failed != 1 {
		t.Errorf("running %+v", list)
	}
	s.ok(s.EndTask(ctx, task.ID, "cancelled"))
	if err := s.SetProgress(ctx, task.ID, 9, 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("progress of a cancelled task: %v", err)
	}
	if err := s.EndTask(ctx, task.ID, "done"); !errors.Is(err, ErrNotFound) {
		t.Errorf("ending it again: %v", err)
	}
	if got := must(s.Task(ctx, task.ID))(t); got.State != "cancelled" || got.Args != "" || got.Done != 3 {
		t.Errorf("ended: %+v", got)
	}
}

// Of an account the newest items are kept, and of the others' posts those that somebody
// else's node shows, too.
func TestTrimFeed(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for i := range 6 {
		object := fmt.Sprint("https://a.test/", i)
		_, _, err := s.AddNote(ctx, Note{Object: object, Actor: bob, Type: "Note", Visibility: "public", Shelf: true, Published: int64(i)})
		s.ok(err)
		_, _, err = s.AddFeed(ctx, FeedItem{Actor: bob, Item: fmt.Sprint("i", i), Object: object, Published: int64(i)})
		s.ok(err)
	}
	_, _, err := s.AddFeed(ctx, FeedItem{Actor: dora, Item: "boost", Object: "https://a.test/1", Activity: "x", Published: 9})
	s.ok(err)
	if n := must(s.TrimFeed(ctx, bob, 6))(t); n != 0 {
		t.Errorf("%d of 6 went", n)
	}
	if n := must(s.TrimFeed(ctx, bob, 4))(t); n != 2 {
		t.Errorf("%d went", n)
	}
	if n := must(s.FeedCount(ctx, bob, true))(t); n != 4 {
		t.Errorf("%d are left", n)
	}
	for i, there := range []bool{false, true, true} {
		if _, err := s.NoteByObject(ctx, fmt.Sprint("https://a.test/", i)); (err == nil) != there {
			t.Errorf("post %d: %v", i, err)
		}
	}
}
