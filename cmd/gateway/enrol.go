package main

import (
	"context"
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
	store, err := db.Open(ctx, cfg.DB.location())
	if err != nil {
		return err
	}
	defer store.Close()
	bc := bridgeConfig(cfg, nil)
	blog, fresh, err := bridge.NewEnrolment(bc, store).Enrol(ctx, jid, node, "admin")
	if err != nil {
		return err
	}
	if !fresh {
		fmt.Fprintf(out, "%s is enrolled already: @%s\n", blog.JID, bc.Addresses().Acct(blog.Handle))
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
	return jid, node, nil
}
