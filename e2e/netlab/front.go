package netlab

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// front is the HTTPS front door: it terminates TLS for every host that was
// given to Serve and hands requests to that host's handler.
type front struct {
	srv *http.Server
	mu  sync.Mutex
	to  map[string]http.Handler

	conns map[string][]net.Conn // by the name that was asked for, those that have ended too
	anew  map[string]bool       // hosts to which every connection begins anew
}

func newFront(ln net.Listener, ca *authority) *front {
	f := &front{to: map[string]http.Handler{}, conns: map[string][]net.Conn{}, anew: map[string]bool{}}
	host := func(hello *tls.ClientHelloInfo) string {
		if hello.ServerName == "" {
			return hello.Conn.LocalAddr().(*net.TCPAddr).IP.String()
		}
		return strings.ToLower(hello.ServerName)
	}
	certificate := func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) { return ca.certificate(host(hello)) }
	f.srv = &http.Server{
		Handler:           f,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // hang-ups of peers that are tested for them
		TLSConfig: &tls.Config{
			GetCertificate: certificate,
			GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.conns[host(hello)] = append(f.conns[host(hello)], hello.Conn)
				if !f.anew[host(hello)] {
					return nil, nil
				}
				// A session that is resumed shows no certificate.
				return &tls.Config{GetCertificate: certificate, NextProtos: []string{"h2", "http/1.1"}, SessionTicketsDisabled: true}, nil
			},
		},
	}
	go f.srv.ServeTLS(ln, "", "")
	return f
}

func (f *front) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if f.srv.Shutdown(ctx) != nil {
		f.srv.Close()
	}
}

func (f *front) route(name string, h http.Handler) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to[name] = h
}

// ServeHTTP finds the host's handler; an unknown host is 421 (RFC 9110 §15.5.20).
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := strings.ToLower(r.Host)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	_, zone, _ := strings.Cut(host, ".")
	f.mu.Lock()
	h := f.to[host]
	if h == nil {
		h = f.to["*."+zone]
	}
	f.mu.Unlock()
	if h == nil {
		http.Error(w, "no such host in this lab", http.StatusMisdirectedRequest)
		return
	}
	h.ServeHTTP(w, r)
}

// hangUp ends the connections to a host, which clients keep for later.
func (f *front) hangUp(host string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns[host] {
		c.Close()
	}
	delete(f.conns, host)
	f.anew[host] = true
}

// Balance is Proxy in front of several backends: each connection goes to the next one that
// accepts it.
func Balance(backends ...*url.URL) http.Handler {
	var next atomic.Uint32
	p := Proxy(&url.URL{Scheme: "http", Host: "backends"}).(*httputil.ReverseProxy)
	p.Transport = &http.Transport{
		DisableKeepAlives: true, // or one would get all of them
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var failed error
			first := int(next.Add(1))
			for i := range backends {
				conn, err := new(net.Dialer).DialContext(ctx, network, backends[(first+i)%len(backends)].Host)
				if err == nil {
					return conn, nil
				}
				failed = err
			}
			return nil, failed
		},
	}
	return p
}

// Proxy forwards to a plain HTTP backend as nginx and Caddy do in front of a
// gateway: the Host stays, X-Forwarded-For/-Host/-Proto are set. While the
// backend is away it answers 502.
func Proxy(backend *url.URL) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(backend)
			p.Out.Host = p.In.Host
			p.SetXForwarded()
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
}
