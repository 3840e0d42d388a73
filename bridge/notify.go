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

// subjects are what “notify” can switch, with what they are.
var subjects = []struct{ name, what string }{
	{"replies", "answers to your posts"},
	{"mentions", "posts that name you"},
	{"follows", "new followers"},
	{"likes", "likes and boosts, now and then, in one message"},
}

func (b *Bridge) cmdNotify(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: "It is off. Say “start” first."}, ignoreNotFound(err)
	}
	names := []string{strings.ToLower(a.word(0))}
	known := slices.ContainsFunc(subjects, func(s struct{ name, what string }) bool { return s.name == names[0] })
	if names[0] == "all" {
		known, names = true, nil
		for _, s := range subjects {
			names = append(names, s.name)
		}
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
	var s strings.Builder
	s.WriteString("You are told of:")
	for _, x := range subjects {
		state := "on"
		if prefs[x.name] == "off" {
			state = "off"
		}
		s.WriteString("\n  " + x.name + ": " + state + " (" + x.what + ")")
	}
	s.WriteString("\nSay for example “notify likes off”, or “notify all on”. “mute” is for single people.")
	return answer{Text: s.String()}, nil
}

// cmdMute makes a person or a whole server unheard: their answers are not shown
// below the posts, and nothing of theirs is told. They do not notice.
func (b *Bridge) cmdMute(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownActor(ctx, a.From)
	if err != nil {
		return answer{Text: "It is off. Say “start” first."}, ignoreNotFound(err)
	}
	if a.word(0) == "" {
		list, err := b.db.Mutes(ctx, blog.ID)
		if err != nil {
			return answer{}, err
		}
		if len(list) == 0 {
			return answer{Text: "Nobody is muted. Say “mute user@host” for one person, “mute host” for a whole server."}, nil
		}
		for i, subject := range list {
			list[i] = b.mutedName(ctx, subject)
		}
		return answer{Text: "Muted:\n  " + strings.Join(list, "\n  ") + "\n“unmute” and a name ends it."}, nil
	}
	subject, ans, err := b.muteSubject(ctx, a.word(0))
	if subject == "" {
		return ans, err
	}
	if err := b.db.AddMute(ctx, blog.ID, subject); err != nil {
		return answer{}, err
	}
	return answer{Text: "Muted: " + b.mutedName(ctx, subject) + ". What they write from now on is neither shown below your posts nor told to you. “unmute " + a.word(0) + "” ends it."}, nil
}

func (b *Bridge) cmdUnmute(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownActor(ctx, a.From)
	if err != nil {
		return answer{Text: "It is off. Say “start” first."}, ignoreNotFound(err)
	}
	subject, ans, err := b.muteSubject(ctx, a.word(0))
	if subject == "" {
		return ans, err
	}
	n, err := b.db.RemoveMute(ctx, blog.ID, subject)
	if err == nil && n == 0 {
		return answer{Text: "That is not muted. “mute” lists who is."}, nil
	}
	return answer{Text: "No longer muted: " + b.mutedName(ctx, subject) + "."}, err
}

// muteSubject is how a person or server is kept: an actor's id, or @ and a host.
// With none, the answer says why.
func (b *Bridge) muteSubject(ctx context.Context, word string) (string, answer, error) {
	word = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(word), "@"))
	if strings.Contains(word, "@") {
		p, err := b.whoIs(ctx, word)
		if p.mention.ActorURL == "" {
			b.logger(ctx).Info("nobody to mute by this name", "handle", word, "why", err)
			return "", answer{Text: "I cannot find “" + clip(word, 100) + "” on the Fediverse."}, nil
		}
		return p.mention.ActorURL, answer{}, nil
	}
	if !strings.Contains(word, ".") || strings.ContainsAny(word, "/: ") {
		return "", answer{Text: "Name a person, user@host, or a whole server, host."}, nil
	}
	return "@" + word, answer{}, nil
}

func (b *Bridge) mutedName(ctx context.Context, subject string) string {
	if strings.HasPrefix(subject, "@") {
		return "everybody on " + subject[1:]
	}
	if r, err := b.db.Remote(ctx, subject); err == nil && r.Handle != "" {
		return "@" + r.Handle
	} else if err != nil && !errors.Is(err, db.ErrNotFound) {
		b.logger(ctx).Error("name not read", "actor", subject, "err", err)
	}
	return subject
}
