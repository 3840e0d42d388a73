// Package activitypub is the Fediverse border: the HTTP server peers talk to,
// the signed client that talks to them, and HTTP signatures both ways.
//
// It decodes, checks and bounds what peers send, calls Handler once, and
// encodes the answer. It refuses to know anything of XMPP, of storage or of
// what an activity means: a request that reaches the Handler is well-formed,
// small, recent, and proven to come from the actor it names, no more.
package activitypub

import (
	"context"
	"time"

	"isthmus/activitypub/vocab"
)

// Handler is what the server asks, one method per thing a peer can ask for.
// Methods are called concurrently and may block; ctx ends when the peer goes
// away. They answer with ErrNotFound, ErrGone (or *GoneError), ErrForbidden or
// ErrBusy where these fit; any other error is 500 to the peer and is logged.
type Handler interface {
	// Finger answers a WebFinger query (RFC 7033): ErrNotFound for what does
	// not exist, ErrGone for what is deleted. Nothing is ever echoed (row D6).
	Finger(ctx context.Context, q FingerQuery) (Finger, error)
	// Actor, Post and Activity answer GETs of what has an id of ours.
	Actor(ctx context.Context, token string) (Document, error)
	Post(ctx context.Context, token string) (Document, error)
	Activity(ctx context.Context, token string) (Document, error)
	// Collection answers for "outbox", "followers", "following" or "featured"
	// of an actor; page is the page parameter, "" for the collection itself.
	Collection(ctx context.Context, token, name, page string) (Document, error)
	// PostCollection answers for "replies", "likes" or "shares" of a post (AP
	// §5.7, §5.8); page as for Collection.
	PostCollection(ctx context.Context, token, name, page string) (Document, error)
	// Export gives an archive of everything of one actor, for who has the secret
	// token of its link; it is Private.
	Export(ctx context.Context, token string) (Document, error)
	// MayRead is nil when an actor, whose signature was checked, may read what has an id
	// of ours, or its collections; ErrForbidden when it is blocked. Only asked with
	// ServerConfig.AuthorizedFetch.
	MayRead(ctx context.Context, id, actor string) error
	// PageID gives the id behind a page for people: of the actor when token is
	// "", else of its post. It is only asked when the peer wants JSON.
	PageID(ctx context.Context, handle, token string) (id string, err error)
	// Media gives a file named by the hash of its content.
	Media(ctx context.Context, hash string) (contentType string, data []byte, err error)
	// NodeInfo gives the numbers of the instance.
	NodeInfo(ctx context.Context) (NodeInfo, error)
	// InboxExists is asked before the body is read; nil, ErrNotFound or ErrGone.
	InboxExists(ctx context.Context, token string) error
	// KnownActor says whether anything of this actor may be stored here. When an
	// actor that is not known deletes itself, that is dropped unverified (row S16).
	KnownActor(ctx context.Context, actor string) bool
	// Unwanted says that nothing is to be accepted of an actor, or what a key of this
	// id signed. It is asked before anything is verified; the answer is 202.
	Unwanted(ctx context.Context, keyID, actor string) bool
	// Inbox takes a verified activity; nil means 202, and so does a duplicate.
	Inbox(ctx context.Context, in Inbound) error
}

// FingerQuery is the resource of a WebFinger query, taken apart. Exactly one
// of Instance, User with Host, and URL is set.
type FingerQuery struct {
	Instance bool   // the server itself: https://host/ or acct:host@host (FEP-d556)
	User     string // lower case
	Asked    string // the user as the peer wrote it: only for spellings where case counts
	Host     string // lower case, with the port if one was given
	URL      string // https, lower-case host that is ours, no query, no fragment
}

// Finger is the answer to a FingerQuery.
type Finger struct {
	Subject    string   // canonical, with or without "acct:"
	Aliases    []string // optional
	ActorID    string
	ProfileURL string // page for people, optional
}

// Document is an ActivityStreams document ready to be sent.
type Document struct {
	Body     []byte
	HTMLURL  string    // page for people, "" when there is none
	Modified time.Time // zero when not known
	Open     bool      // to everybody, whatever the mode: the instance actor, and what has a secret of its own
	Private  bool      // may only be shown to this asker: not cacheable, no CORS
}

// NodeInfo is what NodeInfo 2.0 and 2.1 tell of the instance.
type NodeInfo struct {
	Users, ActiveMonth, ActiveHalfYear int
	Posts                              int
	OpenRegistrations                  bool
	Name, Description                  string // of this instance, optional
}

// Inbound is one activity that passed every check of the border: its signature
// is of the key that its actor claims, and its id is on the actor's host. One
// that is Forwarded was brought by somebody else (AP §7.1.2): nothing it says is
// proven, and only its ids are good for anything, to ask their own hosts.
type Inbound struct {
	ID        string // "" when the peer gave none
	Type      string // the first one
	Actor     string
	Doc       vocab.Doc
	Body      []byte // as received
	Token     string // recipient, "" for the shared inbox
	Signer    string // the actor whose key signed the request: Actor, unless Forwarded
	Forwarded bool
	RequestID string // as in the log
}
