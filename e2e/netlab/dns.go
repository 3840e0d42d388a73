package netlab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// nameserver answers A queries for the lab's names over UDP. Every other name
// does not exist, so nothing started in the lab ever asks the outside world.
type nameserver struct {
	conn net.PacketConn
	mu   sync.Mutex
	addr map[string]netip.Addr // "fedi.test"; "*.sink.test" stands for one label
	lost map[string]bool
}

func newNameserver(ip netip.Addr) (*nameserver, error) {
	conn, err := net.ListenPacket("udp", netip.AddrPortFrom(ip, 0).String())
	if err != nil {
		return nil, fmt.Errorf("netlab: name server: %w", err)
	}
	n := &nameserver{conn: conn, addr: map[string]netip.Addr{}, lost: map[string]bool{}}
	go n.serve()
	return n, nil
}

func (n *nameserver) set(name string, ip netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addr[name] = ip
}

func (n *nameserver) lose(name string, lost bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lost[name] = lost
}

func (n *nameserver) lookup(name string) (netip.Addr, bool) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.lost[name] {
		return netip.Addr{}, false
	}
	if ip, ok := n.addr[name]; ok {
		return ip, true
	}
	_, zone, _ := strings.Cut(name, ".")
	ip, ok := n.addr["*."+zone]
	return ip, ok
}

func (n *nameserver) serve() {
	buf := make([]byte, 4096)
	for {
		size, from, err := n.conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		if reply, ok := n.answer(buf[:size]); ok {
			n.conn.WriteTo(reply, from)
		}
	}
}

// answer makes the reply to one query (RFC 1035 §4.1).
func (n *nameserver) answer(query []byte) ([]byte, bool) {
	var p dnsmessage.Parser
	head, err := p.Start(query)
	if err != nil {
		return nil, false
	}
	q, err := p.Question()
	if err != nil {
		return nil, false
	}
	msg := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: head.ID, Response: true, Authoritative: true, RecursionDesired: head.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{q},
	}
	ip, ok := n.lookup(q.Name.String())
	switch {
	case !ok:
		msg.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeA:
		msg.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1},
			Body:   &dnsmessage.AResource{A: ip.As4()},
		}}
	}
	out, err := msg.Pack()
	return out, err == nil
}
