package main

import (
	"errors"
	"io"
	"os"
	"strings"
)

// secret fills in Secret from SecretFile and warns when others can read it.
func (c *checker) secret(x *XMPPConfig, config string) {
	const key, fileKey = "xmpp.secret", "xmpp.secret_file"
	switch {
	case c.doc.hasFailed(key) || c.doc.hasFailed(fileKey):
	case x.Secret != "" && x.SecretFile != "":
		c.bad(fileKey, "remove one of them", "secret and secret_file are both set")
	case x.Secret == "" && x.SecretFile == "":
		c.bad(key, `secret = "…", the same as in the XMPP server's configuration, or secret_file = "/path"`, "is missing")
	case x.Secret != "":
		if x.Secret == exampleSecret {
			c.warn(key, "make a random one, for example with: openssl rand -hex 32", "is the example's, which everybody knows")
		}
		c.warnReadable(key, config, "others can read this file and the secret in it")
	default:
		x.SecretFile = c.path(x.SecretFile)
		s, err := readSecret(x.SecretFile)
		if err != nil {
			c.bad(fileKey, "put the secret there, alone, in a file that the gateway's user can read", "%q: %v", x.SecretFile, err)
			return
		}
		x.Secret = s
		c.warnReadable(fileKey, x.SecretFile, "others can read the secret")
	}
}

// exampleSecret is what config.example.toml has.
const exampleSecret = "change-me"

func readSecret(path string) (Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", cause(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4097))
	s := strings.TrimSpace(string(b))
	switch {
	case err != nil:
		return "", cause(err)
	case s == "":
		return "", errors.New("is empty")
	case len(b) > 4096:
		return "", errors.New("is larger than 4 KiB")
	case strings.ContainsAny(s, "\r\n"):
		return "", errors.New("has more than one line")
	}
	return Secret(s), nil
}

func (c *checker) warnReadable(key, path, text string) {
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o007 != 0 {
		c.warn(key, "chmod o-rwx "+path, "%s (mode %04o)", text, info.Mode().Perm())
	}
}
