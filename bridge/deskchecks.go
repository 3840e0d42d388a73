package bridge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/doctor"
)

// checkFor is how long an XMPP service may take to answer a check.
const checkFor = 5 * time.Second

// Checks are those that need the stream, the guarded client or what is in memory.
func (b desk) Checks(ctx context.Context, ask doctor.Ask) ([]doctor.Result, error) {
	out := []doctor.Result{b.checkLink()}
	if out[0].State == doctor.OK {
		out = append(out, b.checkDomains(ctx), b.checkPubSub(ctx), b.checkPrivileges(), b.checkSwallowed(ctx))
	}
	out = append(out, b.checkDelivery(ctx), b.checkBlogs(ctx), b.checkComments(ctx), b.checkAdmins())
	out = append(out, b.checkPeer(ctx, ask.Peer)...)
	work, err := b.checkWork(ctx)
	return append(out, work...), err
}

func (b desk) checkLink() doctor.Result {
	st := b.xmpp.Status()
	if st.Up {
		return doctor.Good("xmpp.link", "connected to %s as %s for %v", b.cfg.Server, b.cfg.Component, b.now().Sub(st.Since).Round(time.Second))
	}
	if !b.leads.Load() && !b.member.Alone() {
		return doctor.Skipped("xmpp.link", "another process has the stream: run doctor where that one runs")
	}
	return linkResult(st.Err, st.LastError)
}

// linkResult names what is wrong with a stream that is not up. said is the error in words.
func linkResult(err error, said string) doctor.Result {
	seen, fix, found := strings.Cut(said, "; ")
	if !found {
		fix = "look at the XMPP server's log, and compare [xmpp] with its configuration"
	}
	id := "xmpp.link"
	switch {
	case errors.Is(err, component.ErrUnauthorized):
		id = "xmpp.secret"
	case errors.Is(err, component.ErrHostUnknown):
		id = "xmpp.component"
	case errors.Is(err, component.ErrConflict):
		id = "xmpp.conflict"
	case strings.Contains(said, "nothing accepts connections"), strings.Contains(said, "cannot be resolved"):
		id = "xmpp.port"
	case strings.Contains(said, "is a port for clients"), strings.Contains(said, "hung up during the handshake"), strings.Contains(said, "did not answer like"):
		id = "xmpp.protocol"
	}
	if seen == "" {
		seen = "not connected yet"
	}
	return doctor.Bad(id, fix, "%s", seen)
}

// answers asks a service who it is.
func (b desk) answers(ctx context.Context, host string) (stanza.Info, error) {
	ctx, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	res, err := b.xmpp.IQ(ctx, stanza.IQ("get", b.bare(), stanza.JID{Domain: host}, stanza.New(stanza.NSDiscoInfo, "query")))
	if err != nil {
		return stanza.Info{}, err
	}
	return stanza.ParseInfo(res), nil
}

func (b desk) checkDomains(ctx context.Context) doctor.Result {
	const id = "xmpp.domains"
	for _, domain := range b.cfg.Domains {
		if _, err := b.answers(ctx, domain); err != nil {
			return doctor.Bad(id, "name in [xmpp] domains what the XMPP server calls its hosts (VirtualHost in Prosody, hosts in ejabberd)", "%s does not answer: %v", domain, err)
		}
	}
	return doctor.Good(id, "%s answer", strings.Join(b.cfg.Domains, ", "))
}

func (b desk) checkPubSub(ctx context.Context) doctor.Result {
	const id = "xmpp.pubsub"
	if len(b.cfg.PubSub) == 0 {
		return doctor.Skipped(id, "no service is named in [xmpp] pubsub: communities cannot be enrolled")
	}
	for _, service := range b.cfg.PubSub {
		info, err := b.answers(ctx, service)
		if err != nil {
			return doctor.Bad(id, "take it out of [xmpp] pubsub, or load the pubsub component of the XMPP server for it", "%s does not answer: %v", service, err)
		}
		if !info.Has(stanza.NSPubSub) {
			return doctor.Bad(id, "name the pubsub service in [xmpp] pubsub, usually pubsub.DOMAIN", "%s answers, but is no pubsub service", service)
		}
	}
	return doctor.Good(id, "%s answer", strings.Join(b.cfg.PubSub, ", "))
}

func (b desk) checkPrivileges() doctor.Result {
	const id = "xmpp.privileges"
	var may, none []string
	for _, domain := range b.cfg.Domains {
		switch write, roster := b.xmpp.MayAct(domain, stanza.NSPubSub), b.xmpp.MayKeepRoster(domain); {
		case write && roster:
			may = append(may, domain+" (blogs and contact lists)")
		case write:
			may = append(may, domain+" (blogs)")
		case roster:
			may = append(may, domain+" (contact lists)")
		default:
			none = append(none, domain)
		}
	}
	if len(may) == 0 {
		return doctor.Good(id, "not given by %s, and not needed: “post”, “reply” and “roster” say that they cannot", strings.Join(none, ", "))
	}
	if len(none) > 0 {
		return doctor.Odd(id, "give the same to all domains, or to none", "given by %s, and not by %s", strings.Join(may, ", "), strings.Join(none, ", "))
	}
	return doctor.Good(id, "given by %s", strings.Join(may, ", "))
}

