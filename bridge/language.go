package bridge

import (
	"context"
	"strings"

	"isthmus/words"
)

// languageAuto is what to say for the language of the client.
const languageAuto = "auto"

func languageOptions() []string { return append([]string{languageAuto}, words.Languages...) }

// cmdLanguage is in which language somebody is spoken to.
func (b *Bridge) cmdLanguage(ctx context.Context, a asking) (answer, error) {
	want := strings.ToLower(a.word(0))
	switch {
	case want == languageAuto:
		want = ""
	case want != "" && !words.Has(want):
		return answer{Text: b.say(ctx, "language.unknown", "language", clip(a.word(0), 20), "languages", strings.Join(words.Languages, ", "))}, nil
	case want == "":
		return answer{Text: b.say(ctx, "language.now", "languages", strings.Join(words.Languages, ", "))}, nil
	}
	if err := b.db.SetSetting(ctx, a.From.String(), settingLanguage, want); err != nil {
		return answer{}, err
	}
	if want == "" {
		return answer{Text: b.say(ctx, "language.auto")}, nil
	}
	return answer{Text: b.say(ctx, "language.set")}, nil
}
