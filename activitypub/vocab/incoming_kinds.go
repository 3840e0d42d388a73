package vocab

import "strings"

// readPoll reads what can be chosen in a Question, one or several.
func (in *Incoming) readPoll(d Doc) {
	for _, key := range []string{"oneOf", "anyOf"} {
		for _, v := range bounded(d.List(key)) {
			name, _ := v.(string)
			votes := int64(0)
			if m, isDoc := v.(map[string]any); isDoc {
				name, _ = Doc(m).Text("name")
				votes = max(total(inner(m, "replies")), 0)
			}
			if name != "" && len(in.Options) < maxListed {
				in.Options = append(in.Options, Choice{name, votes})
				in.Several = key == "anyOf"
			}
		}
	}
	if n, ok := d.Int("votersCount"); ok && n >= 0 {
		in.Voters = n
	}
	if len(in.Options) == 0 {
		return
	}
	// Mastodon's closed is the time, of others a truth (AS2 vocabulary §3.1).
	closed := d.Time("closed")
	in.Closed = !closed.IsZero() || d.Bool("closed")
	if in.Ends = d.Time("endTime"); in.Ends.IsZero() {
		in.Ends = closed
	}
}

// readCounts reads what others did about an object, as far as it tells.
func (in *Incoming) readCounts(d Doc) {
	in.Likes, in.Shares = max(total(inner(d, "likes")), 0), max(total(inner(d, "shares")), 0)
	in.Replies = first(d.IDs("replies"))
	if m, ok := d.One("replies"); ok {
		in.RepliesDoc = m
	}
}

// place is where an event happens, in one line: name and address, or where it
// is to be found on the web.
func place(d Doc) string {
	var parts []string
	add := func(list ...string) {
		for _, s := range list {
			s = strings.Join(strings.Fields(s), " ")
			if s != "" && !strings.Contains(strings.Join(parts, ", "), s) {
				parts = append(parts, s)
			}
		}
	}
	for _, v := range d.List("location") {
		if s, ok := v.(string); ok {
			add(s)
			break
		}
		l, ok := v.(map[string]any)
		if !ok {
			continue
		}
		loc := Doc(l)
		name, _ := loc.Text("name")
		add(name, loc.Str("address"))
		if a, ok := loc.One("address"); ok { // schema.org's PostalAddress, Mobilizon
			add(a.Str("streetAddress"), strings.TrimSpace(a.Str("postalCode")+" "+a.Str("addressLocality")), a.Str("addressCountry"))
		}
		if loc.Is("VirtualLocation") {
			add(loc.Str("url"))
		}
		break
	}
	return strings.Join(parts, ", ")
}
