package vocab

import (
	"strings"
	"time"
)

// Profile is somebody's actor as read. Nothing in it is believed or sanitised.
type Profile struct {
	ID, Type, User string // User is preferredUsername
	Name, Summary  string // plain text; HTML
	Lang           string // of Summary, BCP 47, "" when not told
	URL            string // page for people, https; the id when there is none
	Icon, Image    Attachment

	Inbox, SharedInbox, Outbox, Followers, Following string

	Fields      []Field // at most 50 (row I15)
	AlsoKnownAs []string
	MovedTo     string
	Published   time.Time // zero when not told
	Approves    bool      // manuallyApprovesFollowers
	Suspended   bool
}

// maxFields is Mastodon's bound of a profile's lines.
const maxFields = 50

// ReadProfile reads an actor in any shape. What is missing or has the wrong shape
// is zero.
func ReadProfile(d Doc) Profile {
	p := Profile{
		ID: d.ID(), Type: first(d.Types()), User: d.Str("preferredUsername"),
		Inbox: first(d.IDs("inbox")), SharedInbox: inner(d, "endpoints").Str("sharedInbox"), Outbox: first(d.IDs("outbox")),
		Followers: first(d.IDs("followers")), Following: first(d.IDs("following")),
		AlsoKnownAs: bounded(d.IDs("alsoKnownAs")), MovedTo: first(d.IDs("movedTo")), Published: d.Time("published"),
		Approves: d.Bool("manuallyApprovesFollowers"), Suspended: d.Bool("suspended"),
		Icon: picture(d, "icon"), Image: picture(d, "image"),
	}
	p.Name, _ = d.Text("name")
	p.Summary, p.Lang = d.Text("summary")
	if p.URL = page(d, p.Type); p.URL == "" {
		p.URL = p.ID
	}
	for _, a := range bounded(d.Docs("attachment")) {
		if a.Is("PropertyValue") && len(p.Fields) < maxFields {
			name, _ := a.Text("name")
			p.Fields = append(p.Fields, Field{Name: strings.TrimSpace(name), Value: a.Str("value")})
		}
	}
	return p
}
