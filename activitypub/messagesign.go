package activitypub

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dunglas/httpsfv"
)

// What we sign of a message: what Mastodon and Fedify require (row S12).
var (
	messagePost = []string{"@method", "@target-uri", "content-type", "content-digest"}
	messageGet  = []string{"@method", "@target-uri"}
)

// messageLabel names our only signature; any name would do (RFC 9421 §4.1).
const messageLabel = "sig1"

// SignMessage signs req with k as RFC 9421 says and sets its Signature-Input,
// Signature and, when body is not nil, Content-Digest. A request is signed once.
func SignMessage(req *http.Request, body []byte, k Key) error {
	if req.Header.Get(signatureHeader) != "" {
		return errors.New("activitypub: the request is signed already")
	}
	names := messageGet
	if body != nil {
		names = messagePost
		req.Header.Set(contentDigestHeader, contentDigest(body))
	}
	list := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, name := range names {
		list.Items = append(list.Items, httpsfv.NewItem(name))
	}
	list.Params.Add("created", time.Now().Unix())
	list.Params.Add("keyid", k.ID)
	list.Params.Add("alg", algRSA)
	base, err := signatureBase(req, req.URL.Scheme, names, list)
	if err != nil {
		return fmt.Errorf("activitypub: signing: %w", err)
	}
	sum := sha256.Sum256([]byte(base))
	value, err := rsa.SignPKCS1v15(nil, k.Private, crypto.SHA256, sum[:])
	if err != nil {
		return fmt.Errorf("activitypub: signing: %w", err)
	}
	for name, member := range map[string]httpsfv.Member{inputHeader: list, signatureHeader: httpsfv.NewItem(value)} {
		dict := httpsfv.NewDictionary()
		dict.Add(messageLabel, member)
		line, err := httpsfv.Marshal(dict)
		if err != nil {
			return fmt.Errorf("activitypub: signing: %w", err)
		}
		req.Header.Set(name, line)
	}
	return nil
}
