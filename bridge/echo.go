package bridge

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// echoFor is how long a token for an echo can be used.
const echoFor = 10 * time.Minute

// Echo makes a token that every process of this gateway knows: it is signed.
func (b desk) Echo(context.Context) (string, error) { return b.pass("echo"), nil }

// pass is a token for one purpose that is good for a while, and no two are the same.
func (b *Bridge) pass(purpose string) string {
	body := strconv.FormatInt(b.now().Add(echoFor).Unix(), 36) + "-" + rand.Text()
	return body + "-" + b.derived("pass", purpose, body)
}

// passes reports whether a token is one that pass made for this purpose, and not too old.
func (b *Bridge) passes(purpose, token string) bool {
	i := strings.LastIndexByte(token, '-')
	if i < 0 {
		return false
	}
	body := token[:i]
	until, _, _ := strings.Cut(body, "-")
	end, err := strconv.ParseInt(until, 36, 64)
	return err == nil && hmac.Equal([]byte(token[i+1:]), []byte(b.derived("pass", purpose, body))) && b.now().Unix() <= end
}

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

// echoes is the gateway's own key, for who has a token.
func (b *Bridge) echoes(ctx context.Context, token string) (crypto.PublicKey, bool) {
	if !b.passes("echo", token) {
		return nil, false
	}
	key, err := b.instanceKey(ctx)
	if err != nil {
		return nil, false
	}
	return key.Private.Public(), true
}
