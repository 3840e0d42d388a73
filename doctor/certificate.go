package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"
)

// soon is how many days before its end a certificate should have been renewed.
const soon = 10

// tls looks at the certificate as another server would.
func (v *visit) tls(ctx context.Context) []Result {
	name, port, _ := strings.Cut(v.host, ":")
	if port == "" {
		port = "443"
	}
	return certificate(ctx, net.JoinHostPort(name, port), name, nil)
}

func certificate(ctx context.Context, addr, name string, roots *x509.CertPool) []Result {
	dialer := tls.Dialer{Config: &tls.Config{ServerName: name, RootCAs: roots}}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	var invalid x509.CertificateInvalidError
	var wrong x509.HostnameError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return []Result{Bad("tls.days", "renew it: certbot renew, or look at the log of Caddy; then reload the web server", "the certificate of %s: %s", name, invalid.Error())}
	case errors.As(err, &wrong):
		return []Result{Bad("tls.name", "get a certificate for "+name+" and name it in the web server's part for that host", "the certificate at %s is for %s", name, strings.Join(names(wrong.Certificate), ", "))}
	case errors.As(err, &unknown):
		return []Result{Bad("tls.chain", "let the web server send the intermediate certificates, too (fullchain.pem instead of cert.pem in nginx), and use an authority that everybody knows", "nobody can check the certificate of %s: %v", name, unknown)}
	case err != nil:
		return []Result{Bad("tls.chain", "let the web server listen for TLS there", "no TLS with %s: %v", addr, cause(err))}
	}
	defer conn.Close()
	state := conn.(*tls.Conn).ConnectionState()
	leaf := state.PeerCertificates[0]
	left := time.Until(leaf.NotAfter)
	out := []Result{Good("tls.chain", "of %s, %s", leaf.Issuer.CommonName, tls.VersionName(state.Version)), Good("tls.name", "for %s", strings.Join(names(leaf), ", "))}
	if left < soon*24*time.Hour {
		return append(out, Odd("tls.days", "see why it was not renewed: systemctl status certbot.timer, or the log of Caddy", "the certificate ends in %s", short(left)))
	}
	return append(out, Good("tls.days", "the certificate is good for %s", short(left)))
}

func names(c *x509.Certificate) []string {
	if len(c.DNSNames) > 0 {
		return c.DNSNames
	}
	return []string{c.Subject.CommonName}
}
