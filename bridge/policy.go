package bridge

import (
	"strings"

	"isthmus/component/stanza"
	"isthmus/words"
)

// What becomes of what people send here, for clients to show (XEP-0504), and whom to
// ask about it (XEP-0157). These are promises: keep them true.

const (
	nsPolicy     = "urn:xmpp:data-policy:0"
	nsPolicyThat = "urn:xmpp:data-policy:identity:gateway:activitypub:0" // of the other network
	nsServerInfo = "http://jabber.org/network/serverinfo"
)

// chatFeatures are what a chat with a Fediverse account can, beside what its blog can.
var chatFeatures = []string{
	stanza.NSReceipts, stanza.NSCorrect, stanza.NSRetract, stanza.NSReactions, stanza.NSReply, stanza.NSOOB, stanza.NSSpoiler, stanza.NSStyling, "urn:xmpp:sfs:0",
}

// policyForms are the policies of the gateway and of the network behind it, with
// words in a language.
func policyForms(lang string) []stanza.Form {
	field := func(name, typ string, values ...string) stanza.Field {
		return stanza.Field{Var: name, Type: typ, Values: values}
	}
	here := stanza.NewForm("result", nsPolicy,
		field("auth_data", "list-single", "no_auth"),
		field("data_transmission", "list-single", "encrypted"), field("encryption_algorithm", "text-single", "TLS"),
		field("data_retention", "text-single", "infinite"), field("data_deletion", "boolean", "1"), field("encryption_at_rest", "boolean", "0"),
		field("data_export", "boolean", "1"),
		field("full_erasure", "boolean", "0"), // tombstones stay, so that what was deleted stays deleted
		field("access_policy", "list-multi", "admins"),
		field("extra_info", "text-multi", strings.Split(words.Say(lang, "policy.here"), "\n")...))
	there := stanza.NewForm("result", nsPolicyThat,
		field("auth_data", "list-single", "no_auth"),
		field("data_transmission", "list-single", "encrypted"), field("encryption_algorithm", "text-single", "TLS"),
		field("data_retention", "text-single", "unknown"), field("access_policy", "list-multi", "admins"),
		field("extra_info", "text-multi", strings.Split(words.Say(lang, "policy.there"), "\n")...))
	return []stanza.Form{*here, *there}
}

// gatewayForms are the extensions of the gateway's own disco#info. They are the same
// for everybody, because capabilities are a hash of them (XEP-0115 §5.4).
func (b *Bridge) gatewayForms() []stanza.Form {
	forms := policyForms(words.Languages[0])
	if b.cfg.Contact != "" {
		forms = append(forms, *stanza.NewForm("result", nsServerInfo, stanza.Field{Var: "admin-addresses", Type: "list-multi", Values: []string{b.cfg.Contact}}))
	}
	return forms
}
