package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"

	"isthmus/db"
)

// This file is what bloggers are told about others, and of whom they want to hear
// nothing.

// subjects are what “notify” can switch.
var subjects = []string{"replies", "mentions", "follows", "likes"}

func (b *Bridge) cmdNotify(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "blog.startfirst")}, ignoreNotFound(err)
	}
	names := []string{strings.ToLower(a.word(0))}
	known := slices.Contains(subjects, names[0])
	if names[0] == "all" {
		known, names = true, subjects
	}
	want := map[string]string{"on": "on", "1": "on", "true": "on", "off": "off", "0": "off", "false": "off"}[strings.ToLower(a.word(1))]
	if !known || want == "" {
		return b.notifyState(ctx, &blog)
	}
	for _, n := range names {
		if err := b.db.SetPreference(ctx, blog.ID, n, want); err != nil {
			return answer{}, err
		}
	}
	return b.notifyState(ctx, &blog)
}

func (b *Bridge) notifyState(ctx context.Context, blog *db.Blog) (answer, error) {
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return answer{}, err
	}
	lines := []string{b.say(ctx, "notify.state")}
	for _, name := range subjects {
		state := "on"
		if prefs[name] == "off" {
			state = "off"
		}
		lines = append(lines, "  "+name+": "+state+" ("+b.say(ctx, "notify.about."+name)+")")
	}
	return answer{Text: strings.Join(append(lines, b.say(ctx, "notify.how")), "\n")}, nil
}

// cmdMute makes a person or a whole server unheard: their answers are not shown
// below the posts, and nothing of theirs is told. They do not notice.
func (b *Bridge) cmdMute(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownActor(ctx, a.From)
	if err != nil {
		return answer{Text: b.say(ctx, "blog.startfirst")}, ignoreNotFound(err)
	}
	if a.word(0) == "" {
		list, err := b.db.Mutes(ctx, blog.ID)
		if err != nil {
			return answer{}, err
		}
		if len(list) == 0 {
			return answer{Text: b.say(ctx, "notify.mute.nobody")}, nil
		}
		for i, subject := range list {
			list[i] = b.mutedName(ctx, subject)
		}
		return answer{Text: b.say(ctx, "notify.mute.list", "names", strings.Join(list, "\n  "))}, nil
	}
	subject, ans, err := b.muteSubject(ctx, a.word(0))
	if subject == "" {
		return ans, err
	}
	if err := b.db.AddMute(ctx, blog.ID, subject); err != nil {
		return answer{}, err
	}
	return answer{Text: b.say(ctx, "notify.muted", "who", b.mutedName(ctx, subject), "word", a.word(0))}, nil
}

func (b *Bridge) cmdUnmute(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownActor(ctx, a.From)
	if err != nil {
		return answer{Text: b.say(ctx, "blog.startfirst")}, ignoreNotFound(err)
	}
	subject, ans, err := b.muteSubject(ctx, a.word(0))
	if subject == "" {
		return ans, err
	}
	n, err := b.db.RemoveMute(ctx, blog.ID, subject)
	if err == nil && n == 0 {
		return answer{Text: b.say(ctx, "notify.mute.not")}, nil
	}
	return answer{Text: b.say(ctx, "notify.unmuted", "who", b.mutedName(ctx, subject))}, err
}

// muteSubject is how a person or server is kept: an actor's id, or @ and a host.
// With none, the answer says why.
func (b *Bridge) muteSubject(ctx context.Context, word string) (string, answer, error) {
	word = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(word), "@"))
	if strings.Contains(word, "@") {
		p, err := b.whoIs(ctx, word)
		if p.mention.ActorURL == "" {
			b.logger(ctx).Info("nobody to mute by this name", "handle", word, "why", err)
			return "", answer{Text: b.say(ctx, "notify.mute.unknown", "who", clip(word, 100))}, nil
		}
		return p.mention.ActorURL, answer{}, nil
	}
	if !strings.Contains(word, ".") || strings.ContainsAny(word, "/: ") {
		return "", answer{Text: b.say(ctx, "notify.mute.whom")}, nil
	}
	return "@" + word, answer{}, nil
}

func (b *Bridge) mutedName(ctx context.Context, subject string) string {
	if strings.HasPrefix(subject, "@") {
		return b.say(ctx, "notify.everybody", "host", subject[1:])
	}
	if r, err := b.db.Remote(ctx, subject); err == nil && r.Handle != "" {
		return "@" + r.Handle
	} else if err != nil && !errors.Is(err, db.ErrNotFound) {
		b.logger(ctx).Error("name not read", "actor", subject, "err", err)
	}
	return subject
}
