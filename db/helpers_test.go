package db

import (
	"fmt"
	"testing"
)

// sample is a database with one blog, and what tests put into it.
type sample struct {
	*Shard // the only one
	t      testing.TB
	blog   Blog
	n      int
}

func newSample(t testing.TB) *sample {
	d := openTemp(t)
	d.shards, d.group.q.shards = 1, 1
	s := &sample{Shard: d.Shard(0, nil), t: t}
	s.blog = s.addBlog("alice")
	return s
}

// must unwraps a result that a test takes for granted.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// second is the error of a result.
func second[T any](_ T, err error) error { return err }

func (s *sample) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *sample) addBlog(name string) Blog {
	s.t.Helper()
	return must(s.CreateBlog(s.t.Context(), Blog{Token: "tok-" + name, Kind: "person", JID: name + "@example.org", Node: "urn:xmpp:microblog:0",
		Handle: name, State: On, Gate: GateUnknown, EnrolledBy: "admin"}))(s.t)
}

func (s *sample) follower(actor, host, inbox, state string) Follower {
	s.t.Helper()
	return must(s.PutFollower(s.t.Context(), Follower{BlogID: s.blog.ID, Actor: actor, Host: host, Inbox: inbox, Own: inbox, State: state}))(s.t)
}

func (s *sample) activity() int64 {
	s.t.Helper()
	s.n++
	return must(s.AddActivity(s.t.Context(), Activity{Token: fmt.Sprint("act", s.n), BlogID: s.blog.ID, Type: "Create", Body: fmt.Sprintf(`{"n":%d}`, s.n)}))(s.t).ID
}

func (s *sample) enqueue(d Delivery, direct ...Target) Delivery {
	s.t.Helper()
	d.BlogID, d.Activity = s.blog.ID, s.activity()
	return must(s.Enqueue(s.t.Context(), d, direct...))(s.t)
}

// claim takes what is due at a time, leased for 100.
func (s *sample) claim(now int64) []Retry {
	s.t.Helper()
	return must(s.ClaimRetries(s.t.Context(), now, now+100, false, 10))(s.t)
}

func at(host string) Target { return Target{host, "https://" + host + "/inbox"} }
