// Package setup prepares a new gateway: it turns a few answers into a config file and
// into what the programs beside the gateway have to be told. It writes and starts
// nothing, and asks nobody but the machine's own ports and its name server.
package setup

import (
	"bytes"
	"crypto/rand"
	"embed"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// Plan is what has to be known of a gateway.
type Plan struct {
	Component string   // ap.example.org
	Domains   []string // whose accounts may use it
	PubSub    []string // services whose nodes may become communities
	Secret    string   // shared with the XMPP server
	Server    string   // where that listens for components, host:port
	Listen    string   // where the gateway listens for the web server, host:port
	PublicURL string   // https://ap.example.org
	Handles   string   // domain of handles
	DB        string   // URL
	Contact   string   // of who runs it, an address with its scheme, "" for none
	Config    string   // file, absolute
	Subnet    string   // of containers that work together, "" outside of them
	Monitor   string   // where the gateway tells how it is, "" for nowhere
}

// Fill gives what is left out its usual value. dir is the folder of the database.
func (p Plan) Fill(dir string) Plan {
	or := func(s *string, usual string) {
		if *s == "" {
			*s = usual
		}
	}
	p.Component = strings.ToLower(p.Component)
	or(&p.Server, "127.0.0.1:5347")
	or(&p.Listen, "127.0.0.1:8080")
	or(&p.PublicURL, "https://"+p.Component)
	or(&p.Handles, p.Component)
	or(&p.DB, "sqlite:"+dir+"/isthmus.db")
	return p
}

// NewSecret is as hard to guess as a key.
func NewSecret() string { return rand.Text() + rand.Text() }

// Usual is the component's name that goes with a domain.
func Usual(domain string) string { return "ap." + domain }

//go:embed snippets
var snippets embed.FS

var texts = template.Must(template.New("").Funcs(template.FuncMap{
	"quote": strconv.Quote, "list": list, "host": hostOf, "port": portOf, "label": label, "indent": indent,
}).ParseFS(snippets, "snippets/*"))

// Snippets are the names of what the gateway can print, in the order of doing.
func Snippets() []string {
	return []string{"prosody", "ejabberd", "nginx", "caddy", "apex", "systemd", "compose-prosody", "compose-ejabberd"}
}

// Snippet is what a program beside the gateway has to be told, with where it belongs.
func (p Plan) Snippet(name string) (string, error) {
	if name == "compose" {
		name = "compose-prosody"
	}
	if !slices.Contains(Snippets(), name) {
		return "", fmt.Errorf("there is nothing to print for %q; there is %s", name, strings.Join(Snippets(), ", "))
	}
	if server, ok := strings.CutPrefix(name, "compose-"); ok {
		p = p.contained(server)
	}
	return p.text(name), nil
}

// contained is the same gateway in a container, beside one of an XMPP server and one of Caddy.
func (p Plan) contained(server string) Plan {
	p.Server, p.Listen, p.DB = server+":5347", "0.0.0.0:8080", "sqlite:isthmus.db"
	p.Subnet, p.Monitor = "172.30.57.0/24", "127.0.0.1:9180"
	return p
}

// ConfigFile is the text of the gateway's config file.
func (p Plan) ConfigFile() string { return p.text("config") }

func (p Plan) text(name string) string {
	var b bytes.Buffer
	if err := texts.ExecuteTemplate(&b, name, p); err != nil {
		panic(err) // a template that does not fit a Plan: a bug, which the tests see
	}
	return b.String()
}

// indent moves every line that is not empty to the right.
func indent(n int, text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = strings.Repeat(" ", n) + l
		}
	}
	return strings.Join(lines, "\n")
}

func list(items []string) string {
	quoted := make([]string, len(items))
	for i, s := range items {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Hostname()
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

func portOf(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return port
}

// label is a name that stands for a domain in other programs' files.
func label(domain string) string { return strings.NewReplacer(".", "_", "-", "_").Replace(domain) }
