package db

import (
	"errors"
	"math"
)

// Errors that callers tell apart.
var (
	ErrNotFound = errors.New("db: not found")
	ErrConflict = errors.New("db: already exists")
	ErrNewer    = errors.New("db: the schema is newer than this program")
)

// State is what a blog's owner asked for.
type State string

// Blog states (design §3).
const (
	On     State = "on"
	Paused State = "paused" // keeps followers, sends nothing
	Off    State = "off"    // enrolled by an admin but not yet told, or switched off before anything was public
	Reader State = "reader" // no blog: an actor that only follows others
	Gone   State = "gone"   // Delete sent everywhere; answers 410
)

// Gate is what a stranger found when last reading the blog's node.
type Gate string

// Gate states.
const (
	GateUnknown Gate = "unknown" // not looked yet, or no answer
	GateOpen    Gate = "open"
	GateMissing Gate = "missing" // no node yet: the first post has not been written
	GateClosed  Gate = "closed"  // strangers are refused
)

// Blog is one pubsub node that becomes a Fediverse actor: a person's microblog
// or a community node. Times are Unix milliseconds, 0 when never.
type Blog struct {
	ID           int64
	Token        string // in the actor's id
	Kind         string // "person" or "group"
	JID          string // bare owner, or the pubsub service
	Node         string
	Handle       string // canonical, lower case, unique
	State        State
	Gate         Gate
	Reason       string // why the gate is not open, in words for the owner
	EnrolledBy   string // "admin", or the bare JID that asked
	Approve      bool   // followers wait for the owner's word
	HideNetwork  bool   // followers and following show counts only
	Discoverable bool
	Indexable    bool
	Lang         string // BCP 47, "" unknown
	Profile      Profile
	Created      int64
	ProfileAt    int64 // profile last changed
	ProbedAt     int64 // gate last looked at
	SyncedAt     int64 // when the last comparison of items that was finished began
}

// Profile is what the actor document shows.
type Profile struct {
	Name, Note             string // plain text
	AvatarHash, AvatarType string // media row, "" when none
	AvatarURL              string // https address of a picture that is not ours, "" when none
	BannerURL              string // https address of the header picture, "" when none
	Links                  string // web addresses, one on a line
}

// Post is one item of a blog's node, or a comment of its owner on another node.
type Post struct {
	ID        int64
	Token     string // in the object's id
	BlogID    int64
	Item      string // pubsub item id
	Hash      string // of the payload, to tell an edit from a repeat
	Publisher string // bare JID, "" when the service does not tell
	Source    string // Atom entry, XML
	Object    string // ActivityPub object as last published, JSON
	Home      bool   // stays home: kept so that it is never federated
	OnNode    bool   // not known to have been trimmed or retracted
	Published int64
	Updated   int64
	Deleted   int64  // 0 while alive
	Seen      int64  // first seen by us
	Heard     int64  // when the present text came; stored from Seen
	CreateTok string // token of its Create activity
	Service   string // where a comment's item lies, "" for the blog's own node
	Node      string // the same
	ReplyTo   string // id of the object it answers, "" for none
	Thread    int64  // Thread.ID that it is in, 0 for none
}

// Activity is one activity of ours, served under its token for good.
type Activity struct {
	ID       int64
	Token    string
	BlogID   int64
	PostID   int64 // 0 when about no post
	DirectID int64 // of the direct message that it is about, 0 for none: nobody may read it
	Type     string
	Body     string // JSON as sent
	Created  int64
}

// Follower is a remote actor's relation to a blog.
type Follower struct {
	ID      int64 // grows; freezes an audience
	BlogID  int64
	Actor   string // actor id
	Handle  string // user@host when known, "" otherwise
	Inbox   string // where its posts go: the shared inbox when there is one
	Own     string // its personal inbox
	Host    string // of Inbox
	State   string // "pending", "accepted", "removed"
	Follow  string // id of the Follow activity
	Body    string // the Follow as received, embedded in Accept
	Created int64
}

