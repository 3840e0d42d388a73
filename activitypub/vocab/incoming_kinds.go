package vocab

import "strings"

// readPoll reads what can be chosen in a Question, one or several.
func (in *Incoming) readPoll(d Doc) {
	for _, key := range []string{"oneOf", "anyOf"} {
		for _, v := range bounded(d.List(key)) {
			name, ok := v.(string)
			if m, isDoc := v.(map[string]any); isDoc {
				name, _ = Doc(m).Text("name")
				ok = true
			}
			if ok && name != "" && len(in.Options) < maxListed {
				in.Options = append(in.Options, name)
			}
		}
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
