package vocab

import (
	"time"

	ap "github.com/go-ap/activitypub"
)

// Actor is one of ours. Name, Summary and the three settings are always
// written, for peers that require them (row D19); of the rest, zero fields are
// left out.
type Actor struct {
	ID, Type string // Person, Service, Group, Organization or Application
	Handle   string // preferredUsername
	Name     string // plain text
	Summary  string // sanitised HTML
	URL      string // page for people, on the host of the id (row D21)

	Inbox, Outbox, Followers, Following string
	Featured, SharedInbox               string
	KeyID, PublicKeyPEM                 string // SPKI PEM
	ProofKeyID, ProofKey                string // Ed25519, multibase (FEP-521a)
	WebFinger                           string // user@host (FEP-2c59)

	Icon, Image             *Image
	Approves                bool // manuallyApprovesFollowers
	Discoverable, Indexable bool
	Published, Updated      time.Time
	Attachment              []Field
	AlsoKnownAs             []string
	MovedTo                 string // id of the actor that it is now
	XMPP                    string // xmpp: URI of the original
	AttributedTo            string // of a Group: PeerTube insists
}

// Field is one line of a profile. Value is HTML.
type Field struct {
	Name, Value string
}

// JSON prints a as a document of its own.
func (a Actor) JSON() []byte { return a.members().document() }

func (a Actor) members() members {
	c := ap.Actor{
		ID:           ap.ID(iri(a.ID)),
		Type:         ap.ActivityVocabularyType(token(a.Type)),
		AttributedTo: item(a.AttributedTo),
		Inbox:        item(a.Inbox),
		Outbox:       item(a.Outbox),
		Followers:    item(a.Followers),
		Following:    item(a.Following),
		URL:          item(a.URL), // one string: Pixelfed and snac take no list here
		Published:    second(a.Published),
		Updated:      second(a.Updated),
	}
	if a.SharedInbox != "" {
		c.Endpoints = &ap.Endpoints{SharedInbox: item(a.SharedInbox)}
	}
	if a.PublicKeyPEM != "" {
		c.PublicKey = ap.PublicKey{ID: ap.ID(iri(a.KeyID)), Owner: ap.IRI(iri(a.ID)), PublicKeyPem: a.PublicKeyPEM}
	}
	m := core(c)
	m.text("preferredUsername", a.Handle)
	m.set("name", a.Name)
	m.set("summary", a.Summary)
	m.text("webfinger", a.WebFinger)
	if a.Icon != nil {
		m.set("icon", a.Icon.members())
	}
	if a.Image != nil {
		m.set("image", a.Image.members())
	}
	if a.ProofKey != "" {
		m.set("assertionMethod", []any{members{{"id", iri(a.ProofKeyID)}, {"type", "Multikey"}, {"controller", iri(a.ID)}, {"publicKeyMultibase", a.ProofKey}}})
	}
	m.text("featured", a.Featured)
	m.set("manuallyApprovesFollowers", a.Approves)
	m.set("discoverable", a.Discoverable)
	m.set("indexable", a.Indexable)
	m.ids("alsoKnownAs", a.AlsoKnownAs)
	m.text("movedTo", a.MovedTo)
	m.list("attachment", a.attachments())
	return m
}

// attachments are the fields, and after them the original's address: FEP-fffd
// puts proxy links in `url`, but that must be one string here, while every peer
// skips attachments of an actor that are no PropertyValue (rows O11, D21).
func (a Actor) attachments() []any {
	list := each(a.Attachment, func(f Field) members {
		return members{{"type", "PropertyValue"}, {"name", f.Name}, {"value", f.Value}}
	})
	if a.XMPP != "" {
		list = append(list, link("canonical", "", a.XMPP))
	}
	return list
}
