package vocab

import (
	ap "github.com/go-ap/activitypub"
)

// Stamp says that the author of Target lets Interacting refer to it: a
// QuoteAuthorization (FEP-044f), LikeAuthorization, ReplyAuthorization or
// AnnounceAuthorization (GoToSocial). All fields but Type are ids; neither object
// may be embedded.
type Stamp struct {
	ID, Type, AttributedTo string
	Interacting, Target    string
}

// JSON prints s as a document of its own.
func (s Stamp) JSON() []byte {
	m := core(ap.Object{
		ID:           ap.ID(iri(s.ID)),
		Type:         ap.ActivityVocabularyType(token(s.Type)),
		AttributedTo: item(s.AttributedTo),
	})
	m.text("interactingObject", s.Interacting)
	m.text("interactionTarget", s.Target)
	return m.document()
}
