package web

import "time"

// What a page is about, in the words of schema.org (JSON-LD), for search engines and
// previews: nothing that the page does not show.

type linked map[string]any

func linkedAuthor(a Author) linked {
	kind := "Person"
	if a.Group {
		kind = "Organization"
	}
	return linked{"@type": kind, "name": a.Display(), "url": a.URL, "identifier": a.Acct}.with("image", a.Avatar)
}

// with adds what is known.
func (l linked) with(name, value string) linked {
	if value != "" {
		l[name] = value
	}
	return l
}

func (l linked) at(name string, t time.Time) linked {
	if !t.IsZero() {
		l[name] = t.UTC().Format(time.RFC3339)
	}
	return l
}

func linkedProfile(v Profile) linked {
	about := linkedAuthor(v.Author).with("description", v.BioText)
	return linked{"@context": "https://schema.org", "@type": "ProfilePage", "url": v.URL, "mainEntity": about}
}

// linkedPost says of a post that is folded no more than why.
func linkedPost(v Post) linked {
	l := linked{"@context": "https://schema.org", "@type": "BlogPosting", "url": v.URL, "mainEntityOfPage": v.URL, "author": linkedAuthor(v.Author),
		"interactionStatistic": []linked{interactions("LikeAction", v.Likes), interactions("ShareAction", v.Boosts), interactions("CommentAction", v.Replies)}}
	l = l.with("headline", v.Title).with("inLanguage", languageTag(v.Lang)).with("sameAs", v.Origin).at("datePublished", v.Published).at("dateModified", v.Updated)
	if !v.Folded() {
		l = l.with("description", shorten(v.Excerpt, 200))
	}
	return l
}

func interactions(kind string, n int) linked {
	return linked{"@type": "InteractionCounter", "interactionType": "https://schema.org/" + kind, "userInteractionCount": n}
}
