package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// Posts from elsewhere that are written to a community: they are published into its node,
// by their authors' virtual addresses, where the node lets others write; the community
// boosts what stands there to its followers (FEP-1b12). Retracted by whoever may, the boost
// is taken back, as with any repeat.

// communityIn is the community that a post of somebody else's is written to: the first of
// ours that it names, when it begins a conversation and everybody may read it. ID 0 when
// there is none.
func communityIn(c concern, post remotePost, depth int) db.Blog {
	if depth > 0 || c.post.ID != 0 || post.InReplyTo != "" || !isPublic(post.Visibility("")) {
		return db.Blog{}
	}
	for _, blog := range c.named {
		if blog.Kind == "group" && blog.State == db.On && readable(&blog) {
			return blog
		}
	}
	return db.Blog{}
}

// entryOf is what stands in XMPP of a note that has a place, and the hash of it.
func (b *Bridge) entryOf(ctx context.Context, note db.Note, post remotePost, who mapping.Author) (entry, hash string) {
	if note.Thread != 0 || note.PostID != 0 {
		return b.commentEntry(ctx, note, post, who)
	}
	entry = mapping.BlogEntry(mapping.Story{
		Reply: mapping.Reply{
			Object: b.reply(ctx, note, post, who).Object, Author: who, Now: msTime(note.Seen),
			ItemURI:  stanza.ItemURI(mustJID(note.Service), note.Node, note.Item).String(),
			Comments: stanza.ItemURI(who.JID, commentsPrefix+note.Item, "").String(),
		},
		Media: b.mediaURL,
	}).Element().XML()
	sum := sha256.Sum256([]byte(entry))
	return entry, hex.EncodeToString(sum[:16])
}

// inCommunity reports whether an item of a community's node is somebody's post from
// elsewhere that we published there, and which.
func (b *Bridge) inCommunity(ctx context.Context, blog *db.Blog, item string) (db.Note, bool, error) {
	if blog.Kind != "group" {
		return db.Note{}, false, nil
	}
	note, err := b.db.NoteAt(ctx, blog.JID, blog.Node, item)
	if err != nil {
		return db.Note{}, false, ignoreNotFound(err)
	}
	return note, true, nil
}

// postsToCommunity is how many posts of one server stand in a community's node within an hour.
const postsToCommunity = 60

// floods counts a new post to a community, and reports whether it is one too many.
func (b *Bridge) floods(community *db.Blog, actor string) bool {
	return !b.quota.take(fmt.Sprintf("posts to %d from %s", community.ID, hostOf(actor)), postsToCommunity, b.now())
}

// shunned reports whether who answers for a community wants to see nothing of an actor: by
// a mute or a block of its own, or of whoever turned it on. Whom the admin silenced does not
// stand there either.
func (b *Bridge) shunned(ctx context.Context, community *db.Blog, actor string) (bool, error) {
	if level, err := b.verdict(ctx, b.db, actor); err != nil || level == db.RuleBlock || level == db.RuleSilence {
		return true, err
	}
	ids := []int64{community.ID}
	if own, err := b.db.BlogByNode(ctx, community.EnrolledBy, stanza.NSMicroblog); err == nil {
		ids = append(ids, own.ID)
	} else if ignoreNotFound(err) != nil {
		return false, err
	}
	for _, id := range ids {
		quiet, err := muted(ctx, b.db, id, actor)
		if err == nil && !quiet {
			quiet, err = b.keptAway(ctx, b.db, id, actor)
		}
		if quiet || err != nil {
			return quiet, err
		}
	}
	return false, nil
}
