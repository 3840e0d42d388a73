package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"isthmus/activitypub"
	"isthmus/db"
)

// KeyFile is who this gateway is to other servers: its accounts' ids and the keys that
// they sign with. With it, a new database is not a stranger.
type KeyFile struct {
	Version   int          `json:"isthmus_keys"` // 1
	PublicURL string       `json:"public_url"`   // the ids begin with it
	Seed      string       `json:"seed"`         // of the ids of posts
	Accounts  []AccountKey `json:"accounts"`
}

// AccountKey is one account with its key. The gateway's own has no JID.
type AccountKey struct {
	Token  string   `json:"token"`
	Kind   string   `json:"kind,omitempty"`
	JID    string   `json:"jid,omitempty"`
	Node   string   `json:"node,omitempty"`
	Handle string   `json:"handle,omitempty"`
	State  db.State `json:"state,omitempty"`
	By     string   `json:"enrolled_by,omitempty"`
	Key    string   `json:"key"` // PEM
}

// Errors of key files.
var (
	ErrKeyFile  = errors.New("not a file of keys")
	ErrKeyClash = errors.New("the database says otherwise")
)

// ExportKeys reads all keys and whose they are.
func ExportKeys(ctx context.Context, d *db.DB, publicURL string) (KeyFile, error) {
	f := KeyFile{Version: 1, PublicURL: publicURL}
	seed, err := loadSeed(ctx, d)
	if err != nil {
		return f, err
	}
	f.Seed = string(seed)
	owners, err := d.KeyOwners(ctx)
	if err != nil {
		return f, err
	}
	for _, id := range owners {
		pem, err := d.PrivateKey(ctx, id)
		if err != nil {
			return f, err
		}
		a := AccountKey{Token: InstanceToken, Key: pem}
		if id != InstanceBlog {
			blog, err := d.BlogByID(ctx, id)
			if err != nil {
				return f, err
			}
			a = AccountKey{Token: blog.Token, Kind: blog.Kind, JID: blog.JID, Node: blog.Node, Handle: blog.Handle, State: blog.State, By: blog.EnrolledBy, Key: pem}
		}
		f.Accounts = append(f.Accounts, a)
	}
	return f, nil
}

// ReadKeys reads what ExportKeys wrote, as JSON, and refuses a file with anything in
// it that is no key.
func ReadKeys(text []byte) (f KeyFile, err error) {
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	if f.Version != 1 || f.PublicURL == "" {
		return f, fmt.Errorf("%w that this program knows", ErrKeyFile)
	}
	for _, a := range f.Accounts {
		if _, err := activitypub.ParseKey(a.Token, a.Key); err != nil || a.Token == "" {
			return f, fmt.Errorf("%w: the key of %s%s: %v", ErrKeyFile, a.JID, a.Node, err)
		}
	}
	return f, nil
}

// ImportKeys gives a database the accounts and keys of a file, in one transaction, and
// returns the accounts that were not there. Accounts that are looked after are looked
// at anew. ErrKeyClash is wrapped when an account or key is there and is another one;
// then nothing has changed.
func ImportKeys(ctx context.Context, d *db.DB, f KeyFile, publicURL string, now int64) (made []AccountKey, err error) {
	if f.PublicURL != publicURL {
		return nil, fmt.Errorf("%w: the keys are of %s and [http] public_url is %s; ids begin with it, so it must be the same", ErrKeyClash, f.PublicURL, publicURL)
	}
	err = d.Tx(ctx, func(tx *db.Tx) error {
		if err := takeSeed(ctx, tx, f.Seed); err != nil {
			return err
		}
		for _, a := range f.Accounts {
			id, fresh, err := accountFor(ctx, tx, a, now)
			if err != nil {
				return err
			}
			stored, err := tx.AddPrivateKey(ctx, id, a.Key)
			if err != nil {
				return err
			}
			if strings.TrimSpace(stored) != strings.TrimSpace(a.Key) {
				return fmt.Errorf("%w: %s has another key", ErrKeyClash, whose(a))
			}
			if fresh {
				made = append(made, a)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// takeSeed replaces the seed, as long as no post was named after the present one.
func takeSeed(ctx context.Context, tx *db.Tx, seed string) error {
	have, err := tx.Meta(ctx, metaSeed)
	if err != nil || seed == "" || have == seed {
		return err
	}
	blogs, err := tx.Blogs(ctx)
	if err != nil {
		return err
	}
	for _, blog := range blogs {
		n, err := tx.PostCount(ctx, blog.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w: it has posts already, whose ids are made from another seed; import into a new one", ErrKeyClash)
		}
	}
	return tx.SetMeta(ctx, metaSeed, seed)
}

// accountFor finds or makes the row of an account.
func accountFor(ctx context.Context, tx *db.Tx, a AccountKey, now int64) (id int64, fresh bool, err error) {
	if a.Token == InstanceToken {
		return InstanceBlog, false, nil
	}
	blog, err := tx.BlogByToken(ctx, a.Token)
	if err == nil && (blog.JID != a.JID || blog.Node != a.Node) {
		return 0, false, fmt.Errorf("%w: the id of %s is %s's", ErrKeyClash, whose(a), blog.JID)
	}
	if !errors.Is(err, db.ErrNotFound) {
		return blog.ID, false, err
	}
	blog, err = tx.CreateBlog(ctx, db.Blog{
		Token: a.Token, Kind: a.Kind, JID: a.JID, Node: a.Node, Handle: a.Handle, State: a.State, Gate: db.GateUnknown, EnrolledBy: a.By,
		Created: now, ProfileAt: now,
	})
	if errors.Is(err, db.ErrConflict) {
		return 0, false, fmt.Errorf("%w: %s is enrolled already, with another id, or somebody has the handle %s", ErrKeyClash, whose(a), a.Handle)
	}
	if err != nil || blog.State != db.On {
		return blog.ID, true, err
	}
	return blog.ID, true, tx.AddJob(ctx, tendJob(blog.ID, now))
}

func whose(a AccountKey) string {
	if a.JID == "" {
		return "the gateway itself"
	}
	return strings.TrimSpace(a.JID + " " + a.Node)
}
