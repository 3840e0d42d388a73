package setup

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Finding is what was seen of the machine or of the network.
type Finding struct {
	OK   bool
	What string
	Fix  string // "" when it is OK
}

// probeWait bounds each look.
const probeWait = 3 * time.Second

// Probe looks whether the XMPP server listens, the gateway could, and the name exists.
func (p Plan) Probe(ctx context.Context) []Finding {
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	return []Finding{p.probeServer(ctx), p.probeListen(), p.probeName(ctx)}
}

func (p Plan) probeServer(ctx context.Context) Finding {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", p.Server)
	if err != nil {
		return Finding{false, "nothing listens for components at " + p.Server + " yet", "add what --print prosody or --print ejabberd shows, and restart the XMPP server"}
	}
	c.Close()
	return Finding{OK: true, What: "something listens for components at " + p.Server}
}

func (p Plan) probeListen() Finding {
	ln, err := net.Listen("tcp", p.Listen)
	if err != nil {
		return Finding{false, fmt.Sprintf("the gateway cannot listen at %s: %v", p.Listen, err), "name another address with --listen, or stop what has this one"}
	}
	ln.Close()
	return Finding{OK: true, What: p.Listen + " is free for the gateway"}
}

func (p Plan) probeName(ctx context.Context) Finding {
	host := hostOf(p.PublicURL)
	addrs, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return Finding{false, host + " has no address in DNS: " + err.Error(), "make an A or AAAA record for it that leads to your web server"}
	}
	return Finding{OK: true, What: fmt.Sprintf("%s is at %s", host, addrs[0])}
}

// FreeListen is the first address of 127.0.0.1 from a port on at which the gateway could
// listen, "" when twenty in a row are taken.
func FreeListen(port int) string {
	for n := port; n < port+20; n++ {
		p := Plan{Listen: net.JoinHostPort("127.0.0.1", strconv.Itoa(n))}
		if p.probeListen().OK {
			return p.Listen
		}
	}
	return ""
}
