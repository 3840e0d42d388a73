package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// blogByToken finds the blog behind an actor id; one that left is ErrGone.
func (b *Bridge) blogByToken(ctx context.Context, token string) (db.Blog, error) {
	blog, err := b.db.BlogByToken(ctx, token)
	return blog, shown(blog, err)
}

// shown turns what the database says about a blog into what the public hears.
func shown(blog db.Blog, err error) error {
	switch {
	case errors.Is(err, db.ErrNotFound):
		return activitypub.ErrNotFound
	case err != nil:
		return err
	case blog.State == db.Gone:
		return activitypub.ErrGone
	case blog.State == db.Off:
		return activitypub.ErrNotFound
	}
	return nil
}

// Actor serves an actor document; a deleted one is a Tombstone (D24).
func (b httpSide) Actor(ctx context.Context, token string) (activitypub.Document, error) {
	if token == InstanceToken {
		return b.instanceActor(ctx)
	}
	blog, err := b.blogByToken(ctx, token)
	if errors.Is(err, activitypub.ErrGone) {
		return activitypub.Document{}, &activitypub.GoneError{Body: vocab.Tombstone(b.addr.Actor(token), actorType(&blog), time.Time{})}
	}
	if err != nil {
		return activitypub.Document{}, err
	}
	actor, err := b.actor(ctx, &blog)
	if err != nil {
		return activitypub.Document{}, err
	}
	return activitypub.Document{Body: actor.JSON(), HTMLURL: b.addr.Page(blog.Handle), Modified: msTime(blog.ProfileAt)}, nil
}

func (b *Bridge) actor(ctx context.Context, blog *db.Blog) (vocab.Actor, error) {
	key, err := b.key(ctx, blog.ID)
	if err != nil {
		return vocab.Actor{}, err
	}
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return vocab.Actor{}, err
	}
	return b.actorWith(key, blog, prefs), nil
}

// actorWith makes an actor's document; prefs are the blog's preferences.
func (b *Bridge) actorWith(key *activitypub.Key, blog *db.Blog, prefs map[string]string) vocab.Actor {
	a := mapping.Actor(mapping.ActorInput{
		Addr: b.addr, Token: blog.Token, Handle: blog.Handle, Type: actorType(blog),
		Profile: mapping.Profile{
			Name: blog.Profile.Name, Note: blog.Profile.Note,
			AvatarHash: blog.Profile.AvatarHash, AvatarType: blog.Profile.AvatarType,
			AvatarURL: blog.Profile.AvatarURL, BannerURL: blog.Profile.BannerURL, Links: strings.Fields(blog.Profile.Links),
			Fields: fieldsOf(prefs),
		},
		AlsoKnownAs: aliasesOf(prefs), MovedTo: prefs[preferenceMovedTo],
		JID: mustJID(blog.JID), Node: blog.Node,
		PublicKeyPEM: key.PublicPEM(), Approves: blog.Approve,
		Discoverable: blog.Discoverable, Indexable: blog.Indexable,
		Published: msTime(blog.Created), Updated: msTime(blog.ProfileAt),
	})
	a.ProofKeyID, a.ProofKey = key.ProofID(), key.ProofMultibase()
	return a
}

func actorType(blog *db.Blog) string {
	if blog.Kind == "group" {
		return "Group"
	}
	return "Person"
}

// instanceDocument is the gateway's own actor with a key.
func (b *Bridge) instanceDocument(key *activitypub.Key) vocab.Actor {
	a := mapping.Instance(b.addr, InstanceToken, b.cfg.Name, b.cfg.Description, key.PublicPEM())
	a.ProofKeyID, a.ProofKey = key.ProofID(), key.ProofMultibase()
	return a
}

// instanceActor is the gateway itself: the signer of fetches, readable by
// anybody (D11, D23).
func (b *Bridge) instanceActor(ctx context.Context) (activitypub.Document, error) {
	key, err := b.instanceKey(ctx)
	if err != nil {
		return activitypub.Document{}, err
	}
	doc := b.instanceDocument(key)
	return activitypub.Document{Body: doc.JSON(), HTMLURL: b.cfg.PublicURL + "/", Open: true}, nil
}

// Post serves a post; what strangers may no longer read is not there.
func (b httpSide) Post(ctx context.Context, token string) (activitypub.Document, error) {
	post, blog, err := b.publicPost(ctx, token)
	if errors.Is(err, activitypub.ErrGone) {
		return activitypub.Document{}, &activitypub.GoneError{Body: vocab.Tombstone(b.addr.Post(token), "Note", msTime(post.Deleted))}
	}
	if err != nil {
		return activitypub.Document{}, err
	}
	return activitypub.Document{
		Body: []byte(post.Object), HTMLURL: b.addr.PostPage(blog.Handle, token),
		Modified: msTime(max(post.Published, post.Updated)),
	}, nil
}

func (b *Bridge) publicPost(ctx context.Context, token string) (db.Post, db.Blog, error) {
	post, err := b.db.PostByToken(ctx, token)
	if errors.Is(err, db.ErrNotFound) {
		return post, db.Blog{}, activitypub.ErrNotFound
	}
	if err != nil {
		return post, db.Blog{}, err
	}
	blog, err := b.db.BlogByID(ctx, post.BlogID)
	if err := shown(blog, err); err != nil {
		return post, blog, err
	}
	switch {
	case post.Home:
		return post, blog, activitypub.ErrNotFound
	case post.Deleted != 0:
		return post, blog, activitypub.ErrGone
	case post.Service == "" && !readable(&blog): // a comment stands in another node
		return post, blog, activitypub.ErrNotFound
	}
	return post, blog, nil
}

