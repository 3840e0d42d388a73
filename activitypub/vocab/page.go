package vocab

// Page is a collection, or a page of one, as read (rows C5, C8).
type Page struct {
	ID                string
	First, Next, Prev string // addresses, "" for none
	Inline            Doc    // the first page when it is embedded, else nil
	Total             int64  // as told, -1 when not; it may be a lie
	Items             []Doc  // what is embedded as it is; of the rest a document with nothing but an id
}

// ReadPage reads a collection or page in any shape, nil too.
func ReadPage(d Doc) Page {
	p := Page{ID: d.ID(), First: first(d.IDs("first")), Next: first(d.IDs("next")), Prev: first(d.IDs("prev")), Total: total(d)}
	if in, ok := d.One("first"); ok && (in["orderedItems"] != nil || in["items"] != nil || in["next"] != nil) {
		p.Inline = in
	}
	for _, key := range []string{"orderedItems", "items"} {
		for _, v := range bounded(d.List(key)) {
			if m, ok := v.(map[string]any); ok {
				p.Items = append(p.Items, m)
			} else if id := idOf(v); id != "" {
				p.Items = append(p.Items, Doc{"id": id})
			}
		}
		if len(p.Items) > 0 {
			break
		}
	}
	return p
}

// total is the number of items that a collection tells, -1 when it tells none that
// can be.
func total(d Doc) int64 {
	if n, ok := d.Int("totalItems"); ok && n >= 0 && n < 1<<40 {
		return n
	}
	return -1
}
