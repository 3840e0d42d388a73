//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"isthmus/e2e/peer"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// A reader without a blog follows an account: pending, then subscribed; old posts
// are there without a word, new ones come at once.
func TestAReaderFollowsAFediverseAccount(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		bob.Fills(30, "old post")
		jid := w.Virtual(bob)
		mark := louise.FollowsFan(bob)
		if told := louise.Hears(mark, "you need a name there"); !strings.Contains(told, louise.Handle()) {
			t.Errorf("told %q", told)
		}
		follow := bob.GetsFollow()
		var posts []world.Item
		w.Until("the newest posts are there", func() error {
			if posts = louise.ReadsBlog(jid); len(posts) != 20 {
				return fmt.Errorf("%d posts", len(posts))
			}
			return nil
		})
		newest := posts[19]
		if posts[0].Title != "old post 11" || newest.Title != "old post 30" || newest.Link("enclosure").Title != "a bee" || newest.Link("enclosure").Type != "image/png" {
			t.Errorf("posts from %q to %+v", posts[0].Title, newest)
		}
		if warned := posts[18]; warned.Title != "⚠ spiders" || !slices.Contains(warned.Tags, "nsfw") || !strings.HasPrefix(warned.Text, "⚠ spiders") {
			t.Errorf("warned %+v", warned)
		}
		if poll := posts[17]; !strings.Contains(poll.Text, "○ Tea — 2 (67 %)") {
			t.Errorf("poll %+v", poll)
		}
		if n := louise.WasShown(jid, mark, "old post"); n != 0 {
			t.Errorf("%d old posts were news", n)
		}

		post := bob.Writes(world.Note{Text: "A new post"})
		item := louise.IsShown(bob, mark, "A new post")
		bob.Edits(post.ID, "A better post")
		if again := louise.IsShown(bob, mark, "A better post"); again.ID != item.ID || again.Published != item.Published {
			t.Errorf("edited %+v, was %+v", again, item)
		}
		carol := w.Fan("carol")
		theirs := carol.Writes(world.Note{Text: "Carol's words"})
		boost := bob.Boosts(theirs.ID)
		boosted := louise.IsShown(bob, mark, "Carol's words")
		if boosted.Author != "xmpp:"+w.Virtual(carol) || boosted.Publisher != jid || !strings.HasPrefix(boosted.Link("via").Href, "xmpp:"+w.Virtual(carol)+"?;node="+world.Microblog+";item=") {
			t.Errorf("boost %+v", boosted)
		}
		bob.Undoes(boost)
		louise.IsShownGone(bob, mark, boosted.ID)
		bob.Deletes(post.ID)
		louise.IsShownGone(bob, mark, item.ID)
		if n := bob.GotPosts("Follow", ""); n != 1 {
			t.Errorf("%d Follows", n)
		}

		louise.Unsubscribes(jid, world.Microblog)
		undo := bob.Sees("Undo", fmt.Sprint(follow["id"]))
		if inner, _ := undo["object"].(world.JSON); inner["type"] != "Follow" || inner["object"] != bob.ID {
			t.Errorf("undone %v", undo["object"])
		}
		after := louise.Client.Mark()
		bob.Writes(world.Note{Text: "Too late", To: []string{louise.Handle()}})
		louise.Says("following")
		if n := louise.WasShown(jid, after, "Too late"); n != 0 {
			t.Error("shown after unsubscribing")
		}
	})
}

