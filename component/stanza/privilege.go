package stanza

// Namespaces of privileges: of XEP-0356 since version 0.4, which knows privileged
// IQs, and of the versions before.
const (
	NSPrivilege    = "urn:xmpp:privilege:2"
	NSPrivilegeOld = "urn:xmpp:privilege:1"
	NSForward      = "urn:xmpp:forward:0"
	nsClient       = "jabber:client"
)

// Privileges is what a server lets an entity do in the name of the server's
// users (XEP-0356). Each permission is "" when not given.
type Privileges struct {
	Space    string            // the namespace they were told in, and are used in
	Roster   string            // get, set or both
	Message  string            // outgoing
	Presence string            // managed_entity or roster
	IQ       map[string]string // get, set or both by namespace of the payload
}

// ParsePrivileges reads what a server advertises in a message; false when it
// does not. None at all are advertised, too, and take back what was before.
//
// Prosody's module puts each <namespace/> into the one before, instead of all
// into the <perm/>.
func ParsePrivileges(msg *Element) (Privileges, bool) {
	e := msg.First(NSPrivilege, "privilege")
	if e == nil {
		e = msg.First(NSPrivilegeOld, "privilege")
	}
	if e == nil || !msg.Is("", "message") || msg.Type() == "error" || e.First(NSForward, "forwarded") != nil {
		return Privileges{}, false
	}
	p := Privileges{Space: e.Space}
	for _, perm := range e.All(e.Space, "perm") {
		typ := perm.Get("type")
		if typ == "none" {
			typ = ""
		}
		switch perm.Get("access") {
		case "roster":
			p.Roster = typ
		case "message":
			p.Message = typ
		case "presence":
			p.Presence = typ
		case "iq":
			p.readNamespaces(perm)
		}
	}
	return p, true
}

func (p *Privileges) readNamespaces(e *Element) {
	for _, c := range e.All(p.Space, "namespace") {
		switch ns, typ := c.Get("ns"), c.Get("type"); typ {
		case "get", "set", "both":
			if p.IQ == nil {
				p.IQ = make(map[string]string)
			}
			if old := p.IQ[ns]; old != "" && old != typ {
				typ = "both"
			}
			p.IQ[ns] = typ
		}
		p.readNamespaces(c)
	}
}

// Allows reports whether IQs of this type, get or set, with a payload of this
// namespace may be sent as users of the server.
func (p Privileges) Allows(typ, namespace string) bool {
	may := p.IQ[namespace]
	return (typ == "get" || typ == "set") && (may == typ || may == "both")
}

// PrivilegedIQ wraps an IQ that is to be sent as user, whose addressee is user
// itself when it has none: ejabberd drops one without. Space is that of the
// Privileges. The sender is left to the caller, and must be the entity that has
// the privileges; iq needs an id.
func PrivilegedIQ(space string, user JID, iq *Element) *Element {
	inner := New(nsClient, "iq", "type", iq.Type(), "id", iq.ID(), "to", iq.Get("to"))
	if iq.Get("to") == "" {
		inner.Set("to", user.Bare().String())
	}
	inner.Attr = append(inner.Attr, langOf(iq)...)
	inner.Child = iq.Child
	return IQ(iq.Type(), JID{}, user.Bare(), New(space, "privileged_iq").Add(inner))
}

func langOf(e *Element) []Attr {
	if lang := e.Lang(); lang != "" {
		return []Attr{{Space: "xml", Local: "lang", Value: lang}}
	}
	return nil
}

// ParsePrivileged reads the reply inside the reply to a PrivilegedIQ; nil when
// there is none. It may be an error.
func ParsePrivileged(iqResult *Element) *Element {
	for _, space := range []string{NSPrivilege, NSPrivilegeOld} {
		if inner := iqResult.First(space, "privilege").First(NSForward, "forwarded").First("", "iq"); inner != nil {
			return inner
		}
	}
	return nil
}
