package vocab

import (
	"maps"
	"slices"

	ap "github.com/go-ap/activitypub"
)

// Collection is an OrderedCollection. Items are what Activity.Object may be;
// they are written when not nil, for collections without pages.
type Collection struct {
	ID           string
	AttributedTo string
	Summary      string // plain text
	Total        int    // totalItems; below zero it is not told
	First, Last  string // pages
	Items        []any
}

// CollectionPage is an OrderedCollectionPage; orderedItems is always written.
type CollectionPage struct {
	ID, PartOf string
	Next, Prev string
	Items      []any
}

// JSON prints c as a document of its own.
func (c Collection) JSON() []byte {
	m := core(ap.OrderedCollection{
		ID:           ap.ID(iri(c.ID)),
		Type:         ap.OrderedCollectionType,
		AttributedTo: item(c.AttributedTo),
		First:        item(c.First),
		Last:         item(c.Last),
	})
	m.drop("totalItems") // go-ap always has one
	m.text("summary", c.Summary)
	if c.Total >= 0 {
		m.set("totalItems", c.Total)
	}
	if c.Items != nil {
		m.set("orderedItems", embedAll(c.Items))
	}
	return m.document()
}

// JSON prints p as a document of its own.
func (p CollectionPage) JSON() []byte {
	m := core(ap.OrderedCollectionPage{
		ID:     ap.ID(iri(p.ID)),
		Type:   ap.OrderedCollectionPageType,
		PartOf: item(p.PartOf),
		Next:   item(p.Next),
		Prev:   item(p.Prev),
	})
	m.drop("totalItems")
	m.set("orderedItems", embedAll(p.Items))
	return m.document()
}

func embedAll(items []any) []any {
	out := make([]any, 0, len(items))
	for _, x := range items {
		if e := embed(x, maxDepth-2); e != nil {
			out = append(out, e)
		}
	}
	return out
}

func sortedKeys(d Doc) []string { return slices.Sorted(maps.Keys(d)) }
