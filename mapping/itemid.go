package mapping

import "crypto/sha256"

// ItemID derives the id of the pubsub item that stands for a Fediverse object:
// always the same for the same id, of characters and a length that Movim takes.
func ItemID(objectID string) string {
	sum := sha256.Sum256([]byte(objectID))
	return "ap-" + lower32.EncodeToString(sum[:20])
}

// ValidItemID reports whether an item id can be part of the addresses that
// clients build from it: 6 to 128 of A–Z a–z 0–9 . _ - (design §2).
func ValidItemID(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return len(s) >= 6 && len(s) <= 128
}
