// Package vocab is the leaf of the Fediverse side: it reads activities
// leniently and writes them strictly.
//
// Reading is one bounded decode into a Doc, a map that loses nothing, asked
// through accessors that take every shape peers send. Writing is from structs
// that have exactly what we publish, in the shapes that every peer takes. The
// package fetches nothing, believes nothing it reads and expands no JSON-LD: a
// context only counts as something to write. It is the only importer of go-ap,
// whose vocabulary and core structs it uses for writing.
package vocab

import (
	ap "github.com/go-ap/activitypub"
)

// Public is the collection everybody is in (AP §5.6).
const Public = string(ap.PublicNS)

// isPublic knows the three spellings of the public collection (AP §5.6 and its
// erratum).
func isPublic(id string) bool {
	return id == Public || id == "as:Public" || id == "Public"
}

// IsActor reports whether a type is one of the five actor types (AS2
// vocabulary §3.2).
func IsActor(typ string) bool { return oneOf(ap.ActorTypes, typ) }

// IsActivity reports whether a type is an activity of the core vocabulary (AS2
// vocabulary §3.1). Extensions such as EmojiReact are not.
func IsActivity(typ string) bool {
	return oneOf(ap.ActivityTypes, typ) || oneOf(ap.IntransitiveActivityTypes, typ)
}

func oneOf(types ap.ActivityVocabularyTypes, typ string) bool {
	for _, t := range types {
		if string(t) == typ {
			return true
		}
	}
	return false
}
