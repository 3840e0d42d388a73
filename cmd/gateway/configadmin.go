package main

import (
	"net/url"
	"slices"
	"strings"

	"isthmus/component/stanza"
)

// admin checks who may run the admin commands: bare addresses, each once, with
// their case folded as the gateway folds those of who asks.
func (c *checker) admin(cfg *Config) {
	a := &cfg.Admin
	const key = "admin.jids"
	for i, text := range a.JIDs {
		jid, err := stanza.ParseJID(text)
		jid = jid.Fold()
		switch a.JIDs[i] = jid.String(); {
		case err != nil || jid.Local == "":
			c.bad(key, `write addresses such as "alice@example.org"`, "%q is not the address of a person", text)
		case jid.Resource != "":
			c.bad(key, "leave the resource out: write "+jid.Bare().String(), "%q has a resource", text)
		case slices.Contains(a.JIDs[:i], a.JIDs[i]):
			c.bad(key, "name each address once", "%q is there twice", text)
		}
	}
	a.Socket = c.socket(a.Socket, cfg.DB.Path)
	c.adminPage(cfg)
}

// The longest path that a socket file can have, on Linux (unix(7)).
const maxSocket = 107

// socket is where the control socket is, "" for nowhere.
func (c *checker) socket(path, database string) string {
	switch {
	case path == "off":
		return ""
	case path != "":
		path = c.path(path)
	case database != "":
		path = database + ".sock"
	default:
		path = "/run/isthmus/control.sock"
	}
	if len(path) > maxSocket {
		c.warn("admin.socket", `name a shorter one, such as "/run/isthmus/control.sock", or "off"`, "%q has more than %d bytes, which no socket file can have", path, maxSocket)
		return ""
	}
	return path
}

// Values of [admin] page.
const (
	pageOff   = "off"
	pageRead  = "read"
	pageWrite = "write"
)

func (c *checker) adminPage(cfg *Config) {
	a := &cfg.Admin
	switch a.Page {
	case pageOff:
		return
	case pageRead, pageWrite:
	default:
		c.bad("admin.page", `write "off", "read" or "write"`, "is the string %q", a.Page)
		return
	}
	if cfg.Monitor.Listen == "" {
		c.bad("admin.page", `set [monitor] listen = "127.0.0.1:9180": the page is there, below /admin/`, "has no place: [monitor] listen is empty")
		return
	}
	if a.PageURL = strings.TrimSuffix(a.PageURL, "/"); a.PageURL == "" {
		a.PageURL = "http://" + cfg.Monitor.Listen
	}
	u, err := url.Parse(a.PageURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "" {
		c.bad("admin.page_url", `write scheme and host only, such as "https://admin.example.org"`, "%q is not a web address", a.PageURL)
	}
}
