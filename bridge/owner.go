package bridge

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"isthmus/component/stanza"
)

// owns checks that somebody may decide for a node of a service. ejabberd says
// who owns a node; elsewhere the owner shows it by writing a word into the
// node's description, which nobody else can change (xmpp-servers §3).
func (b *Bridge) owns(ctx context.Context, who, service stanza.JID, node string) (answer, bool, error) {
	if !slices.Contains(b.cfg.PubSub, service.Domain) || service.Local != "" {
		return answer{Text: b.whyNotEnrolled(ctx, ErrService)}, false, nil
	}
	res, err := b.xmpp.IQ(ctx, stanza.IQ("get", b.visitor(), service, stanza.New(stanza.NSDiscoInfo, "query", "node", node)))
	var se *stanza.Error
	if errors.As(err, &se) {
		return answer{Text: b.say(ctx, "blog.own.none", "service", service, "node", node)}, false, nil
	}
	if err != nil {
		return answer{}, false, err
	}
	meta := stanza.ParseInfo(res.First(stanza.NSDiscoInfo, "query"))
	word := ownerWord(b.cfg.Secret, who, service, node)
	for _, f := range meta.Forms {
		for _, x := range f.Fields {
			switch x.Var {
			case "pubsub#owner":
				if slices.ContainsFunc(x.Values, func(v string) bool { return bareOf(v) == who.String() }) {
					return answer{}, true, nil
				}
			case "pubsub#description", "pubsub#title":
				if strings.Contains(strings.Join(x.Values, " "), word) {
					return answer{}, true, nil
				}
			}
		}
	}
	return answer{Text: b.say(ctx, "blog.own.show", "node", node, "word", word, "service", service)}, false, nil
}

// ownerWord is the word that only the gateway can tell an owner: the same each
// time, another for everybody else.
func ownerWord(secret string, who, service stanza.JID, node string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s\n%s\n%s", who.Bare().Fold(), service, node)
	return "isthmus-" + hex.EncodeToString(mac.Sum(nil)[:6])
}
