package activitypub

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"time"

	"isthmus/activitypub/vocab"
)

// Errors of fetching. None of them is worth a retry.
var (
	ErrContentType = errors.New("activitypub: not an ActivityStreams document")
	ErrID          = errors.New("activitypub: the document is not what its address says")
	ErrRedirect    = errors.New("activitypub: redirect refused")
	ErrDocument    = errors.New("activitypub: unreadable document")
)

// IDError is ErrID with what the document calls itself, which is on another
// host: who wants that has to ask for it there.
type IDError struct{ URL, ID string }

func (e *IDError) Error() string { return fmt.Sprintf("%v: %s says it is %s", ErrID, e.URL, e.ID) }
func (e *IDError) Unwrap() error { return ErrID }

// The media types of ActivityStreams (AP §3.2).
const (
	typeActivity  = "application/activity+json"
	activityNS    = "https://www.w3.org/ns/activitystreams"
	typeLD        = `application/ld+json; profile="` + activityNS + `"`
	acceptObjects = typeActivity + ", " + typeLD
)

// maxBody bounds what is read from a peer, after decompression, and what a
// peer may post.
const maxBody = 1 << 20

// ClientConfig says how to reach peers.
type ClientConfig struct {
	UserAgent    string         // required: "Name/Version (+https://…)"
	AllowPrivate []netip.Prefix // networks that may be reached although not public: labs, tests
	Timeout      time.Duration  // of one exchange with its redirects; 0 is 30 s
	RootCAs      *x509.CertPool // nil: the system's, or those of SSL_CERT_FILE
	Log          *slog.Logger   // nil: slog.Default
	// Refuse names hosts (with their port, if one is given) that are not to be talked to; nil for none.
	Refuse func(host string) bool
	// RefuseFiles is the same for files (Client.File); nil: as Refuse.
	RefuseFiles func(host string) bool

	resolver *net.Resolver
}

// Client talks to peers: every request has a User-Agent, a deadline, a bound on
// what is read, and goes to public addresses only. It is safe for concurrent
// use; make one and keep it, it holds the connections.
type Client struct {
	agent    string
	private  []netip.Prefix
	timeout  time.Duration
	log      *slog.Logger
	refuse   func(host string, file bool) bool
	resolver *net.Resolver

	secure, plain *http.Transport
	gate          hostGate
	skews         skews
	liked         recent[scheme] // by host: how it takes signatures, when that is not the draft
	signing       chan struct{}  // signing takes no more than the processors, so that handshakes are not starved
}

// NewClient checks cfg and makes a Client.
func NewClient(cfg ClientConfig) (*Client, error) {
	if cfg.UserAgent == "" {
		return nil, errors.New("activitypub: a User-Agent is needed: some peers refuse requests without")
	}
	c := &Client{agent: cfg.UserAgent, timeout: cfg.Timeout, log: cfg.Log, resolver: cfg.resolver,
		signing: make(chan struct{}, runtime.GOMAXPROCS(0))}
	c.refuse = func(host string, file bool) bool {
		if file && cfg.RefuseFiles != nil {
			return cfg.RefuseFiles(host)
		}
		return cfg.Refuse != nil && cfg.Refuse(host)
	}
	for _, p := range cfg.AllowPrivate {
		if !p.IsValid() {
			return nil, errors.New("activitypub: a private network is not a prefix")
		}
		c.private = append(c.private, p.Masked())
	}
	if c.timeout <= 0 {
		c.timeout = totalTimeout
	}
	if c.log == nil {
		c.log = slog.Default()
	}
	c.gate.now = time.Now
	c.secure = c.transport(false, cfg.RootCAs)
	c.plain = c.transport(true, nil)
	return c, nil
}

// Close closes the connections that are not in use.
func (c *Client) Close() {
	c.secure.CloseIdleConnections()
	c.plain.CloseIdleConnections()
}

// Get fetches the document at an address, signed with k unless that is nil.
// The document's id is the address it was finally found at; when it names
// another one on the same host, that one is fetched instead, once (row D18,
// attack X4). Collections and their pages may have no id.
//
// Errors: *StatusError for what is not 200; ErrURL, ErrAddress, ErrRedirect,
// ErrContentType, ErrTooLarge, ErrDocument, ErrID; else the network's.
func (c *Client) Get(ctx context.Context, address string, k *Key) (vocab.Doc, error) {
	doc, final, err := c.getAny(ctx, address, k)
	if err != nil {
		return nil, err
	}
	if c.isAt(doc, final, address) {
		return doc, nil
	}
	id := doc.ID()
	if !sameHost(id, final) {
		return nil, &IDError{final, id}
	}
	if doc, final, err = c.getAny(ctx, id, k); err != nil {
		return nil, err
	}
	if doc.ID() != id || !c.isAt(doc, final, id) {
		return nil, &IDError{final, doc.ID()}
	}
	return doc, nil
}

// isAt tells whether a document says that it is what was found at final. An id
// with a fragment is only believed by who asked for that very id.
func (c *Client) isAt(doc vocab.Doc, final, asked string) bool {
	id := doc.ID()
	if id == "" {
		return doc.Is("Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage")
	}
	u, err := c.parseURL(id)
	return err == nil && u.String() == final && (id == asked || !strings.Contains(id, "#"))
}

// getAny is Get without the check of the id; final is where the document was
// found, without fragment.
func (c *Client) getAny(ctx context.Context, address string, k *Key) (doc vocab.Doc, final string, err error) {
	u, body, err := c.fetch(ctx, address, k, acceptObjects, isObject)
	if err != nil {
		return nil, "", err
	}
	if doc, err = vocab.Read(body, vocab.Limits{}); err != nil {
		return nil, "", fmt.Errorf("%w: %s: %w", ErrDocument, u, err)
	}
	return doc, u.String(), nil
}

// isObject tells the content types that only a server that means to publish
// ActivityStreams sends: what users upload is served as something else
// (attack X3).
func isObject(contentType string) bool {
	t, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch t {
	case typeActivity:
		return true
	case "application/ld+json":
		return slices.Contains(strings.Fields(params["profile"]), activityNS)
	}
	return false
}