// What a reader writes below a post reaches its author, and so does a like, in both
// spellings.
func TestAReaderAnswersAndLikes(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		mark := louise.FollowsFan(bob)
		post := bob.Writes(world.Note{Text: "What do you think?"})
		item := louise.IsShown(bob, mark, "What do you think?")
		thread := louise.BlogThread(item)
		if state := louise.Subscribes(thread.Service, thread.Node); state != "subscribed" {
			t.Fatalf("subscribing to comments: %s", state)
		}
		comment := louise.Comments(thread, "I like it")
		o := bob.SeesObject("Create", "I like it")
		if o["inReplyTo"] != post.ID || !strings.Contains(world.Flat(o["tag"]), bob.ID) {
			t.Errorf("answer %v", o)
		}
		if shown := louise.IsShownAt(thread.Service, thread.Node, mark, "I like it"); shown.ID != comment || shown.Publisher != louise.JID {
			t.Errorf("shown %+v", shown)
		}
		louise.EditsComment(thread, comment, "I love it")
		bob.SeesObject("Update", "I love it")
		heart := louise.Hearts(thread)
		like := bob.Sees("Like", post.ID)
		louise.RetractsComment(thread, heart)
		bob.Sees("Undo", fmt.Sprint(like["id"]))
		answer := bob.Replies(fmt.Sprint(o["id"]), "Thank you")
		louise.IsShownAt(thread.Service, thread.Node, mark, "Thank you")
		page, failed := louise.ReadsNode(thread.Service, thread.Node, "", "")
		if failed != "" || len(page.Items) != 2 || page.Items[0].Title != "I love it" || !strings.Contains(page.Items[1].Title, "Thank you") {
			t.Errorf("comments: %s %+v", failed, page.Items)
		}
		if answer.ID == "" || page.Items[1].InReplyTo != thread.URI(comment) {
			t.Errorf("the answer is to %q", page.Items[1].InReplyTo)
		}
		louise.RetractsComment(thread, comment)
		bob.Sees("Delete", fmt.Sprint(o["id"]))
		answered, err := louise.Client.IQ("set", thread.Service, fmt.Sprintf(
			`<pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node=%q><item id="x"><entry xmlns="http://www.w3.org/2005/Atom"><title>forged</title></entry></item></publish></pubsub>`, world.Microblog))
		if err != nil || answered.Condition() != "forbidden" {
			t.Errorf("publishing on bob's blog: %v %v", answered, err)
		}
	})
}

// A client without feeds adds the account as a contact.
func TestAReaderFollowsByPresence(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		jid := w.Virtual(bob)
		mark := louise.Client.Mark()
		if err := louise.Client.Presence(jid, "subscribe"); err != nil {
			t.Fatal(err)
		}
		bob.GetsFollow()
		louise.SeesPresence(jid, mark, "subscribed")
		louise.SeesPresence(jid, mark, "")
		if told := louise.Says("following"); !strings.Contains(told, bob.Handle()) || strings.Contains(told, "no answer") {
			t.Errorf("following: %s", told)
		}
		if err := louise.Client.Presence(jid, "unsubscribe"); err != nil {
			t.Fatal(err)
		}
		bob.Sees("Undo", bob.ID)
	})
}

func TestALockedAccountDecides(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, marie, bob := w.Person("louise"), w.Person("marie"), w.Fan("bob")
		bob.Tells(world.JSON{"manual": true})
		jid := w.Virtual(bob)
		for _, who := range []*world.Person{louise, marie} {
			if state := who.Subscribes(jid, world.Microblog); state != "pending" {
				t.Fatalf("%s is %s", who.JID, state)
			}
		}
		bob.Sees("Follow", louise.Actor())
		bob.Sees("Follow", marie.Actor())
		marks := [2]int{louise.Client.Mark(), marie.Client.Mark()}
		bob.Decides(louise.Actor(), true)
		bob.Decides(marie.Actor(), false)
		louise.AwaitsSubscription(bob, marks[0], "subscribed")
		marie.AwaitsSubscription(bob, marks[1], "none")
		marie.Hears(marks[1], "did not accept")
		bob.Decides(louise.Actor(), false) // who was accepted can be turned out
		louise.AwaitsSubscription(bob, marks[0], "none")
		louise.Hears(marks[0], "any more")
	})
}