// checkSwallowed finds an ejabberd that drops what a privileged component asks of hosts
// that are not its own (xmpp-servers §0.3): there is no answer, not even an error.
func (b desk) checkSwallowed(ctx context.Context) doctor.Result {
	const id = "xmpp.swallowed"
	hosts := b.cfg.PubSub
	if len(hosts) == 0 {
		return doctor.Skipped(id, "no other service is known that could be asked")
	}
	_, err := b.answers(ctx, hosts[0])
	_, other := b.answers(ctx, b.cfg.Domains[0])
	if errors.Is(err, component.ErrTimeout) && (other == nil || errors.Is(other, component.ErrTimeout)) {
		return doctor.Bad(id, "in ejabberd, take mod_privilege out of the configuration (or take this gateway out of it), and use force_node_config as “gateway setup --print ejabberd” prints it",
			"%s never answers, and no error comes either: ejabberd with mod_privilege drops such questions", hosts[0])
	}
	return doctor.Good(id, "answers come back from %s", hosts[0])
}

// checkDelivery looks whether posts are told, or only found.
func (b desk) checkDelivery(ctx context.Context) doctor.Result {
	const id = "xmpp.delivery"
	silent, late := b.punctual.silent()
	if len(silent) == 0 {
		return doctor.Good(id, "%d notifications of posts since the start", b.punctual.heard())
	}
	who := fmt.Sprintf("%d blogs", len(silent))
	if blog, err := b.db.BlogByID(ctx, silent[0]); err == nil && len(silent) == 1 {
		who = blog.JID
	}
	return doctor.Odd(id, "in ejabberd, set force_node_config as “gateway setup --print ejabberd” prints it; elsewhere, let the blog's owner accept the gateway as a contact",
		"%d posts of %s were found by looking, and the XMPP server told of none: they go out up to %v late", late, who, b.cfg.Poll)
}

func (b desk) checkBlogs(ctx context.Context) doctor.Result {
	const id = "blogs"
	blogs, err := b.db.Blogs(ctx)
	if err != nil {
		return doctor.Bad(id, "see “gateway verify”", "%v", err)
	}
	var closed []string
	on, pending := 0, 0
	for _, blog := range blogs {
		switch Condition(blog) {
		case "on":
			on++
		case "pending":
			pending++
		case "refused":
			closed = append(closed, blog.JID+": "+Reason(blog, b.cfg))
		}
	}
	if len(closed) > 0 {
		return doctor.Odd(id, "their owners set the blog's access to “open” (Movim: configuration of the blog; Gajim: its node's access model)", "%d blogs are on, %d closed to strangers: %s", on, len(closed), clip(strings.Join(closed, "; "), 500))
	}
	return doctor.Good(id, "%d are on, %d have nothing that strangers can read yet", on, pending)
}

// checkComments looks at what became of the comments of the last week.
func (b desk) checkComments(ctx context.Context) doctor.Result {
	const id = "xmpp.comments"
	notes, err := b.db.RecentNotes(ctx, b.nowMS()-7*24*time.Hour.Milliseconds(), 200)
	if err != nil {
		return doctor.Bad(id, "see “gateway verify”", "%v", err)
	}
	stand, letters := 0, 0
	for _, n := range notes {
		switch {
		case n.Message != "":
			letters++
		case n.Shown == n.Hash:
			stand++
		}
	}
	switch {
	case letters > stand:
		return doctor.Odd(id, "the comments nodes have to be open for publishing (pubsub#publish_model = open): Movim and Libervia make them so; on Prosody, mod_pep needs a version that keeps that option",
			"of the last week's comments %d stand below their posts, and %d had to go to the blogger as messages", stand, letters)
	case len(notes) == 0:
		return doctor.Skipped(id, "no comment came from the Fediverse within a week")
	}
	return doctor.Good(id, "of the last week's comments %d stand below their posts, %d went to the blogger as messages", stand, letters)
}

func (b desk) checkAdmins() doctor.Result {
	const id = "admins"
	if len(b.cfg.Admins) == 0 && b.cfg.Contact == "" {
		return doctor.Odd(id, "name yourself in [admin] jids", "nobody is told of reports: there is neither an admin nor a contact")
	}
	return doctor.Good(id, "%d in [admin] jids, contact %q", len(b.cfg.Admins), b.cfg.Contact)
}

