package activitypub

import (
	"net/http"
)

// NodeInfo 2.0 and 2.1 (nodeinfo.diaspora.software, FEP-f1d5).
const (
	nodeInfoNS     = "http://nodeinfo.diaspora.software/ns/schema/"
	relApplication = "https://www.w3.org/ns/activitystreams#Application" // FEP-2677
	instanceToken  = "gateway"                                           // of the instance actor
)

// nodeInfoLinks answers /.well-known/nodeinfo. Peers take an instance whose
// NodeInfo cannot be read for dead (row D10).
func (s *server) nodeInfoLinks(w http.ResponseWriter, r *http.Request) error {
	return writeJRD(w, r, typeJSON, jrd{Links: []jrdLink{
		{Rel: nodeInfoNS + "2.1", Href: s.cfg.PublicURL + "/nodeinfo/2.1"},
		{Rel: nodeInfoNS + "2.0", Href: s.cfg.PublicURL + "/nodeinfo/2.0"},
		{Rel: relApplication, Href: s.cfg.PublicURL + "/ap/actor/" + instanceToken},
	}})
}

// nodeInfo is the document of schema 2.1, and of 2.0 when Software has neither
// repository nor homepage. Every member is required, empty or not.
type nodeInfo struct {
	Version           string       `json:"version"`
	Software          nodeSoftware `json:"software"`
	Protocols         []string     `json:"protocols"`
	Services          nodeServices `json:"services"`
	OpenRegistrations bool         `json:"openRegistrations"`
	Usage             nodeUsage    `json:"usage"`
	Metadata          nodeMetadata `json:"metadata"`
}

type nodeSoftware struct {
	Name       string `json:"name"` // [a-z0-9-]+
	Version    string `json:"version"`
	Repository string `json:"repository,omitempty"`
	Homepage   string `json:"homepage,omitempty"`
}

type nodeServices struct {
	Inbound  []string `json:"inbound"`
	Outbound []string `json:"outbound"`
}

type nodeUsage struct {
	Users struct {
		Total          int `json:"total"`
		ActiveHalfyear int `json:"activeHalfyear"`
		ActiveMonth    int `json:"activeMonth"`
	} `json:"users"`
	LocalPosts int `json:"localPosts"`
}

type nodeMetadata struct {
	NodeName        string `json:"nodeName,omitempty"`
	NodeDescription string `json:"nodeDescription,omitempty"`
}

// nodeInfo answers /nodeinfo/2.0 and /nodeinfo/2.1.
func (s *server) nodeInfo(version string) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		n, err := s.handler.NodeInfo(r.Context())
		if err != nil {
			return err
		}
		doc := nodeInfo{
			Version:           version,
			Software:          nodeSoftware{Name: s.cfg.Name, Version: s.cfg.Version},
			Protocols:         []string{"activitypub"},
			Services:          nodeServices{[]string{}, []string{}},
			OpenRegistrations: n.OpenRegistrations,
			Metadata:          nodeMetadata{n.Name, n.Description},
		}
		if version == "2.1" {
			doc.Software.Repository, doc.Software.Homepage = s.cfg.Repository, s.cfg.Homepage
		}
		doc.Usage.Users.Total, doc.Usage.LocalPosts = n.Users, n.Posts
		doc.Usage.Users.ActiveHalfyear, doc.Usage.Users.ActiveMonth = n.ActiveHalfYear, n.ActiveMonth
		return writeJRD(w, r, `application/json; profile="`+nodeInfoNS+version+`#"`, doc)
	}
}
