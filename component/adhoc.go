package component

import (
	"context"
	"slices"

	"isthmus/component/stanza"
)

// stageActions are what a stage can offer, in the order of the schema; cancel
// is always possible (XEP-0050 §3.4).
var stageActions = []string{"prev", "next", "complete"}

// command runs one step of an ad-hoc command (XEP-0050 §2.4). What the commands
// do is the Handler's; who may go on with which session is decided here.
func (c *Component) command(ctx context.Context, e, q *stanza.Element) (*stanza.Element, error) {
	req := CommandRequest{
		From: e.From(), To: e.To(), Node: q.Get("node"),
		Session: q.Get("sessionid"), Action: q.Get("action"),
		Form: stanza.ParseForm(q),
	}
	if req.Action == "" {
		req.Action = "execute" // XEP-0050 §4.1
	}
	first := req.Session == ""
	if err := c.step(ctx, &req); err != nil {
		return nil, err
	}
	reply, err := c.h.Execute(ctx, req)
	switch {
	case req.Action == "cancel":
		// Cancelled is cancelled, whatever the Handler had to say (§2.4.3).
		if err != nil {
			_ = c.visible(e, err)
		}
		reply.Canceled, reply.Form = true, nil
	case err != nil:
		if first {
			c.sessions.end(req.Session)
		}
		return nil, err // a later step may be tried again
	}
	reply.Actions = slices.DeleteFunc(slices.Clone(reply.Actions), func(a string) bool { return !slices.Contains(stageActions, a) })
	if len(reply.Actions) == 0 {
		reply.Actions = []string{"complete"}
	}
	if reply.Done || reply.Canceled {
		c.sessions.end(req.Session)
	} else {
		c.sessions.allow(req.Session, reply.Actions)
	}
	return commandElement(req, reply), nil
}

// step finds or opens the session of req and settles its action.
func (c *Component) step(ctx context.Context, req *CommandRequest) error {
	bad := func(condition string) error { // XEP-0050 §4.4
		return stanza.ErrBadRequest("").With(stanza.New(stanza.NSCommands, condition))
	}
	if req.Action != "execute" && req.Action != "cancel" && !slices.Contains(stageActions, req.Action) {
		return bad("malformed-action")
	}
	if req.Session == "" {
		if _, ok := c.commandOf(ctx, req.From, req.Node); !ok {
			return stanza.ErrItemNotFound("")
		}
		if req.Action != "execute" {
			return bad("bad-action")
		}
		req.Session = c.sessions.open(req.From.String(), req.Node)
		return nil
	}
	actions, state := c.sessions.find(req.Session, req.From.String(), req.Node)
	switch {
	case state == sessionUnknown:
		return bad("bad-sessionid")
	case state == sessionExpired:
		return stanza.ErrNotAllowed("").With(stanza.New(stanza.NSCommands, "session-expired"))
	case req.Action == "execute":
		req.Action = actions[0] // §3.4: the default of this stage
	case req.Action != "cancel" && !slices.Contains(actions, req.Action):
		return bad("bad-action")
	}
	return nil
}

// commandElement makes the <command/> of a reply (XEP-0050 §3).
func commandElement(req CommandRequest, r CommandReply) *stanza.Element {
	status := "executing"
	switch {
	case r.Canceled:
		status = "canceled"
	case r.Done:
		status = "completed"
	}
	out := stanza.New(stanza.NSCommands, "command", "node", req.Node, "sessionid", req.Session, "status", status)
	if status == "executing" {
		actions := stanza.New(stanza.NSCommands, "actions", "execute", r.Actions[0])
		for _, a := range stageActions {
			if slices.Contains(r.Actions, a) {
				actions.Add(stanza.New(stanza.NSCommands, a))
			}
		}
		out.Add(actions)
	}
	out.Add(r.Form.Element())
	if r.Note != "" {
		typ := r.NoteType
		if typ == "" {
			typ = "info"
		}
		out.Add(stanza.New(stanza.NSCommands, "note", "type", typ).AddText(r.Note))
	}
	return out
}
