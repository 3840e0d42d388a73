package main

import (
	"fmt"
	"time"

	"isthmus/e2e/world"
)

// kind is a sort of activity with all that it causes here.
type kind struct {
	name, libervia string  // what the other gateway takes for it, "" when that is not known
	most           float64 // ms of processor time to be reached, 0 for none
	n              int
	activity       func(run, i int) world.JSON
}

// Hosts of the zone whose actors the kinds are of. Those of "never seen" follow newHosts.
const (
	knownHost, readHost = 0, 3
	known, read         = 64, 8 // actors on them
	newHosts            = 10_000
)

// kinds are about a blog and a post of it that is discussed.
func kinds(n int, blog, object string) []kind {
	unseen := func(sort, run, i int) string { return actor(newHosts*(1+sort)+run*n+i, 0) }
	acquainted := func(i int) string { return actor(knownHost, i%known) }
	answer := func(who string, run, i int) string { return fmt.Sprintf("%s/notes/%d-%d", who, run, i) }
	remove := func(who, id string) world.JSON {
		return world.JSON{"id": id + "/delete", "type": "Delete", "actor": who, "object": world.JSON{"id": id, "type": "Tombstone"}}
	}
	return []kind{
		{"Follow of never seen actors on servers never seen", "107 ms", 10.7, n / 2, func(run, i int) world.JSON {
			who := unseen(0, run, i)
			return world.JSON{"id": who + "/follow", "type": "Follow", "actor": who, "object": blog}
		}},
		{"Like of never seen actors on servers never seen", "69 ms", 6.9, n / 2, func(run, i int) world.JSON {
			who := unseen(1, run, i)
			return world.JSON{"id": who + "/like", "type": "Like", "actor": who, "object": object}
		}},
		{"Like of known actors", "", 0, n, func(run, i int) world.JSON {
			return world.JSON{"id": fmt.Sprintf("%s/likes/%d-%d", acquainted(i), run, i), "type": "Like", "actor": acquainted(i), "object": object}
		}},
		{"Create of a followed account, told to one reader", "7.3 ms", 0.73, n / 2, func(run, i int) world.JSON {
			who := actor(readHost, i%read)
			return post(who, answer(who, run, i))
		}},
		{"Create of a reply that becomes a comment, by known actors", "", 0, n / 2, func(run, i int) world.JSON {
			return reply(acquainted(i), answer(acquainted(i), run, i), blog, object)
		}},
		{"Create of a reply that becomes a comment, by never seen actors on servers never seen", "", 0, n / 4, func(run, i int) world.JSON {
			who := unseen(2, run, i)
			return reply(who, answer(who, run, i), blog, object)
		}},
		{"Delete of a reply", "", 0, n / 2, func(run, i int) world.JSON {
			return remove(acquainted(i), answer(acquainted(i), run, i))
		}},
		{"Delete of what never came, by never seen actors on servers never seen", "", 0, n / 2, func(run, i int) world.JSON {
			who := unseen(3, run, i)
			return remove(who, answer(who, run, i))
		}},
		// Last, because what is said to followers is for them from now on, too. All but the first of each ask again.
		{"Follow of known actors, most of them once more", "", 0, n / 2, func(run, i int) world.JSON {
			return world.JSON{"id": fmt.Sprintf("%s/follows/%d-%d", acquainted(i), run, i), "type": "Follow", "actor": acquainted(i), "object": blog}
		}},
	}
}

// post is the Create of a public post.
func post(who, id string) world.JSON {
	public, cc := []string{"https://www.w3.org/ns/activitystreams#Public"}, []string{who + "/followers"}
	return world.JSON{"id": id + "/activity", "type": "Create", "actor": who, "to": public, "cc": cc, "object": world.JSON{
		"id": id, "type": "Note", "attributedTo": who, "content": "<p>A few words of some length, as people write them when they have an opinion.</p>",
		"published": time.Now().UTC().Format(time.RFC3339), "to": public, "cc": cc}}
}

// reply is the Create of one that answers a blog's.
func reply(who, id, blog, object string) world.JSON {
	a := post(who, id)
	note := a["object"].(world.JSON)
	note["inReplyTo"] = object
	a["cc"], note["cc"] = []string{blog}, []string{blog}
	return a
}
