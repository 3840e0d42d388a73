package mapping

import (
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// ActorInput is a blog as it appears on the Fediverse.
type ActorInput struct {
	Addr          Addresses
	Token, Handle string
	Type          string // Person, Service or Group (row D20)
	Profile       Profile
	JID           stanza.JID // of the original
	Node          string     // "" or the microblog for an account

	PublicKeyPEM                      string
	Approves, Discoverable, Indexable bool
	Published, Updated                time.Time

	AlsoKnownAs []string // ids of other actors that are the same person (row I29)
	MovedTo     string   // id of the one that they are now, "" for none
}

// Actor makes the actor of a blog (row D19). Everything about it lies on one
// host (row D21).
func Actor(in ActorInput) vocab.Actor {
	a := newActor(in.Addr, in.Token)
	a.Type, a.Handle, a.WebFinger = in.Type, in.Handle, in.Addr.Acct(in.Handle)
	a.Name, a.Summary = in.Profile.Name, FromText(in.Profile.Note)
	if a.Name == "" {
		a.Name = in.Handle
	}
	a.URL = in.Addr.Page(in.Handle)
	a.PublicKeyPEM = in.PublicKeyPEM
	a.Approves, a.Discoverable, a.Indexable = in.Approves, in.Discoverable, in.Indexable
	a.Published, a.Updated = in.Published, in.Updated
	switch u := webURL(in.Profile.AvatarURL); {
	case in.Profile.AvatarHash != "":
		a.Icon = &vocab.Image{URL: in.Addr.Media(in.Profile.AvatarHash), MediaType: in.Profile.AvatarType}
	case u != "":
		a.Icon = &vocab.Image{URL: u, MediaType: in.Profile.AvatarType}
	}
	if u := webURL(in.Profile.BannerURL); u != "" {
		a.Image = &vocab.Image{URL: u}
	}
	for _, f := range in.Profile.AllFields() {
		a.Attachment = append(a.Attachment, f.field())
	}
	a.AlsoKnownAs, a.MovedTo = in.AlsoKnownAs, in.MovedTo
	node := in.Node
	if node == stanza.NSMicroblog && in.JID.Local != "" {
		node = "" // the account itself
	}
	if !in.JID.IsZero() {
		a.XMPP = stanza.ItemURI(in.JID, node, "").String()
	}
	if in.Type == "Group" {
		a.AttributedTo = in.Addr.Actor(InstanceToken) // PeerTube insists (row D19)
	}
	return a
}

// Instance makes the gateway's own actor, which signs fetches (rows D11, D23).
// Its handle is the gateway's XMPP domain, as in WebFinger.
func Instance(addr Addresses, token, name, description, publicKeyPEM string) vocab.Actor {
	a := newActor(addr, token)
	a.Type, a.Handle, a.WebFinger = "Application", addr.Component, addr.Acct(addr.Component)
	a.Name, a.Summary = name, FromText(description)
	a.URL = addr.Base + "/"
	a.PublicKeyPEM, a.Approves = publicKeyPEM, true
	return a
}

func newActor(addr Addresses, token string) vocab.Actor {
	return vocab.Actor{
		ID: addr.Actor(token), Inbox: addr.Inbox(token), Outbox: addr.Outbox(token),
		Followers: addr.Followers(token), Following: addr.Following(token), Featured: addr.Featured(token),
		SharedInbox: addr.SharedInbox(), KeyID: addr.Key(token),
	}
}
