package activitypub

import (
	"context"
	"mime"
	"net/url"
	"strings"
)

// Home is how the server of an account lets other sites ask its owner to follow, like,
// share or answer something: templates of addresses to send the owner's browser to.
type Home struct {
	Handle string // user@host, as it was asked for
	// Intents are by the type of the activity (FEP-3b86 §4), such as "Follow", and
	// "Object" for one that only shows what it is given.
	Intents map[string]string
	// Subscribe has the place {uri} (OStatus, row D26), "" for none.
	Subscribe string
}

// Home asks the host of a handle for its descriptor (RFC 7033). One that offers nothing is
// asked whether it has the page that Mastodon began with.
//
// Errors: as of Finger.
func (c *Client) Home(ctx context.Context, handle string) (Home, error) {
	user, host, err := c.splitHandle(handle)
	if err != nil {
		return Home{}, err
	}
	_, doc, err := c.described(ctx, user, host)
	if err != nil {
		return Home{}, err
	}
	home := Home{Handle: user + "@" + host, Intents: map[string]string{}}
	for _, l := range doc.Links {
		if l.Rel == relSelf && isObject(l.Type) {
			if u, err := c.parseURL(l.Href); err == nil {
				host = u.Host // the handle's may be another one, without pages
			}
		}
		if !c.isTemplate(l.Template) {
			continue
		}
		if kind, is := strings.CutPrefix(l.Rel, relIntent); is {
			home.Intents[kind] = l.Template
		} else if l.Rel == relSubscribe && strings.Contains(l.Template, "{uri}") {
			home.Subscribe = l.Template
		}
	}
	if home.Subscribe == "" && len(home.Intents) == 0 {
		page := "https://" + host + "/authorize_interaction?uri="
		if _, _, err := c.fetch(ctx, page+url.QueryEscape("https://"+host+"/"), nil, typeHTML, isHTML); err == nil {
			home.Subscribe = page + "{uri}"
		}
	}
	return home, nil
}

// isTemplate tells addresses that lead to one host whatever is put into their places.
func (c *Client) isTemplate(s string) bool {
	rest, is := strings.CutPrefix(s, "https://")
	host, _, _ := strings.Cut(rest, "/")
	if !is || strings.ContainsAny(host, "{}?#") {
		return false
	}
	_, err := c.parseURL(strings.NewReplacer("{", "", "}", "").Replace(s))
	return err == nil
}

func isHTML(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && t == typeHTML
}