// readable says whether a blog's posts may be shown now: strangers can read the
// node. A server that is away for a while hides nothing that was public (D24),
// as the gate stays what it was.
func readable(blog *db.Blog) bool { return blog.Gate != db.GateClosed && blog.Gate != db.GateMissing }

// Activity serves an activity about what is public now, as it is now: words that
// were edited away, or a profile of before, are not kept in public.
func (b httpSide) Activity(ctx context.Context, token string) (activitypub.Document, error) {
	act, err := b.db.ActivityByToken(ctx, token)
	if errors.Is(err, db.ErrNotFound) {
		return activitypub.Document{}, activitypub.ErrNotFound
	}
	if err != nil {
		return activitypub.Document{}, err
	}
	if act.DirectID != 0 {
		return activitypub.Document{}, activitypub.ErrNotFound
	}
	switch act.Type {
	case "Accept", "Reject", typeBlock, typeFlag, typeForward, typeAgain, typeVote, typeQuoteRequest:
		return activitypub.Document{}, activitypub.ErrNotFound // between two actors, nobody else's business
	case "Create", "Update":
		if act.PostID == 0 {
			blog, err := b.db.BlogByID(ctx, act.BlogID)
			if err = shown(blog, err); err == nil && act.Created < blog.ProfileAt {
				err = activitypub.ErrNotFound
			}
			if err != nil {
				return activitypub.Document{}, err
			}
			break
		}
		post, err := b.db.PostByID(ctx, act.PostID)
		if err != nil {
			return activitypub.Document{}, err
		}
		post, blog, err := b.publicPost(ctx, post.Token)
		if err != nil {
			return activitypub.Document{}, err
		}
		at := act.Created
		if act.Type == "Create" {
			at = post.Published
		}
		again, err := b.about(&blog, post, act.Type, act.Token, at)
		return activitypub.Document{Body: again.JSON(), Modified: msTime(max(act.Created, post.Updated))}, err
	}
	if isStamp(act.Type) { // good for as long as what it stamps, or until it is taken back
		post, err := b.db.PostByID(ctx, act.PostID)
		if err == nil {
			_, _, err = b.publicPost(ctx, post.Token)
		}
		if err != nil {
			return activitypub.Document{}, err
		}
		switch gone, err := b.takenBack(ctx, act); {
		case err != nil:
			return activitypub.Document{}, err
		case gone:
			return activitypub.Document{}, activitypub.ErrNotFound
		}
	}
	blog, err := b.db.BlogByID(ctx, act.BlogID)
	if act.Type != "Delete" { // the farewell of one that left stays
		err = shown(blog, err)
	}
	if err == nil && (act.Type == "Like" || act.Type == "Announce") { // until it is undone
		_, err = b.db.DeedByToken(ctx, act.Token)
	}
	if errors.Is(err, db.ErrNotFound) {
		err = activitypub.ErrNotFound
	}
	return activitypub.Document{Body: []byte(act.Body), HTMLURL: "", Modified: msTime(act.Created)}, err
}

// about is an activity of ours with its post as it is now.
func (b *Bridge) about(blog *db.Blog, post db.Post, typ, token string, at int64) (vocab.Activity, error) {
	object, err := vocab.Read([]byte(post.Object), vocab.DefaultLimits)
	if err != nil {
		return vocab.Activity{}, err
	}
	delete(object, "@context")
	return vocab.Activity{
		ID: b.addr.Activity(token), Type: typ, Actor: b.addr.Actor(blog.Token),
		To: object.IDs("to"), Cc: object.IDs("cc"), Object: object, Published: msTime(at),
	}, nil
}

// PageID finds the id behind a page's address.
func (b httpSide) PageID(ctx context.Context, handle, token string) (string, error) {
	blog, err := b.db.BlogByHandle(ctx, strings.ToLower(handle))
	if err := shown(blog, err); err != nil {
		return "", err
	}
	if token == "" {
		return b.addr.Actor(blog.Token), nil
	}
	post, _, err := b.publicPost(ctx, token)
	if err == nil && post.BlogID != blog.ID {
		return "", activitypub.ErrNotFound
	}
	return b.addr.Post(token), err
}

// Media serves an avatar.
func (b httpSide) Media(ctx context.Context, hash string) (string, []byte, error) {
	shown, err := b.db.AvatarShown(ctx, hash)
	if err != nil {
		return "", nil, err
	}
	if !shown { // replaced, or its owner left
		return "", nil, activitypub.ErrNotFound
	}
	typ, data, err := b.db.Media(ctx, hash)
	if errors.Is(err, db.ErrNotFound) {
		err = activitypub.ErrNotFound
	}
	return typ, data, err
}

// NodeInfo counts (D10).
func (b httpSide) NodeInfo(ctx context.Context) (activitypub.NodeInfo, error) {
	c, err := b.db.Counts(ctx, b.now().AddDate(0, -1, 0).UnixMilli(), b.now().AddDate(0, -6, 0).UnixMilli())
	return activitypub.NodeInfo{
		Users: c.Blogs, Posts: c.Posts, ActiveMonth: c.ActiveMonth, ActiveHalfYear: c.ActiveHalfYear,
		Name: b.cfg.Name, Description: b.cfg.Description,
	}, err
}

// sameButTime compares two objects as published, leaving their time of change
// out.
func sameButTime(a, b string) bool {
	return stripUpdated(a) == stripUpdated(b)
}

func stripUpdated(s string) string {
	var m map[string]json.RawMessage
	if json.Unmarshal([]byte(s), &m) != nil {
		return s
	}
	delete(m, "updated")
	out, _ := json.Marshal(m)
	return string(out)
}

func formerType(object string) string {
	d, err := vocab.Read([]byte(object), vocab.DefaultLimits)
	if err != nil || len(d.Types()) == 0 {
		return "Note"
	}
	return d.Types()[0]
}
