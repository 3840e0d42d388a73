package component

import (
	"context"

	"isthmus/component/stanza"
)

// Handler is asked once for each thing a peer wants; the component encodes what
// it returns. Methods are called from one of 64 lanes: what one bare JID sends is
// handled in the order it was sent, different senders in parallel. What may make
// us ask other servers is handled beside the lanes, see aside. A method may block
// and may send IQs. ctx ends when Run does.
//
// A returned *stanza.Error is sent to the peer as it is; any other error is
// logged and sent as internal-server-error without its text. A panic is too.
type Handler interface {
	// Up is called after each connect, Down after the stream is lost, always in
	// turn. The ctx of Up ends with the stream; the next connect waits until Up
	// has returned. Stanzas may reach the other methods before Up returns.
	Up(ctx context.Context)
	Down()

	// Presence is any presence but type='error'.
	Presence(ctx context.Context, p Presence)
	// Event is a pubsub notification. ev.Service is the envelope's sender, which
	// the server vouches for; nothing inside the event is taken for it.
	Event(ctx context.Context, to stanza.JID, ev stanza.Event, id string)
	// Chat is a message that says something, or one that is encrypted. An error
	// bounces it, as it does with the two that follow.
	Chat(ctx context.Context, m Message) error
	// Withdrawn takes back a message that was sent before (XEP-0424).
	Withdrawn(ctx context.Context, w Withdrawal) error
	// Reacted says what somebody thinks of a message (XEP-0444).
	Reacted(ctx context.Context, r Reaction) error
	// Referenced is a message without a body that says of something else, such as
	// a blog post, that it points to somebody (XEP-0372 §3.4).
	Referenced(ctx context.Context, r Referenced)
	// Bounced is a message or presence that came back.
	Bounced(ctx context.Context, m *stanza.Element, err *stanza.Error)

	// Publish puts an item into a node of a virtual user and returns its id
	// (XEP-0060 §7.1); Retract takes one away (§7.2). A node that there is not is
	// ErrItemNotFound, one that takes nothing from the sender ErrForbidden.
	Publish(ctx context.Context, p Publication) (id string, err error)
	Retract(ctx context.Context, r Retraction) error

	// Fetch answers a request for items of a virtual user's node (XEP-0060 §6.5).
	// A node that there is not is ErrItemNotFound; what may work later has an
	// error of type wait, because clients delete their copy on item-not-found.
	Fetch(ctx context.Context, f FetchRequest) (FetchResult, error)
	// Subscribe makes the asker hear of a virtual user's node (§6.1) and returns
	// what came of it, pending or subscribed; Unsubscribe ends that (§6.2).
	// Subscriptions lists what from has at To, at one node unless that is "" (§5.6).
	Subscribe(ctx context.Context, s SubscribeRequest) (stanza.Subscription, error)
	Unsubscribe(ctx context.Context, s SubscribeRequest) error
	Subscriptions(ctx context.Context, q Query) ([]stanza.Subscription, error)

	// Hints are the texts of the search form and the prompt, for who asks.
	Hints(ctx context.Context, from stanza.JID) Hints
	// Search looks for accounts by whatever somebody typed into the search form of
	// the bare domain (XEP-0055). No hit is no error.
	Search(ctx context.Context, from stanza.JID, what string) ([]Found, error)
	// Locate is the address of whom somebody typed into the prompt of the bare
	// domain (jabber:iq:gateway, XEP-0100 §6.3).
	Locate(ctx context.Context, from stanza.JID, what string) (stanza.JID, error)

	// Info and Items answer disco for virtual users (XEP-0030). The component
	// answers for its own domain.
	Info(ctx context.Context, q Query) (stanza.Info, error)
	Items(ctx context.Context, q Query) ([]stanza.DiscoItem, error)
	// VCard answers vcard-temp for virtual users (XEP-0054).
	VCard(ctx context.Context, q Query) (*stanza.VCard, error)

	// Commands lists the ad-hoc commands that from may run on the bare domain;
	// only these can be executed. Execute runs one step.
	Commands(ctx context.Context, from stanza.JID) []CommandInfo
	Execute(ctx context.Context, req CommandRequest) (CommandReply, error)

	// Registration, Register and Unregister are XEP-0077 on the bare domain. from
	// is the bare JID; form is never nil and may be empty.
	Registration(ctx context.Context, from stanza.JID) (Registration, error)
	Register(ctx context.Context, from stanza.JID, form *stanza.Form) error
	Unregister(ctx context.Context, from stanza.JID) error
}

