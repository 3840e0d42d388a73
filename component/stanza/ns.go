package stanza

// Namespaces that more than one file names.
const (
	NSComponent     = "jabber:component:accept"
	NSStanzas       = "urn:ietf:params:xml:ns:xmpp-stanzas"
	NSPubSub        = "http://jabber.org/protocol/pubsub"
	NSPubSubEvent   = "http://jabber.org/protocol/pubsub#event"
	NSPubSubOwner   = "http://jabber.org/protocol/pubsub#owner"
	NSPubSubErr     = "http://jabber.org/protocol/pubsub#errors"
	NSDiscoInfo     = "http://jabber.org/protocol/disco#info"
	NSDiscoItems    = "http://jabber.org/protocol/disco#items"
	NSCommands      = "http://jabber.org/protocol/commands"
	NSData          = "jabber:x:data"
	NSRSM           = "http://jabber.org/protocol/rsm"
	NSRegister      = "jabber:iq:register"
	NSVersion       = "jabber:iq:version"
	NSPing          = "urn:xmpp:ping"
	NSBlocking      = "urn:xmpp:blocking"
	NSCaps          = "http://jabber.org/protocol/caps"
	NSVCardTemp     = "vcard-temp"
	NSVCard4        = "urn:ietf:params:xml:ns:vcard-4.0"
	NodeVCard4      = "urn:xmpp:vcard4" // the PEP node of it (XEP-0292 §3)
	NSAvatarMeta    = "urn:xmpp:avatar:metadata"
	NSAvatarData    = "urn:xmpp:avatar:data"
	NSNick          = "http://jabber.org/protocol/nick"
	NSMicroblog     = "urn:xmpp:microblog:0"
	NSBanner        = "urn:xmpp:movim-banner:0" // Movim's node for a profile's header
	NSSearch        = "jabber:iq:search"
	NSGateway       = "jabber:iq:gateway"
	NSPubSubMeta    = "http://jabber.org/protocol/pubsub#meta-data"
	NSOOB           = "jabber:x:oob"
	NSAtom          = "http://www.w3.org/2005/Atom"
	NSXHTML         = "http://www.w3.org/1999/xhtml"
	NSCorrect       = "urn:xmpp:message-correct:0"             // XEP-0308
	NSRetract       = "urn:xmpp:message-retract:1"             // XEP-0424
	NSFallback      = "urn:xmpp:fallback:0"                    // XEP-0428
	NSQuickResponse = "urn:xmpp:tmp:quick-response"            // XEP-0439
	NSThread        = "http://purl.org/syndication/thread/1.0" // RFC 4685, in-reply-to
)
