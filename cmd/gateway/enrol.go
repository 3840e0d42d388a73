package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"isthmus/bridge"
	"isthmus/component/stanza"
	"isthmus/db"
)

// enrol turns federation on for args[0], a bare JID, or for the node args[1] of
// the pubsub service args[0]; an xmpp: address of a node does, too. A running
// gateway finds the work in the database within a second.
func enrol(ctx context.Context, c *call) error {
	cfg := c.cfg
	jid, node, err := enrolArgs(c.args)
	if err != nil {
		return err
	}
	store, err := openStore(ctx, cfg.DB)
	if err != nil {
		return err
	}
	defer store.Close()
	bc := bridgeConfig(cfg, nil)
	blog, fresh, err := bridge.NewEnrolment(bc, store).Enrol(ctx, jid, node, "admin")
	switch {
	case errors.Is(err, bridge.ErrForeign):
		return fmt.Errorf("%w; if %s is one of yours, add it to [xmpp] domains", err, jid.Domain)
	case err != nil:
		return err
	}
	made := enrolment{blog.JID, blog.Node, bc.Addresses().Acct(blog.Handle), bridge.Condition(blog), fresh}
	return c.out.result(made, func(w io.Writer) { made.print(w, blog) })
}

// enrolment is what came of it.
type enrolment struct {
	JID    string `json:"jid"`
	Node   string `json:"node"`
	Handle string `json:"handle"`
	State  string `json:"state"`
	New    bool   `json:"new"`
}

func (e enrolment) print(w io.Writer, blog db.Blog) {
	switch {
	case !e.New:
		who := e.JID
		if blog.Kind == "group" {
			who += " " + e.Node
		}
		fmt.Fprintf(w, "%s is enrolled already: @%s\n", who, e.Handle)
		if blog.State == db.Paused {
			fmt.Fprintln(w, "Its owner has paused it; only they can go on.")
		}
	case blog.Kind == "person":
		fmt.Fprintf(w, "Enrolled %s as @%s\nThe owner is told by message. Posts go out once strangers can read the blog;\n\"gateway status\" tells how it stands.\n", e.JID, e.Handle)
	default:
		fmt.Fprintf(w, "Enrolled %s as @%s\nPosts of node %q go out once strangers can read it;\n\"gateway status\" tells how it stands.\n", e.JID, e.Handle, e.Node)
	}
}

func enrolArgs(args []string) (jid stanza.JID, node string, err error) {
	if len(args) > 2 {
		return jid, "", fmt.Errorf("%w: it takes an address and, for a community, a node; there is also %q", errUsage, args[2])
	}
	if uri, err := stanza.ParseURI(args[0]); err == nil && !uri.JID.IsZero() {
		jid, node = uri.JID, uri.Node()
	} else if jid, err = stanza.ParseJID(args[0]); err != nil {
		return jid, "", fmt.Errorf("%w: %q is not an XMPP address", errUsage, args[0])
	}
	if len(args) == 2 {
		node = args[1]
	}
	if jid.Local == "" && node == "" {
		return jid, "", fmt.Errorf("%w: %q is a server; name an account (alice@%[2]s), or a node of a pubsub service after it", errUsage, jid.Domain)
	}
	return jid, node, nil
}
