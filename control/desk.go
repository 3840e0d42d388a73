// Package control is how the admin's command line and the admin's page ask the running
// gateway: what they can ask (Desk), and a socket file of this machine that carries it.
package control

import (
	"context"
	"errors"
	"time"

	"isthmus/doctor"
)

// Desk is what an admin can ask the running gateway, one method for each question. Lists
// have what is most of interest first.
type Desk interface {
	State(ctx context.Context) (State, error)
	// Accounts lists blogs, communities and readers, the newest first.
	Accounts(ctx context.Context) ([]Account, error)
	// Follows lists who follows an account and whom it follows. who is a JID, a JID and
	// a node with a blank between them, or a handle; ErrNotFound when there is none.
	Follows(ctx context.Context, who string) ([]Follow, error)
	// Hosts lists servers with failures, or all of which something is known.
	Hosts(ctx context.Context, all bool) ([]Host, error)
	// Reports lists those that are open, or that are closed.
	Reports(ctx context.Context, closed bool) ([]Report, error)
	// Jobs lists long work that people asked for.
	Jobs(ctx context.Context) ([]Job, error)
	// Recent lists what admins did.
	Recent(ctx context.Context) ([]Deed, error)
	// Rules lists what is decided about servers and accounts elsewhere.
	Rules(ctx context.Context) ([]Rule, error)
	// History is what was delivered and received lately, the oldest first.
	History(ctx context.Context) ([]Minutes, error)
	// Do runs a command that admins have in the chat, in English.
	Do(ctx context.Context, d Doing) (Done, error)
	// Checks are those parts of “doctor” that only the running gateway can look at.
	Checks(ctx context.Context, ask doctor.Ask) ([]doctor.Result, error)
	// Echo gives a token that makes the gateway say, for ten minutes, what arrives of a request.
	Echo(ctx context.Context) (token string, err error)
	// Trace follows a post, comment or activity, by its address or its item.
	Trace(ctx context.Context, what string) (Trace, error)
	// PageLink is the address that lets an admin into the admin's page, once.
	PageLink(ctx context.Context) (string, error)
	// TryFollow follows an account elsewhere with an account made for this, tells each
	// step, and ends it again.
	TryFollow(ctx context.Context, account string, tell func(Hop)) error
}

// What a Desk answers with besides; both carry over the socket.
var (
	ErrNotFound = errors.New("there is none")
	ErrAddress  = errors.New("that is no address")
)

// State is how the gateway is, at one look.
type State struct {
	Version   string    `json:"version"`
	Started   time.Time `json:"started"`
	Component string    `json:"component"`
	Server    string    `json:"server"` // XMPP server, host:port
	PublicURL string    `json:"public_url"`
	XMPP      Link      `json:"xmpp"`
	Queue     Queue     `json:"queue"`
	Accounts  int       `json:"accounts"` // that are on
	Followers int       `json:"followers"`
	Reports   int       `json:"reports"`  // open
	Problems  []string  `json:"problems"` // as at /readyz
}

// Link is the stream to the XMPP server.
type Link struct {
	Up         bool      `json:"up"`
	Here       bool      `json:"here"` // this process has it; another one may
	Since      time.Time `json:"since,omitzero"`
	Reconnects int       `json:"reconnects"`
	Error      string    `json:"error,omitempty"`
}

// Queue is what waits.
type Queue struct {
	Posts      int                `json:"posts"`      // on their way
	Inboxes    int                `json:"inboxes"`    // to try again
	Resting    int                `json:"resting"`    // hosts
	Activities int                `json:"activities"` // to handle
	Jobs       int                `json:"jobs"`
	Running    int                `json:"running"` // jobs
	Oldest     map[string]float64 `json:"oldest"`  // seconds that the oldest could have been dealt with, by the names above
}

// Account is a blog, a community or a reader.
type Account struct {
	JID       string    `json:"jid"`
	Node      string    `json:"node,omitempty"` // of a community
	Kind      string    `json:"kind"`           // person, group or reader
	Handle    string    `json:"handle"`         // user@host
	Page      string    `json:"page"`
	Actor     string    `json:"actor"`
	State     string    `json:"state"`
	Reason    string    `json:"reason,omitempty"` // why it is not on, in words
	Followers int       `json:"followers"`
	Following int       `json:"following"`
	Posts     int       `json:"posts"`
	Suspended bool      `json:"suspended"`
	Created   time.Time `json:"created"`
}

// Follow is one, in either direction.
type Follow struct {
	Direction string    `json:"direction"` // follower or following
	Account   string    `json:"account"`   // elsewhere: user@host, or the id when that is not known
	Actor     string    `json:"actor"`
	State     string    `json:"state"` // pending or accepted
	Since     time.Time `json:"since"`
}

// Host is a server elsewhere.
type Host struct {
	Host     string    `json:"host"`
	Failures int       `json:"failures"` // in a row
	Since    time.Time `json:"since,omitzero"`
	Until    time.Time `json:"until,omitzero"` // it rests
	Waiting  int       `json:"waiting"`        // deliveries
	Error    string    `json:"error,omitempty"`
}

// Report is about an account here, or by somebody here.
type Report struct {
	ID       int64     `json:"id"`
	Created  time.Time `json:"created"`
	Reporter string    `json:"reporter"`
	About    string    `json:"about"`
	Objects  []string  `json:"objects"`
	Text     string    `json:"text"`
	State    string    `json:"state"`
	Note     string    `json:"note,omitempty"`
}

// Job is long work that somebody asked for.
type Job struct {
	ID      int64     `json:"id"`
	JID     string    `json:"jid"`
	Kind    string    `json:"kind"` // backfill or import
	State   string    `json:"state"`
	Done    int64     `json:"done"`
	Failed  int64     `json:"failed"`
	Total   int64     `json:"total"`
	Created time.Time `json:"created"`
}

// Deed is something that an admin did.
type Deed struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Deed    string    `json:"deed"`
	Subject string    `json:"subject"`
	Detail  string    `json:"detail,omitempty"`
}

// Rule is what is decided about a server or an account elsewhere.
type Rule struct {
	Name    string    `json:"name"`
	Server  bool      `json:"server"`
	Level   string    `json:"level"`
	Note    string    `json:"note,omitempty"`
	Created time.Time `json:"created"`
}

// Minutes is what happened in a few of them.
type Minutes struct {
	From      time.Time `json:"from"`
	Delivered int       `json:"delivered"`
	Failed    int       `json:"failed"` // deliveries, tried again or given up
	Received  int       `json:"received"`
}

// Doing is a command as admins write it in the chat.
type Doing struct {
	By   string `json:"by"`   // who is at the command line, for the log
	Text string `json:"text"` // “suspend alice@example.org spam”
	Sure bool   `json:"sure"` // its question is answered with yes
}

// Done is what came of it. With Asks it did nothing yet: Text is a question.
type Done struct {
	Text string `json:"text"`
	Asks bool   `json:"asks"`
}

// Trace is the way of one post, comment or activity through the gateway.
type Trace struct {
	What string `json:"what"` // what it is, in words
	Hops []Hop  `json:"hops"`
}

// Hop is one step: where, what happened, and what was said there, without keys.
type Hop struct {
	At    time.Time `json:"at,omitzero"`
	Took  float64   `json:"took,omitempty"` // seconds
	Where string    `json:"where"`
	Seen  string    `json:"seen"`
	State string    `json:"state"`          // ok, waits or failed
	Body  string    `json:"body,omitempty"` // JSON or XML
}