// inTime is a result that depends on how long something waits.
func inTime(id string, since, now int64, most time.Duration, fix, what string) doctor.Result {
	waits := time.Duration(now-since) * time.Millisecond
	if since == 0 || waits <= 0 {
		return doctor.Good(id, "no %s wait that could be dealt with", what)
	}
	if waits > most {
		return doctor.Odd(id, fix, "%s wait since %v", what, waits.Round(time.Second))
	}
	return doctor.Good(id, "the oldest of %s waits since %v", what, waits.Round(time.Second))
}

func (b desk) checkWork(ctx context.Context) ([]doctor.Result, error) {
	now := b.nowMS()
	c, err := b.db.Census(ctx, now)
	if err != nil {
		return nil, err
	}
	const stuck = "look at the log (journalctl -u isthmus) for errors that repeat, and at “gateway hosts”"
	out := []doctor.Result{
		inTime("queue.posts", c.Oldest.Fanout, now, time.Hour, stuck, "posts on their way"),
		inTime("queue.inboxes", c.OldestDue, now, 30*time.Minute, stuck, "inboxes that are to be tried again"),
		inTime("queue.activities", c.Oldest.Inbound, now, 30*time.Minute, stuck, "activities"),
		inTime("queue.jobs", c.Oldest.Job, now, 30*time.Minute, stuck, "jobs"),
	}
	hosts, err := b.db.AllHosts(ctx)
	if err != nil {
		return nil, err
	}
	var resting []string
	for _, h := range hosts {
		if h.OpenUntil > now {
			resting = append(resting, h.Host+" ("+clip(h.LastError, 80)+")")
		}
	}
	good := doctor.Good("hosts", "%d servers rest of %d with failures", len(resting), len(hosts))
	if len(resting) > 0 {
		good = doctor.Odd("hosts", "nothing, if those servers are down. If it is most of them, look at outbound.peer, clock and http.signature", "%d servers rest: %s", len(resting), clip(strings.Join(resting, ", "), 500))
	}
	out = append(out, good)
	if c.Reports > 0 {
		out = append(out, doctor.Odd("reports", "read them: gateway reports", "%d are open", c.Reports))
	} else {
		out = append(out, doctor.Good("reports", "none is open"))
	}
	return out, nil
}

// checkPeer tries a server elsewhere as the gateway would, and what it must not reach.
func (b desk) checkPeer(ctx context.Context, peer string) []doctor.Result {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out := []doctor.Result{b.checkGuard(ctx)}
	if peer == "" {
		peer = b.somePeer(ctx)
	}
	if peer == "" {
		out = append(out, doctor.Skipped("outbound.peer", "nobody follows yet: name a server with --peer social.example"))
	} else if at, err := b.client.Probe(ctx, peer); err != nil {
		out = append(out, doctor.Bad("outbound.peer", "look at DNS (resolvectl query "+peer+"), at the firewall for outgoing connections to port 443, and at the CA certificates of this machine (package ca-certificates)", "%s: %v", peer, err))
	} else {
		out = append(out, doctor.Good("outbound.peer", "%s answers in %v", peer, at.Round(time.Millisecond)))
	}
	if err := b.clockTrouble(); err != nil {
		return append(out, doctor.Bad("clock", "timedatectl set-ntp true, or install chrony", "%v", err))
	}
	return append(out, doctor.Good("clock", "no difference to other servers that matters (%v)", b.client.Skew().Round(time.Second)))
}

func (b desk) somePeer(ctx context.Context) string {
	hosts, err := b.db.SomeHosts(ctx, 1)
	if err != nil || len(hosts) == 0 {
		return ""
	}
	return hosts[0]
}

// checkGuard makes sure that strangers cannot make the gateway ask services of this machine.
func (b desk) checkGuard(ctx context.Context) doctor.Result {
	const id = "outbound.guard"
	if len(b.cfg.AllowPrivate) > 0 {
		return doctor.Odd(id, "empty [http] allow_private, unless this is a test", "strangers can make the gateway ask private addresses: [http] allow_private is %v", b.cfg.AllowPrivate)
	}
	for _, host := range []string{"127.0.0.1", "169.254.169.254", "[::1]"} {
		if _, err := b.client.Probe(ctx, host); err == nil {
			return doctor.Bad(id, "this is a bug: please report it", "%s could be asked", host)
		}
	}
	return doctor.Good(id, "private addresses are refused")
}

// TryLink connects for a moment, while no gateway runs, to see whether it could.
func TryLink(ctx context.Context, cfg Config) doctor.Result {
	err := component.Probe(ctx, component.Config{Domain: cfg.Component, Secret: cfg.Secret, Server: cfg.Server})
	if err != nil {
		return linkResult(err, err.Error())
	}
	return doctor.Good("xmpp.link", "%s takes %s with this secret", cfg.Server, cfg.Component)
}
