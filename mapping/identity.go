// Package mapping translates between the two networks: Atom entries to Notes
// and Articles, vCards to actors, XHTML to the HTML that the Fediverse keeps,
// and every spelling of an address.
//
// It is pure: what it needs is an argument, and it knows no clock, log, network
// or storage. It refuses to decide who may speak or be read; it only says how
// what is said is spelled.
package mapping

import (
	"encoding/base32"
	"strings"
)

// Addresses spells every address of one gateway (design §2).
type Addresses struct {
	Base         string   // https://ap.example.org, without a slash at the end
	HandleDomain string   // of handles: example.org, or the host of Base
	Component    string   // the gateway's XMPP domain
	Domains      []string // XMPP domains whose accounts it serves, the first one primary
}

// InstanceToken is the token of the gateway's own Application actor.
const InstanceToken = "gateway"

// Actor, Post and Activity are the ids of what has the token. Nothing in them
// depends on the handle, which may change (row D25).
func (a Addresses) Actor(token string) string    { return a.Base + "/ap/actor/" + token }
func (a Addresses) Post(token string) string     { return a.Base + "/ap/post/" + token }
func (a Addresses) Activity(token string) string { return a.Base + "/ap/activity/" + token }

// Replies, Likes and Shares are a post's collections.
func (a Addresses) Replies(token string) string { return a.Post(token) + "/replies" }
func (a Addresses) Likes(token string) string   { return a.Post(token) + "/likes" }
func (a Addresses) Shares(token string) string  { return a.Post(token) + "/shares" }

// Key is the id of an actor's key (row S5).
func (a Addresses) Key(token string) string { return a.Actor(token) + "#main-key" }

// Inbox is an actor's own inbox, SharedInbox that of all.
func (a Addresses) Inbox(token string) string { return a.Collection(token, "inbox") }
func (a Addresses) SharedInbox() string       { return a.Base + "/ap/inbox" }

// Outbox, Followers, Following and Featured are an actor's collections.
func (a Addresses) Outbox(token string) string    { return a.Collection(token, "outbox") }
func (a Addresses) Followers(token string) string { return a.Collection(token, "followers") }
func (a Addresses) Following(token string) string { return a.Collection(token, "following") }
func (a Addresses) Featured(token string) string  { return a.Collection(token, "featured") }

// Collection is the address of an actor's collection by name.
func (a Addresses) Collection(token, name string) string { return a.Actor(token) + "/" + name }

// Page, PostPage and FeedPage are for people.
func (a Addresses) Page(handle string) string            { return a.Base + "/@" + handle }
func (a Addresses) PostPage(handle, token string) string { return a.Page(handle) + "/" + token }
func (a Addresses) FeedPage(handle string) string        { return a.Page(handle) + "/feed.atom" }

// Media is the address of a file named by the hash of its content.
func (a Addresses) Media(hash string) string { return a.Base + "/media/" + hash }

// Acct is a handle with its domain, without @ or acct: before it.
func (a Addresses) Acct(handle string) string { return handle + "@" + a.HandleDomain }

// Kind is what one of our URLs names; for a collection or inbox of an actor it
// is the collection's name.
type Kind string

// Kinds of URLs. The token of a KindPage is a handle, of a KindPostPage that of
// the post.
const (
	KindActor     Kind = "actor"
	KindKey       Kind = "key"
	KindPost      Kind = "post"
	KindActivity  Kind = "activity"
	KindPage      Kind = "page"
	KindPostPage  Kind = "postpage"
	KindFollowers Kind = "followers"
)

// TokenOf takes one of our own URLs apart; ok is false for any other. It does
// not know whether anything has that token.
func (a Addresses) TokenOf(url string) (kind Kind, token string, ok bool) {
	path, ok := strings.CutPrefix(url, a.Base+"/")
	if !ok || a.Base == "" {
		return "", "", false
	}
	if handle, isPage := strings.CutPrefix(path, "@"); isPage {
		handle, post, more := strings.Cut(handle, "/")
		switch {
		case !handleShape.MatchString(handle):
			return "", "", false
		case !more:
			return KindPage, handle, true
		case isToken(post):
			return KindPostPage, post, true
		}
		return "", "", false
	}
	parts := strings.Split(path, "/")
	if len(parts) < 3 || len(parts) > 4 || parts[0] != "ap" {
		return "", "", false
	}
	kind, token = Kind(parts[1]), parts[2]
	if kind == KindActor {
		if t, isKey := strings.CutSuffix(token, "#main-key"); isKey && len(parts) == 3 {
			return KindKey, t, isToken(t)
		}
		if len(parts) == 4 {
			switch parts[3] {
			case "inbox", "outbox", "followers", "following", "featured":
				return Kind(parts[3]), token, isToken(token)
			}
			return "", "", false
		}
	}
	if len(parts) != 3 || !isToken(token) || kind != KindActor && kind != KindPost && kind != KindActivity {
		return "", "", false
	}
	return kind, token, true
}

// isToken knows what may stand in our paths: unreserved characters that no peer
// writes in two ways.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

var lower32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewToken spells random bytes as a token: 16 bytes become 26 characters.
func NewToken(random []byte) string { return lower32.EncodeToString(random) }
