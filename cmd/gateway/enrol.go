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
func enrol(ctx context.Context, cfg Config, args []string, out io.Writer) error {
	jid, node, err := enrolArgs(args)
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
	if !fresh {
		who := blog.JID
		if blog.Kind == "group" {
			who += " " + blog.Node
		}
		fmt.Fprintf(out, "%s is enrolled already: @%s\n", who, bc.Addresses().Acct(blog.Handle))
		if blog.State == db.Paused {
			fmt.Fprintln(out, "Its owner has paused it; only they can go on.")
		}
		return nil
	}
	fmt.Fprintf(out, "Enrolled %s as @%s\n", blog.JID, bc.Addresses().Acct(blog.Handle))
	if blog.Kind == "person" {
		fmt.Fprintln(out, "The owner is told by message. Posts go out once strangers can read the blog;\n\"gateway status\" tells how it stands.")
	} else {
		fmt.Fprintf(out, "Posts of node %q go out once strangers can read it;\n\"gateway status\" tells how it stands.\n", blog.Node)
	}
	return nil
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
