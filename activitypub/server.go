package activitypub

import (
	"context"
	"crypto"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ServerConfig says who the server is.
type ServerConfig struct {
	PublicURL    string // "https://ap.example.org": of every id, whatever Host a request has
	HandleDomain string // of handles, "" when it is the host of PublicURL
	Name         string // of the software, [a-z0-9-]+
	Version      string
	Repository   string // optional, for NodeInfo
	Homepage     string // optional
	// AuthorizedFetch shows ActivityStreams documents only to signed requests of who is
	// not blocked; the instance actor to everybody.
	AuthorizedFetch bool
	Limits          Limits
	MaxInbox        int // activities checked and stored at once, 0 is 256; more get 503
	// Changes is a number that is another one after anything has changed that a document
	// is made from. While it stays, documents are made once; nil: each time.
	Changes func() uint64
	// Echo gives the key of the gateway's own for a token that it made; nil: no echo.
	Echo  func(ctx context.Context, token string) (key crypto.PublicKey, ok bool)
	Proxy http.Handler // shows files of peers below /media/proxy/; nil for none
	Log   *slog.Logger
}

type server struct {
	cfg      ServerConfig
	host     string // of PublicURL
	handler  Handler
	verifier *Verifier
	pages    http.Handler
	log      *slog.Logger
	inbox    chan struct{}
	answers  answers

	addresses, hosts limiter
}

// NewServer makes the public HTTP surface: discovery, documents, inboxes and
// media. Everything else goes to pages, which may be nil.
func NewServer(cfg ServerConfig, h Handler, v *Verifier, pages http.Handler) http.Handler {
	cfg.PublicURL = strings.TrimRight(cfg.PublicURL, "/")
	s := &server{cfg: cfg, host: hostOf(cfg.PublicURL), handler: h, verifier: v, pages: pages, log: cfg.Log}
	if cfg.HandleDomain == "" {
		s.cfg.HandleDomain = s.host
	}
	s.cfg.HandleDomain = strings.ToLower(s.cfg.HandleDomain)
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.cfg.MaxInbox <= 0 {
		s.cfg.MaxInbox = 256
	}
	s.inbox = make(chan struct{}, s.cfg.MaxInbox)
	if !cfg.AuthorizedFetch {
		s.answers.changes = cfg.Changes
	}

	s.addresses.per, s.hosts.per = cfg.Limits.Address, cfg.Limits.Host

	mux := http.NewServeMux()
	mux.Handle("/.well-known/webfinger", s.read(s.webFinger))
	mux.Handle("/.well-known/host-meta", s.read(s.hostMeta))
	mux.Handle("/.well-known/host-meta.json", s.read(s.hostMetaJSON))
	mux.Handle("/.well-known/nodeinfo", s.read(s.nodeInfoLinks))
	mux.Handle("/nodeinfo/2.0", s.read(s.nodeInfo("2.0")))
	mux.Handle("/nodeinfo/2.1", s.read(s.nodeInfo("2.1")))
	mux.Handle("/ap/actor/{token}", s.read(s.object(h.Actor)))
	mux.Handle("/ap/post/{token}", s.read(s.object(h.Post)))
	mux.Handle("/ap/activity/{token}", s.read(s.object(h.Activity)))
	for _, name := range []string{"outbox", "followers", "following", "featured"} {
		mux.Handle("/ap/actor/{token}/"+name, s.read(s.collection(name, h.Collection)))
	}
	for _, name := range []string{"replies", "likes", "shares"} {
		mux.Handle("/ap/post/{token}/"+name, s.read(s.collection(name, h.PostCollection)))
	}
	mux.Handle("/ap/export/{token}", s.handle(readMethods, s.object(h.Export))) // for its owner, and for no script
	mux.Handle("/ap/inbox", s.handle(postMethod, s.receive))
	mux.Handle("/ap/actor/{token}/inbox", s.handle(postMethod, s.receive))
	if cfg.Echo != nil {
		mux.Handle(EchoPath+"{token}", s.handle([]string{http.MethodGet, http.MethodPost}, s.echo))
	}
	mux.Handle("/media/{hash}", s.open(s.media))
	if cfg.Proxy != nil {
		mux.Handle(proxyPath, cfg.Proxy)
	}
	mux.Handle("/interact/", s.handle(formMethods, s.page)) // asks visitors something: never kept
	mux.Handle("/", s.answers.keep(s.handle(readMethods, s.page)))
	return s.limited(s.answers.ready(mux))
}

// NewHTTPServer makes the *http.Server for a handler, with the limits that a
// server on the open net needs: peers that send or read slowly are cut off
// (attack X11), headers are bounded.
func NewHTTPServer(addr string, h http.Handler, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.Default()
	}
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

var (
	readMethods = []string{http.MethodGet, http.MethodHead}
	postMethod  = []string{http.MethodPost}
	formMethods = []string{http.MethodGet, http.MethodHead, http.MethodPost}
)

// endpoint answers a request, or gives the error that fail shows.
type endpoint func(w http.ResponseWriter, r *http.Request) error

// read is open for documents, which are made once as long as nothing changes.
func (s *server) read(e endpoint) http.Handler { return s.answers.keep(s.open(e)) }

// open is an endpoint for everybody: GET and HEAD, and readable by scripts of
// any origin (row D7; RFC 7033 §5).
func (s *server) open(e endpoint) http.Handler {
	h := s.handle(readMethods, e)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD")
			w.Header().Set("Access-Control-Allow-Headers", "Accept")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// handle gives every request an id, checks its method and shows its error.
func (s *server) handle(methods []string, e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, newRequestID()))
		w.Header().Set("X-Content-Type-Options", "nosniff")
		err := ErrMethod
		if slices.Contains(methods, r.Method) {
			err = e(w, r)
		} else {
			w.Header().Set("Allow", strings.Join(methods, ", "))
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// parseQuery reads the query strictly: what two readers could read differently
// is refused.
func parseQuery(r *http.Request) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(ErrBadRequest, "malformed query")
	}
	return q, nil
}

type requestKey struct{}

// requestID is the id of the request in the log.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

func newRequestID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
