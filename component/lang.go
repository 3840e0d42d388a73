package component

import (
	"context"

	"isthmus/component/stanza"
)

type langKey struct{}

// Lang is the xml:lang of the stanza that is being handled, "" when it has none:
// servers give each stanza of a client the language of its stream (RFC 6120 §8.1.5).
func Lang(ctx context.Context) string {
	lang, _ := ctx.Value(langKey{}).(string)
	return lang
}

// withLang notes the language of e: a message's body and a command may have one of
// their own.
func withLang(ctx context.Context, e *stanza.Element) context.Context {
	lang := e.Lang()
	for _, child := range e.Elements() {
		if l := child.Lang(); l != "" && (child.Local == "body" || child.Local == "command") {
			lang = l
			break
		}
	}
	return context.WithValue(ctx, langKey{}, lang)
}
