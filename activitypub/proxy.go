package activitypub

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"
)

// ProxyConfig says how files of peers are shown through us. Zero numbers mean the
// default.
type ProxyConfig struct {
	Client     *Client
	Base       string // our public URL, without a slash at the end
	Secret     []byte // signs addresses: only those that we gave out are fetched
	MaxBytes   int64  // of one file: 20 MiB
	CacheBytes int64  // kept in memory: 64 MiB
	Log        *slog.Logger
}

// Proxy shows pictures, films and sounds of peers from an address of ours, so that
// who looks at them does not reveal themselves. Nothing of the reader's request
// reaches the peer, and nothing but the file reaches the reader.
type Proxy struct {
	cfg    ProxyConfig
	flight singleflight.Group
	slots  chan struct{}
	cache  *fileCache
}

const (
	proxyPath  = "/media/proxy/"
	proxyFetch = 16 // at a time
	proxyKeep  = 24 * time.Hour
)

// NewProxy makes a Proxy; nothing is fetched before somebody asks.
func NewProxy(cfg ProxyConfig) *Proxy {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 20 << 20
	}
	if cfg.CacheBytes <= 0 {
		cfg.CacheBytes = 64 << 20
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Proxy{cfg: cfg, slots: make(chan struct{}, proxyFetch), cache: newFileCache(cfg.CacheBytes)}
}

// URL is where a file is shown by us. What is not on the web with https, or is ours
// already, keeps its address.
func (p *Proxy) URL(address string) string {
	if !strings.HasPrefix(address, "https://") || strings.HasPrefix(address, p.cfg.Base+"/") {
		return address
	}
	return p.cfg.Base + proxyPath + p.sign(address) + "/" + base64.RawURLEncoding.EncodeToString([]byte(address))
}

func (p *Proxy) sign(address string) string {
	mac := hmac.New(sha256.New, p.cfg.Secret)
	mac.Write([]byte(address))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// file is what is shown of a peer's.
type file struct {
	typ  string
	data []byte
	etag string
	at   time.Time
}

// ServeHTTP answers GET and HEAD, with ranges.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox") // whatever it is, it is only looked at
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	address, ok := p.address(r.URL.Path)
	if !ok {
		http.Error(w, "there is nothing here", http.StatusNotFound)
		return
	}
	f, err := p.get(r.Context(), address)
	if err != nil {
		status, text := proxyStatus(err)
		p.cfg.Log.InfoContext(r.Context(), "file not shown", "err", err)
		http.Error(w, text, status)
		return
	}
	h.Set("Content-Type", f.typ)
	h.Set("Cache-Control", "public, max-age=86400, immutable")
	h.Set("ETag", f.etag)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	http.ServeContent(w, r, "", f.at, bytes.NewReader(f.data))
}

// address reads the file's address out of one that URL made.
func (p *Proxy) address(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, proxyPath)
	signature, encoded, ok2 := strings.Cut(rest, "/")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || !ok2 || err != nil {
		return "", false
	}
	return string(raw), hmac.Equal([]byte(signature), []byte(p.sign(string(raw))))
}

// ProxyStats says how much is kept and how often that was enough.
type ProxyStats struct{ Bytes, Hits, Misses int64 }

// Stats counts since the start.
func (p *Proxy) Stats() ProxyStats {
	p.cache.mu.Lock()
	defer p.cache.mu.Unlock()
	return ProxyStats{Bytes: p.cache.size, Hits: p.cache.hits, Misses: p.cache.all - p.cache.hits}
}

// get reads a file, once for all who ask at the same time.
func (p *Proxy) get(ctx context.Context, address string) (file, error) {
	if f, ok := p.cache.get(address, time.Now()); ok {
		return f, nil
	}
	ch := p.flight.DoChan(address, func() (any, error) {
		p.slots <- struct{}{}
		defer func() { <-p.slots }()
		typ, data, err := p.cfg.Client.File(context.WithoutCancel(ctx), address, p.cfg.MaxBytes, isShowable)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		f := file{typ: typ, data: data, etag: `"` + hex.EncodeToString(sum[:16]) + `"`, at: time.Now()}
		p.cache.put(address, f)
		return f, nil
	})
	select {
	case r := <-ch:
		if r.Err != nil {
			return file{}, r.Err
		}
		return r.Val.(file), nil
	case <-ctx.Done():
		return file{}, ctx.Err()
	}
}

// isShowable knows what browsers show and do not run: an SVG may have scripts.
func isShowable(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil || strings.Contains(t, "svg") || strings.HasSuffix(t, "+xml") {
		return false
	}
	kind, _, _ := strings.Cut(t, "/")
	return kind == "image" || kind == "video" || kind == "audio"
}

// proxyStatus is what the reader hears of an error.
func proxyStatus(err error) (int, string) {
	switch {
	case Gone(err):
		return http.StatusNotFound, "the file is not there any more"
	case errors.Is(err, ErrTooLarge):
		return http.StatusRequestEntityTooLarge, "the file is too large to be shown from here"
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, "the server that has the file does not answer"
	}
	return http.StatusBadGateway, "the file cannot be had from its server"
}
