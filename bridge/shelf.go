package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// The shelf is what is kept of the Fediverse for readers here: posts as they came,
// and what stands in whose node. A post that also concerns somebody here is the
// same note (note.go).

// kindFeed tells readers of one item of an account's node as it is now.
const kindFeed = "feed"

func feedJob(id, due int64) db.Job {
	return db.Job{Kind: kindFeed, Key: strconv.FormatInt(id, 10), Due: due}
}

// shelve puts a post into its author's node. Quietly means without telling
// readers, who find it when they look. What was sent to named people alone is
// never there.
func (b *Bridge) shelve(ctx context.Context, post remotePost, quietly bool) error {
	visible, private := b.readers(ctx, post)
	if !visible || post.Vote || post.Type == "Tombstone" {
		return fmt.Errorf("%w: not for readers", errIgnored)
	}
	item := db.FeedItem{
		Actor: post.author, Item: mapping.ItemID(post.ID), Object: post.ID, Private: private, Published: b.notLater(post.Published), Quiet: quietly,
	}
	_, err := b.onShelf(ctx, post, &item)
	return err
}

// readers says who may read a post: everybody, or the author's followers alone,
// which is only said of what is addressed to that very collection (row P1).
func (b *Bridge) readers(ctx context.Context, post remotePost) (visible, private bool) {
	if isPublic(post.Visibility("")) {
		return true, false
	}
	acc, err := b.db.Account(ctx, post.author)
	if err != nil {
		return false, true
	}
	followers := profileOf(acc).Followers
	return followers != "" && (slices.Contains(post.To, followers) || slices.Contains(post.Cc, followers)), true
}

// shelveBoost puts somebody's post into the node of an actor who boosts it: read
// at its own address, whatever the Announce says of it (row I28).
func (b *Bridge) shelveBoost(ctx context.Context, actor, activity, object string, at time.Time, quietly bool) error {
	item := db.FeedItem{Actor: actor, Item: mapping.ItemID(activity), Object: object, Activity: activity, Published: b.notLater(at), Quiet: quietly}
	if activity == "" {
		item.Item = mapping.ItemID(actor + " " + object)
	}
	if _, token, ours := b.addr.TokenOf(object); ours {
		post, _, err := b.publicPost(ctx, token)
		if err != nil {
			return fmt.Errorf("%w: %w", errIgnored, err)
		}
		item.Object = b.addr.Post(post.Token)
		return b.putFeed(ctx, item)
	}
	note, err := b.db.NoteByObject(ctx, object)
	if errors.Is(err, db.ErrNotFound) || err == nil && note.Doc == "" && note.Deleted == 0 {
		var post remotePost
		if post, err = b.fetchPost(ctx, object); err != nil {
			return err
		}
		if post.Type == "Tombstone" || post.Vote || !isPublic(post.Visibility("")) {
			return fmt.Errorf("%w: boost of what not everybody may read", errIgnored)
		}
		note, err = b.onShelf(ctx, post, nil)
		item.Object = note.Object // a redirect may have led there
	}
	if err != nil {
		return err
	}
	if note.Deleted != 0 || !isPublic(note.Visibility) {
		return fmt.Errorf("%w: boost of what is not there", errIgnored)
	}
	return b.putFeed(ctx, item)
}

// notLater keeps what claims to be of the future from standing above all others
// for good.
func (b *Bridge) notLater(t time.Time) int64 {
	if now := b.now(); t.IsZero() || t.After(now) {
		t = now
	}
	return t.UnixMilli()
}

// putFeed stores an item and tells readers of it, unless that is to be done
// quietly. One that was stored quietly a moment ago is told of when it arrives.
func (b *Bridge) putFeed(ctx context.Context, item db.FeedItem) error {
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		key := item.Actor + " " + item.Object
		if item.Activity != "" {
			key = item.Actor + " " + item.Activity
		}
		if gone, err := tx.Forestalled(ctx, key, b.nowMS()); err != nil {
			return err
		} else if gone {
			return fmt.Errorf("%w: taken back before it came", errIgnored)
		}
		return b.addFeed(ctx, tx, item)
	})
	b.jobs.Kick()
	return err
}

