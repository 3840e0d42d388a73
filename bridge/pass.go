package bridge

import (
	"crypto/hmac"
	"crypto/rand"
	"strconv"
	"strings"
	"time"
)

// passFor is how long a token for one purpose can be used.
const passFor = 10 * time.Minute

// pass is a token for one purpose that is good for a while, and no two are the same.
func (b *Bridge) pass(purpose string) string {
	body := strconv.FormatInt(b.now().Add(passFor).Unix(), 36) + "-" + rand.Text()
	return body + "-" + b.derived("pass", purpose, body)
}

// passes reports whether a token is one that pass made for this purpose, and not too old.
func (b *Bridge) passes(purpose, token string) bool {
	i := strings.LastIndexByte(token, '-')
	if i < 0 {
		return false
	}
	body := token[:i]
	until, _, _ := strings.Cut(body, "-")
	end, err := strconv.ParseInt(until, 36, 64)
	return err == nil && hmac.Equal([]byte(token[i+1:]), []byte(b.derived("pass", purpose, body))) && b.now().Unix() <= end
}
