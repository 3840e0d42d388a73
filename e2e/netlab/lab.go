// Package netlab is the little internet that scenarios run in: host names below
// .test, a name server that knows them, a certificate authority, and one HTTPS
// front door behind which every Go-made host and every gateway lives.
//
// All of it is on one 127.x.y.0/24 of the loopback network, port 443, so URLs
// and handles look as they do outside (`https://fedi.test`, `@bob@fedi.test`).
// /etc/hosts is not touched; who needs the names is given the address of the
// name server. It never opens a socket that is not on loopback.
package netlab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ErrPort443 says that no loopback address would let us listen for HTTPS.
var ErrPort443 = errors.New("netlab: cannot listen on port 443 of any 127.x.y.1; run as root, or set net.ipv4.ip_unprivileged_port_start=0")

// Lab is one such internet. Its methods may be called from several goroutines.
type Lab struct {
	Dir    string // for certificates; the caller owns it
	CAFile string // PEM, for SSL_CERT_FILE and NODE_EXTRA_CA_CERTS

	ca    *authority
	dns   *nameserver
	front *front
	base  netip.Addr

	mu   sync.Mutex
	next byte // last byte of the next free address
}

// New opens a lab that keeps its certificates in dir.
func New(dir string) (*Lab, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	l := &Lab{Dir: dir, CAFile: filepath.Join(dir, "ca.pem"), ca: ca, next: 2}
	if err := os.WriteFile(l.CAFile, ca.pem, 0o644); err != nil {
		return nil, fmt.Errorf("netlab: %w", err)
	}
	ln, err := l.claim()
	if err != nil {
		return nil, err
	}
	if l.dns, err = newNameserver(l.base); err != nil {
		ln.Close()
		return nil, err
	}
	l.front = newFront(ln, ca)
	return l, nil
}

// claim looks for a /24 whose first address is free, so that labs of several
// processes never meet.
func (l *Lab) claim() (net.Listener, error) {
	for range 64 {
		ip := netip.AddrFrom4([4]byte{127, byte(16 + rand.IntN(200)), byte(rand.IntN(256)), 1})
		ln, err := net.Listen("tcp4", netip.AddrPortFrom(ip, 443).String())
		if err == nil {
			l.base = ip
			return ln, nil
		}
	}
	return nil, ErrPort443
}

// Close ends the name server and the front door.
func (l *Lab) Close() {
	l.front.close()
	l.dns.conn.Close()
}

// DNS is the address of the name server, ip:port, UDP.
func (l *Lab) DNS() string { return l.dns.conn.LocalAddr().String() }

// Host gives name (or a wildcard such as "*.sink.test") an address of its own,
// where the caller may listen on port 443.
func (l *Lab) Host(name string) netip.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.base.As4()
	b[3], l.next = l.next, l.next+1
	ip := netip.AddrFrom4(b)
	l.dns.set(name, ip)
	return ip
}

// Point lets name resolve to any address, loopback or not, without anything
// listening there: for peers that are gone and for hostile names.
func (l *Lab) Point(name string, ip netip.Addr) { l.dns.set(name, ip) }

// Lose makes a name unknown, or known again.
func (l *Lab) Lose(name string, lost bool) {
	l.dns.lose(name, lost)
	l.front.hangUp(name)
}

// Expire gives a host a certificate whose time is over, or a good one again.
func (l *Lab) Expire(host string, expired bool) error {
	err := l.ca.expire(host, expired)
	l.front.hangUp(host)
	return err
}

// Serve puts h behind the front door as https://name. A name "*.zone" serves
// all hosts one label below zone. Serving a name again replaces its handler.
func (l *Lab) Serve(name string, h http.Handler) {
	l.dns.set(name, l.base)
	l.front.route(name, h)
}

// Front is the address of the front door.
func (l *Lab) Front() netip.Addr { return l.base }

// CertFiles writes certificate and key for a host that terminates TLS itself.
func (l *Lab) CertFiles(host string) (certFile, keyFile string, err error) {
	return l.ca.write(l.Dir, host)
}

// Client returns an HTTP client that lives in the lab: it resolves the lab's
// names, trusts its CA, and follows no redirects.
func (l *Lab) Client() *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.ca.pem)
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, fmt.Errorf("netlab: %w", err)
		}
		if ip, ok := l.dns.lookup(host); ok {
			host = ip.String()
		}
		return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(host, port))
	}
	return client(dial, roots)
}

// ClientAt is Client for which every host is at one address, ip:port.
func (l *Lab) ClientAt(addr string) *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.ca.pem)
	return client(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}, roots)
}

func client(dial func(ctx context.Context, network, addr string) (net.Conn, error), roots *x509.CertPool) *http.Client {
	return &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// FreePort returns a TCP port on 127.0.0.1 that nobody listens on and that no
// earlier call returned. It lies below the range that the kernel takes ports
// for outgoing connections from (net.ipv4.ip_local_port_range), so it stays
// free while a server that uses it restarts.
func FreePort() (int, error) {
	for range 200 {
		port := 12000 + rand.IntN(18000)
		if _, taken := given.LoadOrStore(port, true); taken {
			continue
		}
		ln, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, ln.Close()
		}
	}
	return 0, errors.New("netlab: no free port on 127.0.0.1")
}

var given sync.Map // port → true
