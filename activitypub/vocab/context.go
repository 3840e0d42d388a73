package vocab

import (
	"encoding/json"
	"slices"
	"strings"
)

// The contexts that peers know by heart. Others are never named by address: one
// that cannot be loaded makes Fedify fail (peers.md, rule 13). Without security/v1
// it does not find our key, without the others our proofs and their key.
const (
	activityStreams = "https://www.w3.org/ns/activitystreams"
	security        = "https://w3id.org/security/v1"
	did             = "https://www.w3.org/ns/did/v1"
	multikey        = "https://w3id.org/security/multikey/v1"
	dataIntegrity   = "https://w3id.org/security/data-integrity/v1"
)

// WithProofContext gives a context with that of proofs (FEP-8b32) in it, after the
// other addresses.
func WithProofContext(context any) any {
	list, ok := context.([]any)
	if !ok {
		list = []any{context}
	}
	if slices.Contains(list, any(dataIntegrity)) {
		return context
	}
	at := len(list)
	if at > 0 {
		if _, terms := list[at-1].(map[string]any); terms {
			at--
		}
	}
	return slices.Insert(slices.Clone(list), at, any(dataIntegrity))
}

// extension is a term outside these contexts, as member or type, and what
// defines it. uses names the prefix that the definition leans on.
type extension struct {
	term  string
	uses  string
	value any
}

func idTyped(id string) members { return members{{"@id", id}, {"@type", "@id"}} }

// extensions in the order they are written; prefixes come before their users.
var extensions = []extension{
	{"gts", "", "https://gotosocial.org/ns#"},
	{"ostatus", "", "http://ostatus.org#"},
	{"schema", "", "http://schema.org#"},
	{"toot", "", "http://joinmastodon.org/ns#"},
	{"wf", "", "https://purl.archive.org/socialweb/webfinger#"},
	{"xsd", "", "http://www.w3.org/2001/XMLSchema#"},

	{"Hashtag", "", "as:Hashtag"},
	{"sensitive", "", "as:sensitive"},
	{"manuallyApprovesFollowers", "", "as:manuallyApprovesFollowers"},
	{"alsoKnownAs", "", idTyped("as:alsoKnownAs")},
	{"movedTo", "", idTyped("as:movedTo")},
	{"conversation", "ostatus", "ostatus:conversation"},
	{"PropertyValue", "schema", "schema:PropertyValue"},
	{"value", "schema", "schema:value"},
	{"Emoji", "toot", "toot:Emoji"},
	{"discoverable", "toot", "toot:discoverable"},
	{"featured", "toot", idTyped("toot:featured")},
	{"indexable", "toot", "toot:indexable"},
	{"interactionPolicy", "gts", idTyped("gts:interactionPolicy")}, // FEP-044f
	{"canQuote", "gts", idTyped("gts:canQuote")},
	{"automaticApproval", "gts", idTyped("gts:automaticApproval")},
	{"quote", "", idTyped("https://w3id.org/fep/044f#quote")},
	{"quoteUrl", "", "as:quoteUrl"},
	{"quoteUri", "", "http://fedibird.com/ns#quoteUri"},
	{"_misskey_quote", "", "https://misskey-hub.net/ns#_misskey_quote"},
	{"quoteAuthorization", "", idTyped("https://w3id.org/fep/044f#quoteAuthorization")},
	{"QuoteRequest", "", "https://w3id.org/fep/044f#QuoteRequest"},
	{"QuoteAuthorization", "", "https://w3id.org/fep/044f#QuoteAuthorization"},
	{"LikeRequest", "gts", "gts:LikeRequest"},
	{"LikeAuthorization", "gts", "gts:LikeAuthorization"},
	{"ReplyRequest", "gts", "gts:ReplyRequest"},
	{"ReplyAuthorization", "gts", "gts:ReplyAuthorization"},
	{"AnnounceRequest", "gts", "gts:AnnounceRequest"},
	{"AnnounceAuthorization", "gts", "gts:AnnounceAuthorization"},
	{"interactingObject", "gts", idTyped("gts:interactingObject")},
	{"interactionTarget", "gts", idTyped("gts:interactionTarget")},
	{"_misskey_reaction", "", "https://misskey-hub.net/ns#_misskey_reaction"},
	{"webfinger", "wf", members{{"@id", "wf:webfinger"}, {"@type", "xsd:string"}}}, // FEP-2c59
	{"size", "", "https://joinpeertube.org/ns#size"},                               // FEP-1311
}

// contextOf makes the @context of a document: ActivityStreams, security where
// there is a key, and a map of the extension terms it uses.
func contextOf(m members) any {
	used := map[string]bool{}
	collect(used, m)
	var terms members
	for _, e := range extensions {
		if used[e.term] {
			used[e.uses] = true
		}
	}
	used["xsd"] = used["webfinger"]
	for _, e := range extensions {
		if used[e.term] {
			terms = append(terms, member{e.term, e.value})
		}
	}
	if !used["publicKey"] && len(terms) == 0 {
		return activityStreams
	}
	ctx := []any{activityStreams}
	if used["publicKey"] {
		ctx = append(ctx, security)
	}
	if used["assertionMethod"] {
		ctx = append(ctx, did, multikey)
	}
	if len(terms) > 0 {
		ctx = append(ctx, terms)
	}
	return ctx
}

// prefixes are not terms that a document can use by themselves.
var prefixes = map[string]bool{"gts": true, "ostatus": true, "schema": true, "toot": true, "wf": true, "xsd": true, "": true}

// collect notes every member name and every type below v.
func collect(used map[string]bool, v any) {
	note := func(key string, value any) {
		if !prefixes[key] {
			used[key] = true
		}
		if s := typeName(value); key == "type" && !prefixes[s] {
			used[s] = true
		}
		collect(used, value)
	}
	switch v := v.(type) {
	case members:
		for _, m := range v {
			note(m.key, m.value)
		}
	case Doc:
		for k, x := range v {
			note(k, x)
		}
	case map[string]any:
		for k, x := range v {
			note(k, x)
		}
	case []any:
		for _, x := range v {
			collect(used, x)
		}
	}
}

// typeName reads a type, written by us or by go-ap; "" when it is neither.
func typeName(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.RawMessage:
		return strings.Trim(string(v), `"`) // token lets nothing through that is escaped
	}
	return ""
}
