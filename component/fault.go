package component

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// What Send, IQ and Status can report. All may be wrapped.
var (
	ErrDown     = errors.New("component: no stream to the XMPP server")
	ErrTooLarge = errors.New("component: stanza too large")
	ErrFrom     = errors.New("component: sender is not on the component's domain")
	ErrStanza   = errors.New("component: not a stanza that servers accept")
	ErrTimeout  = errors.New("component: no reply in time")

	// ErrNotPrivileged is what As reports when the user's server has not said that
	// we may.
	ErrNotPrivileged = errors.New("component: the server does not let us act as its users")

	// Reasons for Status().Err.
	ErrConflict     = errors.New("component: another program is connected")
	ErrUnauthorized = errors.New("component: secret refused")
	ErrHostUnknown  = errors.New("component: domain unknown to the server")
	ErrHalfOpen     = errors.New("component: connection is dead")
)

// errClosed is a stream the server closed in good order.
var errClosed = errors.New("the server closed the stream")

// errStopped is a stream that ended because Run was told to.
var errStopped = errors.New("the gateway was stopped")

// streamError is a stream error the server sent (RFC 6120 §4.9).
type streamError struct {
	cond, text string
}

func (e *streamError) Error() string {
	if e.text == "" {
		return "stream error " + e.cond
	}
	return "stream error " + e.cond + ": " + e.text
}

// fault tells an operator in words what is wrong and how to cure it.
type fault struct {
	text        string
	kind, cause error
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() []error {
	if f.kind == nil {
		return []error{f.cause}
	}
	return []error{f.kind, f.cause}
}

// explain turns the end of a stream, or the failure to open one, into words.
// negotiated says whether the handshake had succeeded.
func explain(err error, cfg Config, negotiated bool) error {
	d, s := cfg.Domain, cfg.Server
	say := func(kind error, format string, args ...any) error {
		return &fault{text: fmt.Sprintf(format, args...), kind: kind, cause: err}
	}
	var se *streamError
	if errors.As(err, &se) {
		switch se.cond {
		case "conflict":
			return say(ErrConflict, "another program is connected as %s; stop it, or, if it is a dead connection of our own, wait for the server to notice or set component_conflict_resolve = %q in Prosody", d, "kick_old")
		case "not-authorized":
			return say(ErrUnauthorized, "the server refused our secret for %s; compare the gateway's configured secret with component_secret below Component %q (Prosody) or with the password of %q below hosts of the ejabberd_service listener (ejabberd, which says the same when the domain is missing there)", d, d, d)
		case "host-unknown":
			return say(ErrHostUnknown, "the server at %s has no component %s; add Component %q with a component_secret to its configuration and reload it", s, d, d)
		case "invalid-from":
			return say(ErrFrom, "the server closed the stream over a sender address (%s); this is a bug of the gateway", se.text)
		case "system-shutdown":
			return say(nil, "the server is shutting down")
		}
		return say(nil, "the server closed the stream: %s", strings.TrimPrefix(se.Error(), "stream error "))
	}
	var dns *net.DNSError
	switch {
	case errors.Is(err, ErrHalfOpen):
		return say(nil, "the server at %s went silent: it did not answer a ping", s)
	case errors.Is(err, syscall.ECONNREFUSED):
		return say(nil, "nothing accepts connections at %s; start the XMPP server, or check the address and port of its component listener (component_ports in Prosody, ejabberd_service in ejabberd)", s)
	case errors.As(err, &dns):
		return say(nil, "the name of the XMPP server in %s cannot be resolved: %s", s, dns.Err)
	case errors.Is(err, errClientPort):
		return say(nil, "%s is a port for clients; components connect to another one (usually 5347)", s)
	case errors.Is(err, errClosed):
		return say(nil, "the server closed the stream")
	case errors.Is(err, os.ErrDeadlineExceeded) && negotiated:
		return say(ErrHalfOpen, "the server at %s stopped reading", s)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return say(nil, "%s did not answer like an XMPP server in time; check that it is the component port (usually 5347)", s)
	case !negotiated && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)):
		return say(nil, "%s hung up during the handshake; check that it is the component port (usually 5347)", s)
	case negotiated && cutOff(err):
		return say(nil, "the server at %s closed the connection", s)
	case negotiated:
		return say(nil, "the connection to %s was cut: %v", s, err)
	}
	return say(nil, "connecting to %s: %v", s, err)
}

// cutOff knows a connection that ended in the middle; the XML decoder calls it a
// syntax error.
func cutOff(err error) bool {
	var syntax *xml.SyntaxError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.As(err, &syntax) && syntax.Msg == "unexpected EOF"
}