func (b *Bridge) addFeed(ctx context.Context, tx *db.Tx, item db.FeedItem) error {
	saved, fresh, err := tx.AddFeed(ctx, item)
	if err != nil || item.Quiet {
		return err
	}
	if !fresh {
		if !saved.Quiet && !saved.Gone {
			return nil
		}
		if err := tx.WakeFeed(ctx, saved.ID); err != nil {
			return err
		}
	}
	return tx.AddJob(ctx, feedJob(saved.ID, b.nowMS()))
}

// onShelf keeps a post, once, with the item that shows it, if there is one; a newer text
// of a known post replaces the older.
func (b *Bridge) onShelf(ctx context.Context, post remotePost, item *db.FeedItem) (db.Note, error) {
	if !post.unseen {
		known, err := b.db.NoteByObject(ctx, post.ID)
		if err == nil {
			return b.stillOnShelf(ctx, known, post, item)
		}
		if !errors.Is(err, db.ErrNotFound) {
			return known, err
		}
	}
	if _, err := b.remote(ctx, post.author); err != nil {
		return db.Note{}, fmt.Errorf("author: %w", err)
	}
	var saved db.Note
	fresh := false
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		err := b.forestalled(ctx, tx, post)
		if err != nil {
			return err
		}
		saved, fresh, err = tx.AddNote(ctx, db.Note{
			Object: post.ID, Actor: post.author, Type: post.Type, URL: post.URL, ReplyTo: post.InReplyTo, Visibility: post.Visibility(""),
			Item: mapping.ItemID(post.ID), Published: unixOrZero(post.Published), Updated: unixOrZero(post.Updated), Seen: b.nowMS(),
			Shelf: true, Doc: keptDoc(post.doc),
		})
		if err == nil && item != nil {
			err = b.addFeed(ctx, tx, *item)
		}
		return err
	})
	b.jobs.Kick()
	if err == nil && fresh {
		err = b.tellComment(ctx, commentNote, saved.ID, saved.ReplyTo)
	}
	return saved, err
}

// stillOnShelf is onShelf for a post that is known.
func (b *Bridge) stillOnShelf(ctx context.Context, known db.Note, post remotePost, item *db.FeedItem) (db.Note, error) {
	err := b.renew(ctx, known, post)
	if err == nil {
		known, err = b.db.NoteByID(ctx, known.ID)
	}
	if err == nil && item != nil {
		item.Item, item.Object = known.Item, known.Object
		err = b.putFeed(ctx, *item)
	}
	return known, err
}

// maxDoc bounds what is kept of an object; longer texts are cut.
const maxDoc = 256 << 10

// keptDoc is an object as it is stored.
func keptDoc(doc vocab.Doc) string {
	kept := vocab.Doc{}
	for k, v := range doc {
		if k != "@context" && k != "signature" && k != "proof" {
			kept[k] = v
		}
	}
	text, _ := json.Marshal(kept) // it was read from JSON
	if len(text) <= maxDoc {
		return string(text)
	}
	content, _ := kept.Text("content")
	for _, k := range []string{"contentMap", "source", "summaryMap", "nameMap", "preview"} {
		delete(kept, k)
	}
	kept["content"] = content[:min(len(content), maxDoc/4)]
	if text, _ = json.Marshal(kept); len(text) > maxDoc {
		for _, k := range []string{"tag", "attachment", "replies", "likes", "shares"} {
			delete(kept, k)
		}
		text, _ = json.Marshal(kept)
	}
	if len(text) > maxDoc {
		return ""
	}
	return string(text)
}

// unshelve takes whatever shows an object out of the nodes where it stands.
func (b *Bridge) unshelve(ctx context.Context, tx *db.Tx, object string) error {
	return b.eachShown(ctx, tx, object, func(f db.FeedItem) error { return tx.SetFeedGone(ctx, f.ID) })
}

// reshelve makes readers hear of an object that changed.
func (b *Bridge) reshelve(ctx context.Context, tx *db.Tx, object string) error {
	return b.eachShown(ctx, tx, object, func(db.FeedItem) error { return nil })
}

// maxShown bounds in how many nodes a post is changed that many boosted.
const maxShown = 1000

func (b *Bridge) eachShown(ctx context.Context, tx *db.Tx, object string, do func(db.FeedItem) error) error {
	list, err := tx.FeedOf(ctx, object, maxShown)
	if err != nil {
		return err
	}
	for _, f := range list {
		if f.Gone {
			continue
		}
		if err := do(f); err != nil {
			return err
		}
		if err := tx.AddJob(ctx, feedJob(f.ID, b.nowMS())); err != nil {
			return err
		}
	}
	return nil
}
