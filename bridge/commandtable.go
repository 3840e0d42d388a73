package bridge

// commands is the one model behind chat, ad-hoc and registration.
var commands []command

func init() { // help refers back to the table
	commands = []command{
		{Name: "start", Fields: []field{{Var: "service"}, {Var: "node"}}, Next: []string{"status", "preview"}, Run: (*Bridge).cmdStart},
		{Name: "status", Next: []string{"preview", "followers"}, Run: (*Bridge).cmdStatus},
		{Name: "preview", Next: []string{"start", "status"}, Run: (*Bridge).cmdPreview},
		{Name: "pause", Next: []string{"start", "status"}, Run: (*Bridge).cmdPause},
		{Name: "post", Fields: []field{{Var: "text", Type: "text-multi"}}, Next: []string{"status", "preview"}, Run: (*Bridge).cmdPost},
		{Name: "delete", Fields: []field{{Var: "link"}}, Next: []string{"status", "help"}, Run: (*Bridge).cmdDelete},
		{Name: "pin", Fields: []field{{Var: "link"}}, Next: []string{"preview", "unpin"}, Run: (*Bridge).cmdPin},
		{Name: "unpin", Fields: []field{{Var: "link"}}, Next: []string{"preview", "pin"}, Run: (*Bridge).cmdUnpin},
		{Name: "unquote", Fields: []field{{Var: "link"}}, Next: []string{"mute", "block"}, Run: (*Bridge).cmdUnquote},
		{Name: "stop", Next: []string{"start", "help"}, Run: (*Bridge).cmdStop},
		{Name: "approval", Fields: []field{onOff}, Next: []string{"followers", "status"}, Run: (*Bridge).cmdApproval},
		{Name: "approve", Fields: []field{{Var: "follower"}}, Next: []string{"followers", "approval"}, Run: (*Bridge).cmdApprove},
		{Name: "reject", Fields: []field{{Var: "follower"}}, Next: []string{"followers", "mute"}, Run: (*Bridge).cmdReject},
		{Name: "remove", Fields: []field{{Var: "follower"}}, Next: []string{"followers", "mute"}, Run: (*Bridge).cmdRemove},
		{Name: "hide", Fields: []field{onOff}, Next: []string{"followers", "status"}, Run: (*Bridge).cmdHide},
		{Name: "discoverable", Fields: []field{onOff}, Next: []string{"preview", "status"}, Run: (*Bridge).cmdDiscoverable},
		{Name: "followers", Next: []string{"status", "approval"}, Run: (*Bridge).cmdFollowers},
		{Name: "handle", Fields: []field{{Var: "handle"}}, Next: []string{"preview", "fields"}, Run: (*Bridge).cmdHandle, Fill: (*Bridge).fillHandle},
		{Name: "nodes", Next: []string{"start", "status"}, Run: (*Bridge).cmdNodes},
		{Name: "fields", Fields: []field{{Var: "fields", Type: "text-multi"}}, Next: []string{"preview", "handle"}, Run: (*Bridge).cmdFields, Fill: (*Bridge).fillFields},
		{Name: "posts-language", Fields: []field{{Var: "code"}}, Next: []string{"preview", "fields"}, Run: (*Bridge).cmdPostsLanguage, Fill: (*Bridge).fillPostsLanguage},
		{Name: "alias", Fields: []field{{Var: "action", Type: "list-single", Options: []string{"add", "remove"}, Value: "add"}, {Var: "who"}}, Next: []string{"move", "status"}, Run: (*Bridge).cmdAlias},
		{Name: "move", Fields: []field{{Var: "direction", Type: "list-single", Options: []string{"in", "out", "back"}}, {Var: "who"}}, Next: []string{"alias", "status"}, Run: (*Bridge).cmdMove},
		{Name: "notify", Fields: []field{{Var: "what"}, onOff}, Next: []string{"mute", "status"}, Run: (*Bridge).cmdNotify},
		{Name: "mute", Fields: []field{{Var: "who"}}, Next: []string{"unmute", "notify"}, Run: (*Bridge).cmdMute},
		{Name: "unmute", Fields: []field{{Var: "who"}}, Next: []string{"mute", "notify"}, Run: (*Bridge).cmdUnmute},
		{Name: "block", Fields: []field{{Var: "who"}}, Next: []string{"unblock", "mute"}, Run: (*Bridge).cmdBlock},
		{Name: "unblock", Fields: []field{{Var: "who"}}, Next: []string{"block", "mute"}, Run: (*Bridge).cmdUnblock},
		{Name: "report", Fields: []field{{Var: "who"}, {Var: "reason", Type: "text-multi"}}, Next: []string{"block", "help"}, Run: (*Bridge).cmdReport},
		{Name: "find", Fields: []field{{Var: "what"}}, Next: []string{"follow", "following"}, Run: (*Bridge).cmdFind},
		{Name: "follow", Fields: []field{{Var: "who"}}, Next: []string{"following", "unfollow"}, Run: (*Bridge).cmdFollow},
		{Name: "unfollow", Fields: []field{{Var: "who"}}, Next: []string{"following", "find"}, Run: (*Bridge).cmdUnfollow},
		{Name: "following", Next: []string{"find", "export"}, Run: (*Bridge).cmdFollowing},
		{Name: "like", Fields: []field{{Var: "link"}}, Next: []string{"thread last", "find"}, Run: (*Bridge).cmdLike},
		{Name: "unlike", Fields: []field{{Var: "link"}}, Next: []string{"thread last", "find"}, Run: (*Bridge).cmdUnlike},
		{Name: "boost", Fields: []field{{Var: "link"}}, Next: []string{"thread last", "find"}, Run: (*Bridge).cmdBoost},
		{Name: "unboost", Fields: []field{{Var: "link"}}, Next: []string{"thread last", "find"}, Run: (*Bridge).cmdUnboost},
		{Name: "vote", Fields: []field{{Var: "link"}, {Var: "choice"}}, Next: []string{"thread last", "find"}, Run: (*Bridge).cmdVote},
		{Name: "reply", Fields: []field{{Var: "link"}, {Var: "text", Type: "text-multi"}}, Next: []string{"thread last", "find"}, Run: (*Bridge).cmdReply},
		{Name: "thread", Fields: []field{{Var: "link"}}, Next: []string{"thread last", "find"}, Run: (*Bridge).cmdThread},
		{Name: "messages", Fields: []field{{Var: "who"}, onOff}, Next: []string{"following", "find"}, Run: (*Bridge).cmdMessages, Fill: (*Bridge).fillMessages},
		{Name: "backfill", Fields: []field{{Var: "who"}, {Var: "number"}}, Next: []string{"following", "cancel"}, Run: (*Bridge).cmdBackfill},
		{Name: "export", Fields: []field{{Var: "what", Type: "list-single", Options: []string{"list", "all"}, Value: "list"}}, Run: (*Bridge).cmdExport},
		{Name: "import", Fields: []field{{Var: "list", Type: "text-multi"}}, Next: []string{"following", "cancel"}, Run: (*Bridge).cmdImport},
		{Name: "cancel", Fields: []field{{Var: "what"}}, Next: []string{"following", "help"}, Run: (*Bridge).cmdCancel},
		{Name: "roster", Fields: []field{onOff}, Next: []string{"following", "follow"}, Run: (*Bridge).cmdRoster},
		{Name: "requests", Fields: []field{{Var: "policy", Type: "list-single", Options: []string{requestsAsk, requestsOpen, requestsClosed}}}, Next: []string{"accept", "decline"}, Run: (*Bridge).cmdRequests},
		{Name: "accept", Fields: []field{{Var: "who"}}, Next: []string{"requests", "following"}, Run: (*Bridge).cmdAccept},
		{Name: "decline", Fields: []field{{Var: "who"}}, Next: []string{"requests", "mute"}, Run: (*Bridge).cmdDecline},
		{Name: "language", Fields: []field{{Var: "language", Type: "list-single", Options: languageOptions()}}, Next: []string{"help", "status"}, Run: (*Bridge).cmdLanguage},
		{Name: "domain", Who: admins, Fields: []field{domainDeeds, {Var: "host"}, {Var: "note"}}, Next: []string{"hosts", "account"}, Run: (*Bridge).cmdDomain},
		{Name: "account", Who: admins, Fields: []field{accountDeeds, {Var: "who"}, {Var: "note"}}, Next: []string{"domain", "reports"}, Run: (*Bridge).cmdAccount},
		{Name: "lists", Who: admins, Fields: []field{listDeeds, {Var: "what"}}, Next: []string{"lists drafts", "domain"}, Run: (*Bridge).cmdLists},
		{Name: "page", Who: admins, Next: []string{"queue", "reports"}, Run: (*Bridge).cmdPage},
		{Name: "audit", Who: admins, Next: []string{"domain", "users"}, Run: (*Bridge).cmdAudit},
		{Name: "suspend", Who: admins, Fields: []field{{Var: "jid"}, {Var: "note"}}, Next: []string{"unsuspend", "users"}, Run: (*Bridge).cmdSuspend},
		{Name: "unsuspend", Who: admins, Fields: []field{{Var: "jid"}}, Next: []string{"suspend", "users"}, Run: (*Bridge).cmdUnsuspend},
		{Name: "reports", Who: admins, Next: []string{"users", "domain"}, Run: (*Bridge).cmdReports},
		{Name: "queue", Who: admins, Next: []string{"hosts", "users"}, Run: (*Bridge).cmdQueue},
		{Name: "hosts", Who: admins, Next: []string{"queue", "domain"}, Run: (*Bridge).cmdHosts},
		{Name: "users", Who: admins, Next: []string{"suspend", "announce"}, Run: (*Bridge).cmdUsers},
		{Name: "announce", Who: admins, Node: nodeAnnounce, Fields: []field{{Var: "announcement", Type: "text-multi"}}, Next: []string{"users", "queue"}, Run: (*Bridge).cmdAnnounce},
		{Name: "help", Fields: []field{{Var: "what"}}, Next: []string{"start", "find"}, Run: (*Bridge).cmdHelp},
	}
}

// nodeAnnounce is what XEP-0133 §4.23 calls it.
const nodeAnnounce = "http://jabber.org/protocol/admin#announce"

// onOff is the field of a switch.
var onOff = field{Var: "switch", Type: "list-single", Options: []string{"on", "off"}}
