package vocab

import (
	ap "github.com/go-ap/activitypub"
)

// Ballot is a vote for one option of a poll (row I23): a Note with a name and without
// content, for the author of the poll alone.
type Ballot struct {
	ID, Name, AttributedTo string
	InReplyTo              string // the poll
	To                     string // its author
}

func (b Ballot) members() members {
	m := core(ap.Object{
		ID: ap.ID(iri(b.ID)), Type: ap.NoteType, AttributedTo: item(b.AttributedTo), InReplyTo: item(b.InReplyTo),
	})
	m.text("name", b.Name)
	m.ids("to", []string{b.To})
	return m
}
