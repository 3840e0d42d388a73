package mapping

import (
	"net/url"
	"strings"

	"isthmus/component/stanza"
)

// FindTerm reads what somebody typed or pasted to find somebody: a handle with or
// without @ or acct:, a virtual address or xmpp: link of ours, or a web address;
// alone, or as the only such thing in a sentence. It gives a handle, user@host as
// RemoteJID takes it, or a link to be asked.
func FindTerm(s string, a Addresses) (handle, link string, ok bool) {
	if len(s) > 4096 {
		return "", "", false
	}
	for word := range strings.FieldsSeq(s) {
		h, l := findWord(strings.Trim(word, "<>()[]{}\"'“”„‚‘’«».,;:!?"), a)
		if h == "" && l == "" {
			continue
		}
		if ok && (h != handle || l != link) {
			return "", "", false // which one?
		}
		handle, link, ok = h, l, true
	}
	return handle, link, ok
}

func findWord(word string, a Addresses) (handle, link string) {
	lower := strings.ToLower(word)
	switch {
	case strings.HasPrefix(lower, "https://"):
		u, err := url.Parse(word)
		if err != nil || u.Host == "" || u.User != nil {
			return "", ""
		}
		return "", word
	case strings.HasPrefix(lower, "xmpp:"):
		u, err := stanza.ParseURI(word)
		if err != nil {
			return "", ""
		}
		return remoteHandle(u.JID, a), ""
	case strings.HasPrefix(lower, "acct:"):
		word = word[len("acct:"):]
	}
	if jid, err := stanza.ParseJID(word); err == nil && jid.Local != "" {
		if h := remoteHandle(jid, a); h != "" {
			return h, ""
		}
	}
	user, host, ok := strings.Cut(strings.TrimPrefix(word, "@"), "@")
	if !ok {
		return "", ""
	}
	if user, host, ok = account(user, host); !ok {
		return "", ""
	}
	return user + "@" + host, ""
}

func remoteHandle(jid stanza.JID, a Addresses) string {
	user, host, ok := a.ParseRemoteJID(jid)
	if !ok {
		return ""
	}
	return user + "@" + host
}
