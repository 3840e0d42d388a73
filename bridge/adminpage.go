package bridge

import (
	"context"
	"errors"
	"net/url"
)

// PageLink makes one, where there is a page.
func (b desk) PageLink(context.Context) (string, error) {
	if b.cfg.AdminPage == "" {
		return "", errNoPage
	}
	return b.cfg.AdminPage + "/admin/enter?token=" + url.QueryEscape(b.pass("page")), nil
}

var errNoPage = errors.New(`there is no admin's page: set [admin] page = "read" and [monitor] listen, and restart the gateway`)

// AdmitAdmin reports whether a token of a link to the admin's page is good.
func (b *Bridge) AdmitAdmin(token string) bool { return b.passes("page", token) }

// cmdPage gives an admin the link.
func (b *Bridge) cmdPage(ctx context.Context, a asking) (answer, error) {
	link, err := desk{b}.PageLink(ctx)
	if err != nil {
		return answer{Text: b.say(ctx, "safety.page.none")}, nil
	}
	b.audited(ctx, a.From, "page", "", "")
	return answer{Text: b.say(ctx, "safety.page", "link", link)}, nil
}