// Presence is a presence stanza; Type is "" for available.
type Presence struct {
	From, To stanza.JID
	Type     string
	Caps     *Caps // nil when the sender told none
	Stanza   *stanza.Element
}

// Caps names what a client can do (XEP-0115 §4).
type Caps struct {
	Node, Ver, Hash string
}

// Message is a message of type chat or normal with a body or files. A stanza
// without or with an unknown type is normal (RFC 6121 §5.2.2). Body is all of the
// text, Lang its own xml:lang, Thread the conversation that its client says it
// belongs to (XEP-0201), "" for none. Of one that is Encrypted nothing is to be believed.
type Message struct {
	From, To                     stanza.JID
	ID, Type, Lang, Thread, Body string
	stanza.Said
	Encrypted bool
}

// Withdrawal takes back the message that its sender's client knows as Of.
type Withdrawal struct {
	From, To stanza.JID
	ID, Of   string
}

// Reaction is all that somebody thinks of the message that clients know as Of;
// no Emojis take back what they thought before.
type Reaction struct {
	From, To stanza.JID
	ID, Of   string
	Emojis   []string
}

// Referenced carries the references of a message that have an anchor, at least
// one. What they say is the sender's word alone.
type Referenced struct {
	From, To   stanza.JID
	ID         string
	References []stanza.Reference
}

// Publication is an item that somebody publishes with a virtual user, whose bare
// JID To is. Node is never empty. Item always has a payload, its publisher is the
// bare JID of From, whatever was written there, and its id may be empty: then the
// service makes one (XEP-0060 §7.1.2). Options are the publish-options, nil
// without; they bind nobody, as we do not advertise them (§7.1.5).
type Publication struct {
	From, To stanza.JID
	Node     string
	Item     stanza.Item
	Options  *stanza.Form
}

// Retraction takes back an item, as Publication. Neither Node nor Item is empty.
type Retraction struct {
	From, To   stanza.JID
	Node, Item string
}

// FetchRequest asks a virtual user, whose bare JID To is, for items of a node: for
// those with the IDs, for the last Max, for a page, or for all there are. Node is
// never empty, and at most one of IDs, Max and RSM is set.
type FetchRequest struct {
	From, To stanza.JID
	Node     string
	IDs      []string
	Max      int         // 0 when not asked for
	RSM      *stanza.RSM // nil when not asked for
}

// FetchResult is what there is: of items by id those that are there, else the
// oldest first. RSM says where in all of them these are, nil when that was not asked.
type FetchResult struct {
	Items []stanza.Item
	RSM   *stanza.RSM
}

// SubscribeRequest is about one subscription of JID, bare or full, which belongs to
// From, to a node of the virtual user whose bare JID To is. Node is never empty.
type SubscribeRequest struct {
	From, To stanza.JID
	Node     string
	JID      stanza.JID
}

// Hints are what people read where they search: the form's title, what it is for, what
// its field is called, what a prompt asks, and the columns of a result by var.
type Hints struct {
	Title, Search, Field, Prompt string
	Columns                      map[string]string
}

// Found is an account that a search found. Avatar is its picture's web address, ""
// for none.
type Found struct {
	JID                      stanza.JID
	Handle, Name, Note, Page string
	Avatar                   string
}

// Query asks for information about To, or about one of its nodes.
type Query struct {
	From, To stanza.JID
	Node     string
}

// CommandInfo names an ad-hoc command.
type CommandInfo struct {
	Node, Name string
}

// CommandRequest is one step of an ad-hoc command (XEP-0050). Session is the
// same through all steps and belongs to From, a full JID. Action is "execute"
// on the first step and never after it: then it is next, prev, complete or
// cancel, and one of the Actions of the reply before. Form may be nil.
type CommandRequest struct {
	From, To              stanza.JID
	Node, Session, Action string
	Form                  *stanza.Form
}

// CommandReply is the answer to one step. Unless Done or Canceled the session
// goes on; Actions are then what the requester may do, first the default, and
// mean "complete" when empty. NoteType is info (also when empty), warn or error.
type CommandReply struct {
	Form           *stanza.Form
	Note, NoteType string
	Done, Canceled bool
	Actions        []string
}

// Registration is what XEP-0077 shows to who wants to register. Fields of Form
// with a name from XEP-0077 §14.1 are offered to clients without forms as well.
type Registration struct {
	Registered   bool
	Instructions string
	Form         *stanza.Form
}
