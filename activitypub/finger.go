package activitypub

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// Errors of Finger.
var (
	ErrHandle = errors.New("activitypub: not a handle of the form user@host")
	ErrFinger = errors.New("activitypub: no usable WebFinger answer")
)

const maxUser = 1024

// Finger resolves a handle, "user@host" with or without "@" or "acct:" before
// it (RFC 7033), to an actor's id and its canonical handle "user@host". When the
// peer names another subject, that one's own host is asked too and must agree
// (row D2). Where WebFinger has no answer, host-meta is followed (RFC 6415).
//
// Errors: ErrHandle, ErrFinger; *StatusError, for which Gone tells "no such
// account"; else those of fetching.
func (c *Client) Finger(ctx context.Context, handle string) (actorURL, subject string, err error) {
	user, host, err := c.splitHandle(handle)
	if err != nil {
		return "", "", err
	}
	first, err := c.finger(ctx, user, host)
	if err != nil {
		return "", "", err
	}
	if first.is(user, host) {
		return first.actor, first.user + "@" + first.host, nil
	}
	second, err := c.finger(ctx, first.user, first.host)
	if err != nil {
		return "", "", err
	}
	if !second.is(first.user, first.host) || second.actor != first.actor {
		return "", "", fmt.Errorf("%w: %s and %s do not agree on who this is", ErrFinger, host, first.host)
	}
	return second.actor, second.user + "@" + second.host, nil
}

// splitHandle takes a handle apart; the host comes out as it is asked for. Its
// strictness matters: the host becomes part of an address (attack X15).
func (c *Client) splitHandle(handle string) (user, host string, err error) {
	if len(handle) >= 5 && strings.EqualFold(handle[:5], "acct:") {
		handle = handle[5:]
	}
	user, host, ok := strings.Cut(strings.TrimPrefix(handle, "@"), "@")
	if !ok || user == "" || len(user) > maxUser || strings.ContainsFunc(user, isBlank) {
		return "", "", fmt.Errorf("%w: %q", ErrHandle, handle)
	}
	if !isASCII(host) {
		if host, err = idna.Lookup.ToASCII(host); err != nil {
			return "", "", fmt.Errorf("%w: %w", ErrHandle, err)
		}
	}
	if host, err = c.checkHost(host); err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrHandle, err)
	}
	return user, host, nil
}

// account is what a WebFinger answer says of one account.
type account struct{ user, host, actor string }

func (a account) is(user, host string) bool {
	return strings.EqualFold(a.user, user) && a.host == host
}

// finger reads what host says of an account as an actor.
func (c *Client) finger(ctx context.Context, user, host string) (a account, err error) {
	at, doc, err := c.described(ctx, user, host)
	if err != nil {
		return a, err
	}
	if a.user, a.host, err = c.splitHandle(doc.Subject); err != nil {
		return a, fmt.Errorf("%w: %s: subject: %w", ErrFinger, at.Host, err)
	}
	for _, l := range doc.Links {
		if l.Rel != relSelf || !isObject(l.Type) {
			continue
		}
		if _, err := c.parseURL(l.Href); err != nil {
			return a, fmt.Errorf("%w: %s: self link: %w", ErrFinger, at.Host, err)
		}
		a.actor = l.Href
		return a, nil
	}
	return a, fmt.Errorf("%w: %s knows %s@%s, but not as an actor", ErrFinger, at.Host, a.user, a.host)
}

// described is the descriptor of an account: host itself is asked, then the place its
// host-meta names.
func (c *Client) described(ctx context.Context, user, host string) (*url.URL, jrd, error) {
	resource := url.QueryEscape("acct:" + user + "@" + host)
	at, doc, err := c.descriptor(ctx, "https://"+host+"/.well-known/webfinger?resource="+resource)
	var s *StatusError
	if !errors.As(err, &s) || s.Code/100 != 4 || s.Code == http.StatusGone || s.Code == http.StatusTooManyRequests {
		return at, doc, err
	}
	template, metaErr := c.hostMeta(ctx, host)
	if metaErr != nil {
		return at, doc, err // the first answer is the better one
	}
	return c.descriptor(ctx, strings.ReplaceAll(template, "{uri}", resource))
}

// descriptor reads one JRD (RFC 7033 §4.4).
func (c *Client) descriptor(ctx context.Context, address string) (at *url.URL, doc jrd, err error) {
	at, body, err := c.fetch(ctx, address, nil, "application/jrd+json, application/json", isJRD)
	if err != nil {
		return nil, jrd{}, err
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, jrd{}, fmt.Errorf("%w: %s: %w", ErrFinger, at.Host, err)
	}
	return at, doc, nil
}

// hostMeta gives the lrdd template of a host (RFC 6415 §3.1.1).
func (c *Client) hostMeta(ctx context.Context, host string) (string, error) {
	at, body, err := c.fetch(ctx, "https://"+host+"/.well-known/host-meta", nil,
		"application/xrd+xml, application/jrd+json;q=0.9", func(t string) bool { return isXRD(t) || isJRD(t) })
	if err != nil {
		return "", err
	}
	var doc jrd
	if strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
		err = json.Unmarshal(body, &doc)
	} else {
		err = xml.Unmarshal(body, &doc)
	}
	if err != nil {
		return "", fmt.Errorf("%w: host-meta of %s: %w", ErrFinger, at.Host, err)
	}
	for _, l := range doc.Links {
		if l.Rel == relLRDD && strings.Contains(l.Template, "{uri}") {
			return l.Template, nil
		}
	}
	return "", fmt.Errorf("%w: host-meta of %s has no lrdd template", ErrFinger, at.Host)
}

func isJRD(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == typeJRD || t == "application/json")
}

func isXRD(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == typeXRD || t == "application/xml" || t == "text/xml")
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// isBlank tells what has no place in a user name whatever the peer allows.
func isBlank(r rune) bool { return r <= ' ' || r == 0x7f || r == '@' || r == '/' || r == 0xfffd }