// Remote is what is known of a remote actor.
type Remote struct {
	Actor, Handle, Name, Type string
	Inbox, SharedInbox        string
	Fetched                   int64
	Gone                      bool
}

// Target is one inbox on one host.
type Target struct{ Host, Inbox string }

// Scope says who gets a delivery besides its direct targets.
type Scope string

// Scopes.
const (
	ToNobody    Scope = ""
	ToFollowers Scope = "followers" // accepted followers with an id up to the delivery's Audience
	ToReached   Scope = "reached"   // everybody who ever was accepted: for Delete
)

// Delivery is one activity on its way: a row whose cost does not depend on the
// number of inboxes. Direct targets become retry rows due at once.
type Delivery struct {
	ID       int64
	BlogID   int64  // whose key signs; 0 is the instance actor
	Activity int64  // Activity.ID
	Lane     string // deliveries of one lane reach one inbox in order; "" has no order
	Scope    Scope
	Urgent   bool  // overtakes fan-out: Accept, direct messages
	Audience int64 // highest follower id, filled in by Enqueue
	Created  int64

	// In the shard that was asked:
	After Target // cursor: everything up to here is sent or has a retry row
	Ahead []byte // what is done beyond it; only the delivery engine reads that
}

// Recipient is one target of a delivery's audience and what is known of it.
type Recipient struct {
	Target
	Queued bool // this delivery already has a retry row for it
	Waits  bool // an earlier delivery of the lane has one: it goes first
}

// Due values of a retry that waits for something other than the clock.
const (
	WaitHost = math.MaxInt64 - 1 // until WakeHost
	WaitLane = math.MaxInt64     // until the lane's earlier retry for this inbox is removed
)

// Retry is one inbox of a delivery that is due again. There is at most one for
// each delivery and inbox.
type Retry struct {
	ID       int64
	Delivery int64
	BlogID   int64
	Lane     string
	Target   Target
	Due      int64
	Tries    int // attempts begun
	Urgent   bool
	Created  int64 // of the delivery
}

// Host is what is known of a peer's health. A row without failures marks a host
// whose waiting retries are still being woken.
type Host struct {
	Host      string
	Failures  int   // since the last success
	Since     int64 // first failure of that row
	OpenUntil int64 // circuit open until then, 0 closed
	LastError string
}

// Checkpoint is what one tick of the delivery engine stores in one transaction.
type Checkpoint struct {
	Now        int64 // when a retry released from its lane is due
	Cursors    []Cursor
	Remove     []int64 // retry row ids that are done or given up
	Done       []Place // the same, for rows known only by delivery and target
	Add        []Retry // new retry rows; one that is there gets the new Due and Tries
	Reschedule []Retry // ID, Due, Tries
	Hosts      []Host
	Forget     []string // hosts
	Finished   []int64  // deliveries whose audience is exhausted; rows go when no retry is left
}

// Cursor moves one delivery's cursor.
type Cursor struct {
	Delivery int64
	After    Target
	Ahead    []byte
}

// Place is one target of a delivery.
type Place struct {
	Delivery int64
	Target   Target
}

// QueueStats says how much work is waiting.
type QueueStats struct {
	Fanouts, Retries, OpenHosts, Inbound, Jobs int
	OldestDue                                  int64 // of the retries, 0 when none is due by the clock
}

// Counts are the public figures of the gateway.
type Counts struct {
	Blogs, Posts                int
	ActiveMonth, ActiveHalfYear int // blogs with a post since
}

// Inbound is one received activity waiting for its worker.
type Inbound struct {
	ID       int64
	Activity string // its id; unique
	Actor    string
	Type     string
	Token    string // recipient actor's token, "" for the shared inbox
	Body     string
	Received int64
	Tries    int
	Due      int64
}

// Job is everything else that takes time. Kind and Key together are unique:
// adding one that is there only moves Due earlier; adding one that is running
// makes it run again.
type Job struct {
	ID    int64
	Kind  string
	Key   string
	Args  string // JSON
	Due   int64
	Tries int
	Note  string // progress or last error, for status

	Anywhere bool // it needs no XMPP stream, and any process may run it
}
