package activitypub

import "encoding/xml"

// Media types and link relations of discovery (RFC 7033, RFC 6415).
const (
	typeJRD  = "application/jrd+json"
	typeXRD  = "application/xrd+xml"
	typeJSON = "application/json"
	typeHTML = "text/html"

	relSelf    = "self"
	relProfile = "http://webfinger.net/rel/profile-page"
	relLRDD    = "lrdd"
	// How the server of an account lets other sites ask for what its owner wants to do.
	relIntent    = "https://w3id.org/fep/3b86/"
	relSubscribe = "http://ostatus.org/schema/1.0/subscribe"
)

// jrd is a JSON Resource Descriptor (RFC 7033 §4.4) and, for host-meta, its XML
// form (XRD 1.0 §2).
type jrd struct {
	XMLName xml.Name  `json:"-" xml:"http://docs.oasis-open.org/ns/xri/xrd-1.0 XRD"`
	Subject string    `json:"subject,omitempty" xml:"Subject,omitempty"`
	Aliases []string  `json:"aliases,omitempty" xml:"Alias,omitempty"`
	Links   []jrdLink `json:"links" xml:"Link"`
}

type jrdLink struct {
	Rel      string `json:"rel" xml:"rel,attr"`
	Type     string `json:"type,omitempty" xml:"type,attr,omitempty"`
	Href     string `json:"href,omitempty" xml:"href,attr,omitempty"`
	Template string `json:"template,omitempty" xml:"template,attr,omitempty"`
}
