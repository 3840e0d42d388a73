package main

import (
	"fmt"
	"strings"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/world"
)

// notified is how long it takes from the first byte of an activity until XMPP hears of it.
func notified(b *bench, l *load, blogger *world.Person, thread world.Thread, object string, times int) {
	inbox := l.Inbox(blogger.Actor())
	by := func(s world.Tapped, user, host int) bool {
		return strings.HasPrefix(s.Attr["from"], fmt.Sprintf(`u%d\40%s@`, user, hostName(host)))
	}
	var posts, comments, told, likes, follows []time.Duration
	for i := range times {
		who := actor(readHost, 0)
		posts = append(posts, l.told(inbox, post(who, fmt.Sprintf("%s/notes/alone-%d", who, i)), func(s world.Tapped) bool {
			return s.Name == "message" && by(s, 0, readHost)
		})[0])
		who = actor(knownHost, 0)
		both := l.told(inbox, reply(who, fmt.Sprintf("%s/notes/alone-%d", who, i), blogger.Actor(), object), func(s world.Tapped) bool {
			p := s.Find("pubsub/publish")
			return p != nil && p.Attr["node"] == thread.Node
		}, func(s world.Tapped) bool {
			return s.Name == "message" && strings.Contains(s.Value("body"), "to be answered")
		})
		comments, told = append(comments, both[0]), append(told, both[1])
		likes = append(likes, l.told(inbox, world.JSON{"id": fmt.Sprintf("%s/likes/alone-%d", who, i), "type": "Like", "actor": actor(knownHost, 1+i), "object": object}, func(s world.Tapped) bool {
			return s.Find("pubsub/publish") != nil && by(s, 1+i, knownHost)
		})[0])
		who = actor(newHosts*9+i, 0)
		follows = append(follows, l.told(inbox, world.JSON{"id": who + "/follow", "type": "Follow", "actor": who, "object": blogger.Actor()}, func(s world.Tapped) bool {
			return s.Name == "message" && strings.Contains(s.Value("body"), hostName(newHosts*9+i))
		})[0])
	}
	quantiles(b, 0, "post of a followed account: until the reader is told", posts, 0)
	quantiles(b, 0, "reply: until the comment is published", comments, 0)
	quantiles(b, 0, "reply: until the blogger is told", told, 0)
	quantiles(b, 0, "Like: until it is shown below the post", likes, 0)
	quantiles(b, 0, "Follow by somebody never seen: until the blogger is told", follows, 0)
}

// told sends an activity and returns when the gateway said what fits, each after the first byte.
func (l *load) told(inbox string, activity world.JSON, fits ...func(world.Tapped) bool) (after []time.Duration) {
	l.idle()
	parcel := l.parcels(1, inbox, func(int) world.JSON { return activity })
	mark, begun := l.Tap.Mark(), time.Now()
	l.send(l.Gateway.Listen, 1, parcel)
	for _, fit := range fits {
		var at time.Time
		await.True(l.t, time.Minute, fmt.Sprintf("XMPP to hear of %v", activity["id"]), func() error {
			got := l.Tap.Since(mark, func(s world.Tapped) bool { return !s.ToGateway && fit(s) })
			if len(got) == 0 {
				return fmt.Errorf("not yet")
			}
			at = got[0].At
			return nil
		})
		after = append(after, at.Sub(begun))
	}
	return after
}
