package component

import (
	"strings"

	"isthmus/component/stanza"
)

// keyNodes are where clients look for the keys of who they write to: OMEMO 0.3 and
// 0.8 (XEP-0384), OpenPGP (XEP-0373). Nobody here has any; who is told so at once
// offers to write in plain text instead of waiting.
var keyNodes = []string{
	"eu.siacs.conversations.axolotl", // and .devicelist, .bundles:N
	"urn:xmpp:omemo:",
	"urn:xmpp:openpgp:",
}

// asksForKeys reports whether a payload asks for the items of such a node.
func asksForKeys(q *stanza.Element) bool {
	if !q.Is(stanza.NSPubSub, "pubsub") {
		return false
	}
	node := q.First(stanza.NSPubSub, "items").Get("node")
	for _, prefix := range keyNodes {
		if strings.HasPrefix(node, prefix) {
			return true
		}
	}
	return false
}
