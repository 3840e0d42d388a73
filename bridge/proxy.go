package bridge

import (
	"crypto/hmac"
	"crypto/sha256"

	"isthmus/activitypub"
)

// newProxy makes the media proxy when readers are to see files through it. Its
// signatures are of a key that is derived from the component's secret, so that
// addresses stay good through restarts.
func (b *Bridge) newProxy() *activitypub.Proxy {
	if b.cfg.Media != MediaProxy {
		return nil
	}
	mac := hmac.New(sha256.New, []byte(b.cfg.Secret))
	mac.Write([]byte("media proxy"))
	return activitypub.NewProxy(activitypub.ProxyConfig{Client: b.client, Base: b.cfg.PublicURL, Secret: mac.Sum(nil), Log: b.log})
}

// mediaURL is where readers get a file from.
func (b *Bridge) mediaURL(address string) string {
	if b.proxy == nil {
		return address
	}
	return b.proxy.URL(address)
}