// Two readers, one accepted: posts for followers are the one's, in every way.
func TestFollowersOnlyPostsAreForFollowers(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, marie, bob := w.Person("louise"), w.Person("marie"), w.Fan("bob")
		jid := w.Virtual(bob)
		mark, other := louise.FollowsFan(bob), marie.Client.Mark()
		bob.Writes(world.Note{Text: "Among friends", Visibility: "followers"})
		item := louise.IsShown(bob, mark, "Among friends")
		bob.Writes(world.Note{Text: "For all"})
		louise.IsShown(bob, mark, "For all")
		marie.Says("help")
		if posts := louise.ReadsBlog(jid); len(posts) != 2 {
			t.Errorf("louise reads %d", len(posts))
		}
		if posts := marie.ReadsBlog(jid); len(posts) != 1 || posts[0].Title != "For all" {
			t.Errorf("marie reads %+v", posts)
		}
		if page, _ := marie.ReadsNode(jid, world.Microblog, fmt.Sprintf(`<item id=%q/>`, item.ID), ""); len(page.Items) != 0 {
			t.Error("marie reads it by its id")
		}
		if _, failed := marie.ReadsNode(jid, louise.BlogThread(item).Node, "", ""); failed != "cancel/item-not-found" {
			t.Errorf("marie reads its comments: %s", failed)
		}
		if n := marie.WasShown(jid, other, "Among friends"); n != 0 {
			t.Error("marie is shown it")
		}
	})
}

// Two local followers cost one delivery.
func TestTwoReadersOneDelivery(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, marie, bob := w.Person("louise"), w.Person("marie"), w.Fan("bob")
		first, second := louise.FollowsFan(bob), marie.FollowsFan(bob)
		bob.Writes(world.Note{Text: "Once is enough"})
		louise.IsShown(bob, first, "Once is enough")
		marie.IsShown(bob, second, "Once is enough")
		if n := strings.Count(w.Gateway.Log(), "type=Create"); n != 1 {
			t.Errorf("%d deliveries came", n)
		}
		if n := bob.GotPosts("Follow", ""); n != 2 {
			t.Errorf("%d Follows, want one for each person", n)
		}
	})
}

// A long outbox can be walked back to its beginning, and forth again.
func TestALongOutboxIsPaged(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		const n = 500
		bob.Fills(n, "post")
		jid := w.Virtual(bob)
		walk := func(set func(world.Page) string, begin string, before bool) (ids []string) {
			for rsm := begin; ; {
				page, failed := louise.ReadsNode(jid, world.Microblog, "", `<set xmlns="http://jabber.org/protocol/rsm"><max>50</max>`+rsm+`</set>`)
				if failed != "" {
					t.Fatalf("after %d items: %s", len(ids), failed)
				}
				if len(page.Items) == 0 {
					return ids
				}
				if page.Count != fmt.Sprint(n) {
					t.Errorf("there are %s items in all", page.Count)
				}
				var some []string
				for _, it := range page.Items {
					some = append(some, it.ID)
				}
				if before {
					ids = append(some, ids...)
				} else {
					ids = append(ids, some...)
				}
				rsm = set(page)
			}
		}
		back := walk(func(p world.Page) string { return "<before>" + p.First + "</before>" }, "<before/>", true)
		forth := walk(func(p world.Page) string { return "<after>" + p.Last + "</after>" }, "", false)
		if len(back) != n || !slices.Equal(back, forth) {
			t.Errorf("%d items back, %d forth", len(back), len(forth))
		}
	})
}

// A server that vanishes takes nothing with it that was read before; what was not
// is worth another try, and is told so.
func TestAServerThatVanished(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob, carol := w.Person("louise"), w.Fan("bob"), w.Fan("carol")
		for _, f := range []*world.Fan{bob, carol} {
			f.Fills(5, "post")
			if _, err := louise.Client.Info(w.Virtual(f), ""); err != nil {
				t.Fatal(err)
			}
		}
		if posts := louise.ReadsBlog(w.Virtual(bob)); len(posts) != 5 {
			t.Fatalf("%d posts", len(posts))
		}
		for _, f := range []*world.Fan{bob, carol} {
			for _, path := range []string{"/users/" + f.User, "/users/" + f.User + "/outbox"} {
				f.Fails(world.JSON{"method": "GET", "path": path, "status": 503})
			}
		}
		if posts := louise.ReadsBlog(w.Virtual(bob)); len(posts) != 5 {
			t.Errorf("%d posts are left", len(posts))
		}
		if _, failed := louise.ReadsNode(w.Virtual(carol), world.Microblog, "", ""); failed != "wait/remote-server-timeout" {
			t.Errorf("unread posts: %s", failed)
		}
		dan := w.Fan("dan")
		dan.Fails(world.JSON{"method": "GET", "path": "/users/" + dan.User, "status": 503})
		if card := louise.FindsByChat("@" + dan.Handle()); !strings.Contains(card, "cannot be reached") {
			t.Errorf("find: %s", card)
		}
	})
}

