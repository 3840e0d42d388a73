package bridge

import (
	"context"
	"strings"

	"isthmus/db"
	"isthmus/mapping"
)

// cmdPostsLanguage is the language of posts that do not say theirs: peers filter
// and translate by it.
func (b *Bridge) cmdPostsLanguage(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "profile.off"), Next: []string{"start", "help"}}, ignoreNotFound(err)
	}
	want := strings.ToLower(a.word(0))
	switch {
	case want == "" && blog.Lang == "":
		return answer{Text: b.say(ctx, "profile.language.none")}, nil
	case want == "":
		return answer{Text: b.say(ctx, "profile.language.is", "language", blog.Lang)}, nil
	case want == "off":
		want = ""
	case !mapping.ValidLanguage(want):
		return answer{Text: b.say(ctx, "profile.language.bad", "language", clip(want, 40))}, nil
	}
	err = b.changeActor(ctx, blog.ID, func(tx *db.Tx, now *db.Blog) (bool, error) {
		now.Lang = want
		return false, tx.SetOptions(ctx, *now) // the actor does not say it
	})
	if err != nil || want == "" {
		return answer{Text: b.say(ctx, "profile.language.none")}, err
	}
	return answer{Text: b.say(ctx, "profile.language.is", "language", want)}, nil
}

func (b *Bridge) fillPostsLanguage(ctx context.Context, a asking) map[string]string {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return nil
	}
	return map[string]string{"code": blog.Lang}
}
