package db

// Thread is the comments node of one of our posts.
type Thread struct {
	ID         int64
	PostID     int64
	Service    string // pubsub service, a bare JID
	Node       string
	Subscribed bool // its events reach us
	Created    int64
}

// Note is somebody else's object that is known here: it answers or names one of
// ours, or was only read.
type Note struct {
	ID         int64
	Object     string // its id; unique
	Actor      string // id of who wrote it
	Type       string // "Note", "Article", …
	URL        string // page for people
	ReplyTo    string // id of the object it answers, "" for none
	Thread     int64  // Thread.ID, 0 for none
	PostID     int64  // our post that the conversation is about, 0 for none
	BlogID     int64  // whom it concerns, 0 for none
	Visibility string // "public", "unlisted", "followers", "direct"
	Entry      string // what is to stand in XMPP: Atom entry, XML, "" when deleted
	Hash       string // of Entry, "" when deleted
	Shown      string // hash of what stands on the node now, "" nothing
	Service    string // where it stands or is to stand, all "" for nowhere
	Node       string
	Item       string
	Message    string // id of the chat message sent instead, "" for none
	Published  int64
	Updated    int64
	Deleted    int64  // 0 while alive
	Seen       int64  // first seen by us
	Shelf      bool   // it was only read: whether it concerns anybody here was not looked at
	ReadAt     int64  // its replies were last asked for
	Doc        string // the object as it came, JSON, "" when deleted
}

// Reaction is one thing that somebody did to a post of ours. There is at most one
// for each post, actor, kind and content.
type Reaction struct {
	ID       int64
	PostID   int64
	Actor    string
	Kind     string // "like", "react" (with an emoji), "announce"
	Content  string // the emoji, "" for a plain like and an announce
	Activity string // its id, "" when it has none
	Created  int64
}

// Mark is what stands in XMPP for one actor's likes and reactions to a post.
type Mark struct {
	PostID  int64
	Actor   string
	Shown   string // what form it has
	Hash    string // of what stands there, "" nothing
	Service string
	Node    string
	Item    string
}

// Deed is a Like or an Announce by one of our blogs. There is at most one for each
// place in XMPP, kind and content.
type Deed struct {
	ID      int64
	BlogID  int64
	Kind    string // as in Reaction
	Content string // the same
	Object  string // id of what it was done to
	Service string // the item that stands for it
	Node    string
	Item    string
	Token   string // in the activity's id
	Host    string // of Inbox
	Inbox   string // of the object's author, "" when nobody was told
	Created int64
}

// News is something that a blog's owner is yet to be told.
type News struct {
	ID      int64
	BlogID  int64
	Kind    string
	Actor   string
	Name    string // the actor's, as shown
	PostID  int64  // 0 when about no post
	URL     string
	Text    string
	Digest  bool // told with others of its kind, not by itself
	Created int64
}
