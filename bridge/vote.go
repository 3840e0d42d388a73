package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
)

// typeVote is the row of a Create that is a vote: nobody but the author of the poll may
// read it.
const typeVote = "Vote"

// deedVote is a vote as it is remembered; its content is the option.
const deedVote = "vote"

// votesPrefix is the node at an author's virtual address where votes are kept. Nobody can
// read it.
const votesPrefix = "votes/"

// cmdVote votes in a poll: the numbers of what is chosen follow the link. Without any it
// shows the poll as it stands at its own server.
func (b *Bridge) cmdVote(ctx context.Context, a asking) (answer, error) {
	p, err := b.point(ctx, a.From, a.word(0))
	if err != nil {
		return inWords(err)
	}
	if p.post.ID != 0 || p.note.Type != "Question" {
		return answer{Text: b.say(ctx, "react.vote.none")}, nil
	}
	if !b.quota.take("deed by "+a.From.String(), deedsPerHour, b.now()) {
		return answer{Text: b.tooMuch(ctx)}, nil
	}
	poll, err := b.pollNow(ctx, p)
	if err != nil {
		return inWords(err)
	}
	if len(poll.Options) == 0 {
		return answer{Text: b.say(ctx, "react.vote.none")}, nil
	}
	blog, err := b.actingAs(ctx, a.From)
	if err != nil {
		return inWords(err)
	}
	b.showed(ctx, a.From, p.object)
	before, err := b.votesOf(ctx, blog.ID, p.object)
	if err != nil {
		return answer{}, err
	}
	shown := b.pollText(poll, before)
	switch said := a.after(1); {
	case poll.Closed || !poll.Ends.IsZero() && poll.Ends.Before(b.now()):
		return answer{Text: b.say(ctx, "react.vote.closed") + "\n" + shown, Next: []string{"thread " + p.link}}, nil
	case len(before) > 0:
		return answer{Text: b.say(ctx, "react.vote.already") + "\n" + shown, Next: []string{"thread " + p.link}}, nil
	case said == "":
		key := "react.vote.one"
		if poll.Several {
			key = "react.vote.several"
		}
		return answer{Text: shown + "\n" + b.say(ctx, key), Ask: &field{Var: "choice"}}, nil
	default:
		chosen, wrong := choices(poll, said)
		if wrong != "" {
			return answer{Text: b.say(ctx, "react.vote.which", "what", clip(wrong, 100), "number", len(poll.Options)) + "\n" + shown}, nil
		}
		if err := b.vote(ctx, &blog, p, chosen); err != nil {
			return answer{}, err
		}
		return answer{Text: b.say(ctx, "react.voted", "author", p.author(b, ctx)) + "\n" + b.pollText(poll, chosen), Next: []string{"thread " + p.link, "like " + p.link}}, nil
	}
}

// pollNow is a poll as its own server counts it now; if that cannot be asked, as it was
// when it came.
func (b *Bridge) pollNow(ctx context.Context, p pointed) (vocab.Incoming, error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	if isPublic(p.note.Visibility) {
		if doc, err := b.readDoc(ctx, p.object); err == nil {
			if now := vocab.ReadIncoming(doc); now.ID == p.object && slices.Equal(now.Authors, []string{p.note.Actor}) {
				if kept := keptDoc(doc); kept != "" && kept != p.note.Doc {
					if err := b.db.SetNoteDoc(ctx, p.note.ID, kept); err != nil {
						return now, err
					}
				}
				return now, nil
			}
		}
	}
	doc, err := vocab.Read([]byte(p.note.Doc), vocab.DefaultLimits)
	if err != nil {
		return vocab.Incoming{}, stanza.ErrItemNotFound(b.say(ctx, "react.nothing"))
	}
	return vocab.ReadIncoming(doc), nil
}

// votesOf are the options that a blog has voted for.
func (b *Bridge) votesOf(ctx context.Context, blog int64, object string) (chosen []string, err error) {
	list, err := b.db.DeedsOn(ctx, object, 1000)
	for _, d := range list {
		if d.BlogID == blog && d.Kind == deedVote {
			chosen = append(chosen, d.Content)
		}
	}
	return chosen, err
}

// pollText lists the options with their numbers, votes, and a mark at those in chosen.
func (b *Bridge) pollText(poll vocab.Incoming, chosen []string) string {
	var s strings.Builder
	for i, o := range poll.Options {
		mark := "○"
		if slices.Contains(chosen, o.Name) {
			mark = "●"
		}
		fmt.Fprintf(&s, "%s %d. %s — %d\n", mark, i+1, clip(strings.Join(strings.Fields(o.Name), " "), 200), o.Votes)
	}
	if !poll.Ends.IsZero() {
		s.WriteString("⏳ " + stamp(poll.Ends.UnixMilli()) + "\n")
	}
	return strings.TrimRight(s.String(), "\n")
}

// choices reads numbers, or the words of one option; wrong is what none is.
func choices(poll vocab.Incoming, said string) (chosen []string, wrong string) {
	for _, o := range poll.Options {
		if strings.EqualFold(strings.TrimSpace(said), o.Name) {
			return []string{o.Name}, ""
		}
	}
	words := strings.FieldsFunc(said, func(r rune) bool { return r == ',' || isSpace(r) })
	for _, w := range words {
		n, err := strconv.Atoi(strings.TrimSuffix(w, "."))
		if err != nil || n < 1 || n > len(poll.Options) {
			return nil, w
		}
		if name := poll.Options[n-1].Name; !slices.Contains(chosen, name) {
			chosen = append(chosen, name)
		}
	}
	if len(chosen) == 0 || len(chosen) > 1 && !poll.Several {
		return nil, said
	}
	return chosen, ""
}

// vote sends a ballot for each option that is chosen to the author of a poll.
func (b *Bridge) vote(ctx context.Context, blog *db.Blog, p pointed, chosen []string) error {
	author := b.authorOf(p.remote).JID
	if author.IsZero() {
		return errors.New("a poll by somebody without an address")
	}
	if _, err := b.key(ctx, blog.ID); err != nil { // made before the transaction, which has the only writer
		return err
	}
	for _, name := range chosen {
		row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: typeVote, Created: b.nowMS()}
		actor, id := b.addr.Actor(blog.Token), b.addr.Activity(row.Token)
		row.Body = string(vocab.Activity{ID: id, Type: "Create", Actor: actor, To: []string{p.remote.Actor},
			Object: vocab.Ballot{ID: id + "#vote", Name: name, AttributedTo: actor, InReplyTo: p.object, To: p.remote.Actor}}.JSON())
		d := db.Deed{Kind: deedVote, Content: name, Object: p.object, Service: author.String(), Node: votesPrefix + p.object, Item: blog.JID}
		if err := b.do(ctx, blog, row, d, p.target, db.ToNobody); err != nil {
			return err
		}
	}
	return nil
}