// An account that moves takes its readers along.
func TestAnAccountMoves(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob, robert := w.Person("louise"), w.Fan("bob"), w.Fan("robert")
		mark := louise.FollowsFan(bob)
		robert.Tells(world.JSON{"aliases": []string{bob.ID}})
		bob.Tells(world.JSON{"movedTo": robert.ID})
		bob.Announces(robert.ID)
		robert.GetsFollow()
		bob.Sees("Undo", bob.ID)
		louise.Hears(mark, "moved to @"+robert.Handle())
		louise.AwaitsSubscription(robert, mark, "subscribed")
		robert.Writes(world.Note{Text: "Here I am"})
		louise.IsShown(robert, mark, "Here I am")
	})
}

// Lists of follows come from Mastodon and go there; all of it is in one feed.
func TestFollowListsAndTheHomeFeed(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob, carol := w.Person("louise"), w.Fan("bob"), w.Fan("carol")
		mark := louise.Client.Mark()
		louise.Says("import Account address,Show boosts,Notify on new posts,Languages\n" + bob.Handle() + ",true,false,\n" + carol.Handle() + ",true,false,en")
		louise.Hears(mark, "one after the other: 2.")
		louise.Hears(mark, "2 of 2")
		louise.AwaitsSubscription(bob, mark, "subscribed")
		louise.AwaitsSubscription(carol, mark, "subscribed")
		list := louise.Says("export")
		for _, f := range []*world.Fan{bob, carol} {
			if !strings.Contains(list, f.Handle()+",true,false,") {
				t.Errorf("export: %s", list)
			}
		}
		home := "home@" + w.Gateway.Component
		if state := louise.Subscribes(home, world.Microblog); state != "subscribed" {
			t.Fatalf("home: %s", state)
		}
		bob.Writes(world.Note{Text: "From bob"})
		louise.IsShownAt(home, world.Microblog, mark, "From bob")
		carol.Writes(world.Note{Text: "From carol"})
		louise.IsShownAt(home, world.Microblog, mark, "From carol")
		if posts := louise.ReadsBlog(home); len(posts) != 2 || posts[0].Title != "From bob" || posts[1].Title != "From carol" {
			t.Errorf("home has %+v", posts)
		}
		marie := w.Person("marie")
		if posts := marie.ReadsBlog(home); len(posts) != 0 {
			t.Errorf("marie's home has %+v", posts)
		}
	})
}

// With the media proxy readers ask the gateway for pictures, and the author's
// server sees nobody else.
func TestPicturesThroughTheGateway(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f, world.Quick("\n[reader]\nmedia = \"proxy\"\n"))
		louise, bob := w.Person("louise"), w.Fan("bob")
		picture := bob.Serves("/media/"+bob.User+"-bee.png", "image/png", pixel)
		mark := louise.FollowsFan(bob)
		bob.Writes(world.Note{Text: "A bee", More: world.JSON{"attachment": []world.JSON{{"type": "Document", "mediaType": "image/png", "url": picture, "name": "a bee"}}}})
		item := louise.IsShown(bob, mark, "A bee")
		file := item.Link("enclosure")
		if !strings.HasPrefix(file.Href, w.Gateway.URL("/media/proxy/")) || file.Title != "a bee" {
			t.Fatalf("enclosure %+v", file)
		}
		before, err := w.Peer.Mark()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if code, body := w.Fetch(file.Href, "image/*"); code != 200 || !strings.HasPrefix(body, "\x89PNG") {
				t.Errorf("the picture answers %d", code)
			}
		}
		seen, err := w.Peer.Since(before, 0)
		asked := slices.DeleteFunc(seen, func(r peer.Received) bool {
			return !strings.HasSuffix(r.Path, "-bee.png") || !strings.Contains(r.Path, bob.User)
		})
		if err != nil || len(asked) != 1 || !strings.Contains(fmt.Sprint(asked[0].Headers["user-agent"]), "Isthmus") {
			t.Errorf("asked for %v, %v", asked, err)
		}
	})
}
