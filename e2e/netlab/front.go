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
}

func newFront(ln net.Listener, ca *authority) *front {
	f := &front{to: map[string]http.Handler{}}
	f.srv = &http.Server{
		Handler:           f,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // hang-ups of peers that are tested for them
		TLSConfig: &tls.Config{
			GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
				host := hello.ServerName
				if host == "" {
					host = hello.Conn.LocalAddr().(*net.TCPAddr).IP.String()
				}
				return ca.certificate(strings.ToLower(host))
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
