package db

// Account is a remote actor as XMPP readers see it. Numbers are -1 when the actor
// does not tell them. Times are Unix milliseconds, 0 when never.
type Account struct {
	Actor   string // actor id
	JID     string // its virtual bare address, "" when another actor has that by now
	Profile string // the actor document, JSON
	Outbox  string // where its posts are listed
	More    string // the next page of that, not read yet, "" for none

	Total, Followers int64 // as the actor says

	AvatarURL, AvatarHash, AvatarType      string // hash is that of the media row, "" when none
	AvatarWidth, AvatarHeight, AvatarBytes int64

	Filled  int64 // posts last asked for
	Checked int64 // profile last read, or tried to
	Failing int64 // since when it cannot be read
	Wanted  int64 // somebody here last asked for it
	Moved   int64 // last moved away
}

// FeedItem is an item of an account's node: a post of its own, or of somebody
// else's whom it boosts.
type FeedItem struct {
	ID        int64  // grows
	Actor     string // whose node
	Item      string // pubsub item id, unique there
	Object    string // id of the post
	Activity  string // id of the Announce, "" for the actor's own post
	Private   bool   // for accepted followers alone
	Published int64  // when the actor wrote or boosted it
	Told      string // hash of the entry that readers were told of, "" for none
	Quiet     bool   // stored without telling anybody
	Gone      bool   // deleted or not boosted any more, and readers are yet to be told
}

// FeedPlace is a place in the order of a node's items, the oldest first.
type FeedPlace struct{ Published, ID int64 }

// Following is that one of our blogs follows a remote actor.
type Following struct {
	ID       int64
	BlogID   int64
	Actor    string
	State    string // "pending", "accepted"
	Node     bool   // by a subscription to the actor's node
	Presence bool   // as a contact
	Token    string // in the id of the Follow
	Host     string // of Inbox
	Inbox    string // the actor's own
	Created  int64
}

// Listener is a follower of an account who is told of its posts.
type Listener struct {
	ID             int64 // of the Following
	JID            string
	Node, Presence bool
}

// Subscription is somebody's to a node of a virtual address that is not an
// account's posts.
type Subscription struct {
	Service, Node, JID string
	Created            int64
}

// Task is long work that somebody asked for.
type Task struct {
	ID, BlogID          int64
	Kind                string
	Args                string // JSON, "" once it ended
	State               string // "running", "done", "cancelled"
	Done, Failed, Total int64
	Created             int64
}
