package activitypub

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// ErrAddress is a connection that was refused because of the address that a
// name resolved to. It is not final: names move.
var ErrAddress = errors.New("activitypub: connection refused: not a public address")

// Timeouts of row O36.
const (
	dialTimeout   = 10 * time.Second // 5 s for the name and 5 s to connect
	tlsTimeout    = 5 * time.Second
	headerTimeout = 10 * time.Second
	totalTimeout  = 30 * time.Second
	idleTimeout   = 90 * time.Second
)

// guard is the check that every connection passes after its name was resolved,
// redirects included, so that a name that changes its address cannot pass it.
// With onlyPrivate nothing but the allowed private addresses is reached: that
// is the transport for http.
func (c *Client) guard(onlyPrivate bool) func(network, address string, rc syscall.RawConn) error {
	public := ssrf.New(ssrf.WithPorts(443))
	return func(network, address string, rc syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %s", ErrAddress, address)
		}
		if c.allowed(to.Addr()) {
			return nil
		}
		if onlyPrivate {
			return fmt.Errorf("%w: http to %s", ErrAddress, address)
		}
		if err := public.Safe(network, address, rc); err != nil {
			return fmt.Errorf("%w: %w", ErrAddress, err)
		}
		return nil
	}
}

// allowed tells whether ip is in one of the private networks allowed by
// configuration.
func (c *Client) allowed(ip netip.Addr) bool {
	for _, p := range c.private {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// transport makes the one pool of connections for https, or for http. There is
// no proxy from the environment: the guard would judge the proxy's address
// instead of the peer's. HTTP/1.1 is a little cheaper than HTTP/2 here.
func (c *Client) transport(onlyPrivate bool, roots *x509.CertPool) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: c.guard(onlyPrivate), Resolver: c.resolver}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           256, // 51 KiB each; session tickets serve the rest
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			RootCAs:            roots,
			ClientSessionCache: tls.NewLRUClientSessionCache(10_000),
		},
	}
}
