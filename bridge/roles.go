package bridge

import (
	"fmt"
	"strings"
)

// Roles are what one process does of the gateway's work.
type Roles struct {
	HTTP   bool // answers HTTP
	Worker bool // sends to other servers, and handles what came from them
	XMPP   bool // has the XMPP stream, in turn with others
}

// AllRoles are those of a gateway that is one process.
var AllRoles = Roles{HTTP: true, Worker: true, XMPP: true}

// ParseRoles reads "http,worker,xmpp", or a part of it.
func ParseRoles(s string) (r Roles, err error) {
	for name := range strings.SplitSeq(s, ",") {
		switch strings.TrimSpace(name) {
		case "http":
			r.HTTP = true
		case roleWorker:
			r.Worker = true
		case "xmpp":
			r.XMPP = true
		default:
			return r, fmt.Errorf("there is no role %q: there are http, worker and xmpp", strings.TrimSpace(name))
		}
	}
	return r, nil
}

func (r Roles) String() string {
	var names []string
	for _, of := range []struct {
		has  bool
		name string
	}{{r.HTTP, "http"}, {r.Worker, roleWorker}, {r.XMPP, "xmpp"}} {
		if of.has {
			names = append(names, of.name)
		}
	}
	return strings.Join(names, ",")
}
