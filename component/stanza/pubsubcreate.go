package stanza

// CreateRequest makes the payload of an IQ set that creates a node with a
// configuration (XEP-0060 §8.1.3); config may be nil.
func CreateRequest(node string, config *Form) *Element {
	ps := New(NSPubSub, "pubsub").Add(New(NSPubSub, "create", "node", node))
	if config != nil {
		ps.Add(New(NSPubSub, "configure").Add(config.Element()))
	}
	return ps
}
