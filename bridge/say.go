package bridge

import (
	"context"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/words"
)

// Settings of a person, blog or not.
const (
	settingLanguage = "language" // what they chose
	settingHeard    = "heard"    // the language that their client said last
)

type listenerKey struct{}

// listener is who reads what is said under a context.
type listener struct {
	who stanza.JID // bare
	tag string     // xml:lang of what they sent, "" when they sent nothing
}

// speakTo makes who the one that reads what is said under the context it returns.
func (b *Bridge) speakTo(ctx context.Context, who stanza.JID) context.Context {
	return context.WithValue(ctx, listenerKey{}, listener{who.Bare().Fold(), component.Lang(ctx)})
}

// say is a sentence in the language of whom ctx is about (words.Say).
func (b *Bridge) say(ctx context.Context, key string, pairs ...any) string {
	return words.Say(b.language(ctx), key, pairs...)
}

// language is what somebody chose, else what their client says of what it sent,
// else what it said last.
func (b *Bridge) language(ctx context.Context) string {
	l, _ := ctx.Value(listenerKey{}).(listener)
	if l.who.IsZero() {
		return words.Pick(l.tag)
	}
	if chosen := b.setting(ctx, l.who, settingLanguage); chosen != "" {
		return words.Pick(chosen)
	}
	if l.tag != "" {
		return words.Pick(l.tag)
	}
	return words.Pick(b.setting(ctx, l.who, settingHeard))
}

// setting is what somebody chose, "" for nothing.
func (b *Bridge) setting(ctx context.Context, who stanza.JID, key string) string {
	v, err := b.db.Setting(context.WithoutCancel(ctx), who.String(), key)
	if err != nil {
		b.logger(ctx).Error("setting not read", "key", key, "err", err)
	}
	return v
}

// hearsLanguage remembers the language of somebody's client, for what they are told later.
func (b *Bridge) hearsLanguage(ctx context.Context, who stanza.JID) {
	tag := component.Lang(ctx)
	if tag == "" || len(tag) > 35 || strings.EqualFold(tag, b.setting(ctx, who, settingHeard)) {
		return
	}
	if err := b.db.SetSetting(ctx, who.String(), settingHeard, tag); err != nil {
		b.logger(ctx).Error("setting not stored", "key", settingHeard, "err", err)
	}
}
