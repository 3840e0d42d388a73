CREATE TABLE schema_version (version bigint not null);
CREATE TABLE blog (
	id           integer primary key autoincrement,
	token        text    not null unique,
	kind         text    not null,
	jid          text    not null,
	node         text    not null,
	handle       text    not null,
	state        text    not null,
	gate         text    not null,
	reason       text    not null,
	enrolled_by  text    not null,
	approve      boolean not null,
	hide_network boolean not null,
	discoverable boolean not null,
	indexable    boolean not null,
	lang         text    not null,
	name         text    not null,
	note         text    not null,
	avatar_hash  text    not null,
	avatar_type  text    not null,
	avatar_url   text    not null,
	links        text    not null,
	created      bigint  not null,
	profile_at   bigint  not null,
	probed_at    bigint  not null,
	synced_at    bigint  not null
);
CREATE UNIQUE INDEX blog_handle on blog (handle) where state <> 'gone';
CREATE UNIQUE INDEX blog_node on blog (jid, node) where state <> 'gone';
CREATE INDEX blog_handle_all on blog (handle, id);
CREATE INDEX blog_node_all on blog (jid, node, id);
CREATE INDEX blog_avatar on blog (avatar_hash);
CREATE INDEX blog_enrolled on blog (enrolled_by);
CREATE TABLE private_key (
	blog_id integer primary key,
	pem     text    not null
);
CREATE TABLE post (
	id         integer primary key autoincrement,
	token      text    not null unique,
	blog_id    bigint  not null,
	item       text    not null,
	hash       text    not null,
	publisher  text    not null,
	source     text    not null,
	object     text    not null,
	home       boolean not null,
	on_node    boolean not null,
	published  bigint  not null,
	updated    bigint  not null,
	deleted    bigint  not null,
	seen       bigint  not null,
	create_tok text    not null
, service  text   not null default '', node     text   not null default '', reply_to text   not null default '', thread   bigint not null default 0, heard bigint not null default 0);
CREATE INDEX post_public on post (blog_id, published, id) where deleted = 0 and not home and object <> '';
CREATE TABLE activity (
	id      integer primary key autoincrement,
	token   text    not null unique,
	blog_id bigint  not null,
	post_id bigint  not null,
	type    text    not null,
	body    text    not null,
	created bigint  not null
, direct_id bigint not null default 0);
CREATE TABLE follower (
	id      integer primary key autoincrement,
	blog_id bigint  not null,
	actor   text    not null,
	handle  text    not null,
	inbox   text    not null,
	own     text    not null,
	host    text    not null,
	state   text    not null,
	follow  text    not null,
	body    text    not null,
	created bigint  not null,
	reached boolean not null, -- was accepted once
	unique (blog_id, actor)
);
CREATE INDEX follower_handle on follower (blog_id, handle);
CREATE INDEX follower_state on follower (blog_id, state, id);
CREATE INDEX follower_audience on follower (blog_id, state, host, inbox, id);
CREATE INDEX follower_reached on follower (blog_id, host, inbox) where reached;
CREATE INDEX follower_actor on follower (actor);
CREATE INDEX follower_inbox on follower (inbox);
CREATE TABLE remote (
	actor        text    primary key,
	handle       text    not null,
	name         text    not null,
	type         text    not null,
	inbox        text    not null,
	shared_inbox text    not null,
	fetched      bigint  not null,
	gone         boolean not null
);
CREATE INDEX remote_handle on remote (handle);
CREATE TABLE delivery (
	id          integer primary key autoincrement,
	blog_id     bigint  not null,
	activity    bigint  not null,
	lane        text    not null,
	scope       text    not null,
	urgent      boolean not null,
	audience    bigint  not null,
	done        boolean not null, -- audience exhausted
	created     bigint  not null
);
CREATE INDEX delivery_open on delivery (id) where not done;
CREATE INDEX delivery_lane on delivery (lane, id) where not done;
CREATE TABLE retry (
	id       integer primary key autoincrement,
	delivery bigint  not null references delivery (id),
	blog_id  bigint  not null,
	lane     text    not null,
	host     text    not null,
	inbox    text    not null,
	due      bigint  not null,
	tries    bigint  not null,
	urgent   boolean not null,
	created  bigint  not null, shard bigint not null default 0,
	unique (delivery, inbox)
);
CREATE INDEX retry_host on retry (host, due);
CREATE INDEX retry_lane on retry (lane, inbox, delivery);
CREATE TABLE host (
	host       text   primary key,
	failures   bigint not null,
	since      bigint not null,
	open_until bigint not null,
	last_error text   not null
);
CREATE TABLE inbox (
	id       integer primary key autoincrement,
	activity text    not null unique,
	actor    text    not null,
	type     text    not null,
	token    text    not null,
	body     text    not null,
	received bigint  not null,
	tries    bigint  not null,
	due      bigint  not null,
	done     boolean not null
, shard bigint not null default 0);
CREATE INDEX inbox_actor on inbox (actor, id) where not done;
CREATE INDEX inbox_done on inbox (received) where done;
CREATE TABLE job (
	id    integer primary key autoincrement,
	kind  text    not null,
	key   text    not null,
	args  text    not null,
	due   bigint  not null,
	lease bigint  not null, -- running until then, 0 when not
	again boolean not null, -- added while it was running
	tries bigint  not null,
	note  text    not null, anywhere boolean not null default false,
	unique (kind, key)
);
CREATE TABLE media (
	hash text primary key,
	type text not null,
	data blob not null
);
CREATE TABLE meta (
	key   text primary key,
	value text not null
);
CREATE TABLE notice (
	blog_id bigint not null,
	kind    text   not null,
	at      bigint not null,
	primary key (blog_id, kind)
);
CREATE UNIQUE INDEX post_item on post (blog_id, service, node, item) where deleted = 0;
CREATE INDEX post_node on post (blog_id, seen, id) where deleted = 0 and on_node and service = '';
CREATE INDEX post_alive on post (blog_id, id) where deleted = 0 and service = '';
CREATE INDEX post_place on post (service, node, item, id) where deleted = 0 and service <> '';
CREATE INDEX post_thread on post (thread, seen, id) where deleted = 0 and on_node and thread <> 0;
CREATE INDEX post_spoken on post (thread, blog_id, seen) where deleted = 0 and thread <> 0;
CREATE INDEX post_own on post (blog_id, published, id) where deleted = 0 and not home and object <> '' and reply_to = '';
CREATE INDEX post_reply on post (reply_to, id) where deleted = 0 and not home and object <> '' and reply_to <> '';
CREATE TABLE post_target (
	post_id bigint not null,
	blog_id bigint not null,
	host    text   not null,
	inbox   text   not null,
	primary key (post_id, inbox)
);
CREATE INDEX post_target_blog on post_target (blog_id, host, inbox);
CREATE TABLE thread (
	id         integer primary key autoincrement,
	post_id    bigint  not null,
	service    text    not null,
	node       text    not null,
	subscribed boolean not null,
	created    bigint  not null,
	unique (service, node)
);
CREATE INDEX thread_post on thread (post_id, id);
CREATE INDEX thread_young on thread (created, id);
CREATE TABLE comment (
	thread bigint  not null,
	item   text    not null,
	author text    not null,
	heart  boolean not null,
	seen   bigint  not null,
	primary key (thread, item)
);
CREATE INDEX comment_text on comment (thread) where not heart;
CREATE TABLE note (
	id         integer primary key autoincrement,
	object     text    not null unique,
	actor      text    not null,
	type       text    not null,
	url        text    not null,
	reply_to   text    not null,
	thread     bigint  not null,
	post_id    bigint  not null,
	blog_id    bigint  not null,
	visibility text    not null,
	hash       text    not null,
	shown      text    not null,
	service    text    not null,
	node       text    not null,
	item       text    not null,
	message    text    not null,
	published  bigint  not null,
	updated    bigint  not null,
	deleted    bigint  not null,
	seen       bigint  not null,
	entry      text    not null
, shelf   boolean not null default false, read_at bigint  not null default 0, doc     text    not null default '');
CREATE INDEX note_place on note (service, node, item, id) where service <> '';
CREATE INDEX note_item on note (item);
CREATE INDEX note_actor on note (actor, id) where deleted = 0;
CREATE INDEX note_thread on note (thread, id) where deleted = 0 and visibility in ('public', 'unlisted');
CREATE INDEX note_reply on note (reply_to, id) where deleted = 0 and visibility in ('public', 'unlisted');
CREATE TABLE reaction (
	id       integer primary key autoincrement,
	post_id  bigint  not null,
	actor    text    not null,
	kind     text    not null,
	content  text    not null,
	activity text    not null,
	created  bigint  not null,
	unique (post_id, actor, kind, content)
);
CREATE INDEX reaction_like on reaction (post_id, id) where kind <> 'announce';
CREATE INDEX reaction_share on reaction (post_id, id) where kind = 'announce';
CREATE INDEX reaction_actor on reaction (actor, activity, id);
CREATE TABLE mark (
	post_id bigint not null,
	actor   text   not null,
	shown   text   not null,
	hash    text   not null,
	service text   not null,
	node    text   not null,
	item    text   not null,
	primary key (post_id, actor)
);
CREATE INDEX mark_shown on mark (post_id, shown);
CREATE INDEX mark_place on mark (service, node, item) where service <> '';
CREATE TABLE deed (
	id      integer primary key autoincrement,
	blog_id bigint  not null,
	kind    text    not null,
	content text    not null,
	object  text    not null,
	service text    not null,
	node    text    not null,
	item    text    not null,
	token   text    not null,
	host    text    not null,
	inbox   text    not null,
	created bigint  not null,
	unique (service, node, item, kind, content)
);
CREATE INDEX deed_object on deed (object, id);
CREATE INDEX deed_token on deed (token);
CREATE INDEX deed_target on deed (blog_id, host, inbox) where inbox <> '';
CREATE TABLE forestalled (
	key   text   primary key,
	until bigint not null
);
CREATE INDEX forestalled_until on forestalled (until);
CREATE TABLE news (
	id      integer primary key autoincrement,
	blog_id bigint  not null,
	kind    text    not null,
	actor   text    not null,
	name    text    not null,
	post_id bigint  not null,
	url     text    not null,
	text    text    not null,
	digest  boolean not null,
	created bigint  not null
);
CREATE INDEX news_blog on news (blog_id, digest, id);
CREATE INDEX news_about on news (blog_id, kind, actor, post_id);
CREATE TABLE preference (
	blog_id bigint not null,
	key     text   not null,
	value   text   not null,
	primary key (blog_id, key)
);
CREATE TABLE mute (
	blog_id bigint not null,
	subject text   not null,
	primary key (blog_id, subject)
);
CREATE TABLE letter (
	note_id bigint not null,
	blog_id bigint not null,
	primary key (note_id, blog_id)
);
CREATE TABLE account (
	actor         text    primary key,
	jid           text    not null,
	outbox        text    not null,
	more          text    not null,
	total         bigint  not null,
	followers     bigint  not null,
	avatar_url    text    not null,
	avatar_hash   text    not null,
	avatar_type   text    not null,
	avatar_width  bigint  not null,
	avatar_height bigint  not null,
	avatar_bytes  bigint  not null,
	filled        bigint  not null,
	checked       bigint  not null,
	failing       bigint  not null,
	wanted        bigint  not null,
	moved         bigint  not null,
	profile       text    not null
);
CREATE INDEX account_jid on account (jid) where jid <> '';
CREATE INDEX account_checked on account (checked, actor);
CREATE INDEX account_wanted on account (wanted, actor);
CREATE INDEX account_avatar on account (avatar_hash) where avatar_hash <> '';
CREATE TABLE feed (
	id        integer primary key autoincrement,
	actor     text    not null,
	item      text    not null,
	object    text    not null,
	activity  text    not null,
	private   boolean not null,
	published bigint  not null,
	told      text    not null,
	quiet     boolean not null,
	gone      boolean not null,
	unique (actor, item)
);
CREATE INDEX feed_time on feed (actor, published, id) where not gone;
CREATE INDEX feed_object on feed (object, id);
CREATE INDEX feed_activity on feed (activity, actor) where activity <> '';
CREATE TABLE following (
	id       integer primary key autoincrement,
	blog_id  bigint  not null,
	actor    text    not null,
	state    text    not null,
	node     boolean not null, -- by a subscription to the node
	presence boolean not null, -- as a contact
	token    text    not null unique, -- in the id of the Follow
	host     text    not null,
	inbox    text    not null,
	created  bigint  not null,
	unique (blog_id, actor)
);
CREATE INDEX following_actor on following (actor, state, id);
CREATE INDEX following_blog on following (blog_id, id);
CREATE INDEX following_target on following (blog_id, host, inbox);
CREATE TABLE subscription (
	service text   not null,
	node    text   not null,
	jid     text   not null,
	created bigint not null,
	primary key (service, node, jid)
);
CREATE INDEX subscription_jid on subscription (jid, service, node);
CREATE TABLE task (
	id      integer primary key autoincrement,
	blog_id bigint  not null,
	kind    text    not null,
	args    text    not null,
	state   text    not null,
	done    bigint  not null,
	failed  bigint  not null,
	total   bigint  not null,
	created bigint  not null
);
CREATE INDEX task_blog on task (blog_id, state, id);
CREATE TABLE setting (
	jid   text not null,
	key   text not null,
	value text not null,
	primary key (jid, key)
);
CREATE TABLE direct (
	id       integer primary key autoincrement,
	token    text    not null unique, -- in the id of its Note
	blog_id  bigint  not null,
	peer     text    not null,
	host     text    not null, -- of the inbox
	inbox    text    not null,
	jid      text    not null,
	client   text    not null,
	stanza   text    not null,
	latest   text    not null,
	reply_to text    not null,
	context  text    not null,
	state    text    not null,
	receipt  boolean not null,
	created  bigint  not null,
	updated  bigint  not null,
	deleted  bigint  not null,
	object   text    not null
);
CREATE INDEX direct_stanza on direct (blog_id, jid, stanza, id);
CREATE INDEX direct_latest on direct (blog_id, jid, latest, id);
CREATE INDEX direct_target on direct (blog_id, host, inbox);
CREATE INDEX direct_peer on direct (blog_id, peer, id);
CREATE TABLE direct_reaction (
	direct_id bigint not null,
	content   text   not null, -- an emoji, '' for a like
	activity  text   not null,
	primary key (direct_id, content)
);
CREATE INDEX direct_reaction_activity on direct_reaction (activity, direct_id);
CREATE TABLE acquaintance (
	blog_id bigint not null,
	actor   text   not null,
	state   text   not null,
	created bigint not null,
	primary key (blog_id, actor)
);
CREATE TABLE held (
	note_id bigint not null,
	blog_id bigint not null,
	actor   text   not null,
	primary key (blog_id, actor, note_id)
);
CREATE TABLE block (
	blog_id bigint not null,
	subject text   not null,
	token   text   not null,
	created bigint not null,
	primary key (blog_id, subject)
);
CREATE TABLE blocker (
	blog_id  bigint not null,
	actor    text   not null,
	activity text   not null,
	primary key (blog_id, actor)
);
CREATE INDEX blocker_activity on blocker (actor, activity);
CREATE TABLE peer_rule (
	subject text   primary key,
	level   text   not null,
	name    text   not null,
	note    text   not null,
	created bigint not null
, reject_media boolean not null default false, reject_reports boolean not null default false, comment text not null default '', source text not null default '');
CREATE TABLE suspension (
	jid     text   primary key,
	note    text   not null,
	created bigint not null
);
CREATE TABLE report (
	id       integer primary key autoincrement,
	activity text    not null unique,
	outward  boolean not null,
	reporter text    not null,
	about    text    not null,
	objects  text    not null,
	content  text    not null,
	state    text    not null,
	note     text    not null,
	created  bigint  not null
);
CREATE INDEX report_state on report (state, id);
CREATE TABLE opt_out (
	actor   text   primary key,
	created bigint not null
);
CREATE TABLE peer_key (
	id      text   primary key,
	actor   text   not null,
	pem     text   not null,
	fetched bigint not null
);
CREATE INDEX peer_key_actor on peer_key (actor);
CREATE TABLE old_key (
	id       integer primary key autoincrement,
	blog_id  bigint  not null,
	pem      text    not null,
	activity bigint  not null,
	until    bigint  not null
);
CREATE INDEX old_key_blog on old_key (blog_id, activity);
CREATE TABLE rule_list (
	url     text   primary key,
	read_at bigint not null,
	error   text   not null,
	created bigint not null
);
CREATE TABLE rule_draft (
	subject        text    primary key,
	list           text    not null,
	level          text    not null,
	reject_media   boolean not null,
	reject_reports boolean not null,
	comment        text    not null,
	refused        boolean not null, -- the admin does not want it: it does not come again
	created        bigint  not null
);
CREATE TABLE audit (
	id      integer primary key autoincrement,
	at      bigint not null,
	who     text   not null,
	deed    text   not null,
	subject text   not null,
	detail  text   not null
);
CREATE TABLE progress (
	delivery    bigint  not null references delivery (id) on delete cascade,
	shard       bigint  not null,
	after_host  text    not null,
	after_inbox text    not null,
	ahead       blob,             -- what is done beyond the cursor, in the engine's own words
	done        boolean not null, -- audience exhausted
	primary key (delivery, shard)
);
CREATE INDEX retry_due on retry (shard, urgent, due, id);
CREATE INDEX retry_created on retry (shard, created);
CREATE INDEX inbox_due on inbox (shard, due, id) where not done;
CREATE INDEX job_due on job (anywhere, due, id);
CREATE TABLE relay (
	id      integer primary key autoincrement,
	process text    not null,
	stanza  text    not null,
	answer  text    not null,
	until   bigint  not null
);
CREATE INDEX relay_open on relay (id) where answer = '';
CREATE TABLE process (
	id      text   primary key,
	roles   text   not null,
	serves  text   not null,
	host    text   not null,
	version text   not null,
	started bigint not null,
	until   bigint not null
);
CREATE TABLE lease (
	name    text   primary key,
	process text   not null,
	until   bigint not null
);
insert into schema_version (version) values (8);
insert into blog (id, token, kind, jid, node, handle, state, gate, reason, enrolled_by, approve, hide_network, discoverable, indexable, lang, name, note, avatar_hash, avatar_type, avatar_url, links, created, profile_at, probed_at, synced_at) values (1, 'blog token 1', 'blog kind 1', 'blog jid 1', 'blog node 1', 'blog handle 1', 'blog state 1', 'blog gate 1', 'blog reason 1', 'blog enrolled_by 1', 1, 1, 1, 1, 'blog lang 1', 'blog name 1', 'blog note 1', 'blog avatar_hash 1', 'blog avatar_type 1', 'blog avatar_url 1', 'blog links 1', 1, 1, 1, 1);
insert into blog (id, token, kind, jid, node, handle, state, gate, reason, enrolled_by, approve, hide_network, discoverable, indexable, lang, name, note, avatar_hash, avatar_type, avatar_url, links, created, profile_at, probed_at, synced_at) values (2, 'blog token 2', 'blog kind 2', 'blog jid 2', 'blog node 2', 'blog handle 2', 'blog state 2', 'blog gate 2', 'blog reason 2', 'blog enrolled_by 2', 0, 0, 0, 0, 'blog lang 2', 'blog name 2', 'blog note 2', 'blog avatar_hash 2', 'blog avatar_type 2', 'blog avatar_url 2', 'blog links 2', 2, 2, 2, 2);
insert into private_key (blog_id, pem) values (1, 'private_key pem 1');
insert into private_key (blog_id, pem) values (2, 'private_key pem 2');
insert into post (id, token, blog_id, item, hash, publisher, source, object, home, on_node, published, updated, deleted, seen, create_tok, service, node, reply_to, thread, heard) values (1, 'post token 1', 1, 'post item 1', 'post hash 1', 'post publisher 1', 'post source 1', 'post object 1', 1, 1, 1, 1, 0, 1, 'post create_tok 1', 'post service 1', 'post node 1', 'post reply_to 1', 1, 1);
insert into post (id, token, blog_id, item, hash, publisher, source, object, home, on_node, published, updated, deleted, seen, create_tok, service, node, reply_to, thread, heard) values (2, 'post token 2', 2, 'post item 2', 'post hash 2', 'post publisher 2', 'post source 2', 'post object 2', 0, 0, 2, 2, 1, 2, 'post create_tok 2', 'post service 2', 'post node 2', 'post reply_to 2', 2, 2);
insert into activity (id, token, blog_id, post_id, type, body, created, direct_id) values (1, 'activity token 1', 1, 1, 'activity type 1', 'activity body 1', 1, 1);
insert into activity (id, token, blog_id, post_id, type, body, created, direct_id) values (2, 'activity token 2', 2, 2, 'activity type 2', 'activity body 2', 2, 2);
insert into follower (id, blog_id, actor, handle, inbox, own, host, state, follow, body, created, reached) values (1, 1, 'follower actor 1', 'follower handle 1', 'follower inbox 1', 'follower own 1', 'follower host 1', 'follower state 1', 'follower follow 1', 'follower body 1', 1, 1);
insert into follower (id, blog_id, actor, handle, inbox, own, host, state, follow, body, created, reached) values (2, 2, 'follower actor 2', 'follower handle 2', 'follower inbox 2', 'follower own 2', 'follower host 2', 'follower state 2', 'follower follow 2', 'follower body 2', 2, 0);
insert into remote (actor, handle, name, type, inbox, shared_inbox, fetched, gone) values ('remote actor 1', 'remote handle 1', 'remote name 1', 'remote type 1', 'remote inbox 1', 'remote shared_inbox 1', 1, 1);
insert into remote (actor, handle, name, type, inbox, shared_inbox, fetched, gone) values ('remote actor 2', 'remote handle 2', 'remote name 2', 'remote type 2', 'remote inbox 2', 'remote shared_inbox 2', 2, 0);
insert into delivery (id, blog_id, activity, lane, scope, urgent, audience, done, created) values (1, 1, 1, 'delivery lane 1', 'delivery scope 1', 1, 1, 1, 1);
insert into delivery (id, blog_id, activity, lane, scope, urgent, audience, done, created) values (2, 2, 2, 'delivery lane 2', 'delivery scope 2', 0, 2, 0, 2);
insert into retry (id, delivery, blog_id, lane, host, inbox, due, tries, urgent, created, shard) values (1, 1, 1, 'retry lane 1', 'retry host 1', 'retry inbox 1', 1, 1, 1, 1, 1);
insert into retry (id, delivery, blog_id, lane, host, inbox, due, tries, urgent, created, shard) values (2, 2, 2, 'retry lane 2', 'retry host 2', 'retry inbox 2', 2, 2, 0, 2, 2);
insert into host (host, failures, since, open_until, last_error) values ('host host 1', 1, 1, 1, 'host last_error 1');
insert into host (host, failures, since, open_until, last_error) values ('host host 2', 2, 2, 2, 'host last_error 2');
insert into inbox (id, activity, actor, type, token, body, received, tries, due, done, shard) values (1, 'inbox activity 1', 'inbox actor 1', 'inbox type 1', 'inbox token 1', 'inbox body 1', 1, 1, 1, 1, 1);
insert into inbox (id, activity, actor, type, token, body, received, tries, due, done, shard) values (2, 'inbox activity 2', 'inbox actor 2', 'inbox type 2', 'inbox token 2', 'inbox body 2', 2, 2, 2, 0, 2);
insert into job (id, kind, key, args, due, lease, again, tries, note, anywhere) values (1, 'job kind 1', 'job key 1', 'job args 1', 1, 1, 1, 1, 'job note 1', 1);
insert into job (id, kind, key, args, due, lease, again, tries, note, anywhere) values (2, 'job kind 2', 'job key 2', 'job args 2', 2, 2, 0, 2, 'job note 2', 0);
insert into media (hash, type, data) values ('media hash 1', 'media type 1', x'01');
insert into media (hash, type, data) values ('media hash 2', 'media type 2', x'02');
insert into meta (key, value) values ('meta key 1', 'meta value 1');
insert into meta (key, value) values ('meta key 2', 'meta value 2');
insert into notice (blog_id, kind, at) values (1, 'notice kind 1', 1);
insert into notice (blog_id, kind, at) values (2, 'notice kind 2', 2);
insert into post_target (post_id, blog_id, host, inbox) values (1, 1, 'post_target host 1', 'post_target inbox 1');
insert into post_target (post_id, blog_id, host, inbox) values (2, 2, 'post_target host 2', 'post_target inbox 2');
insert into thread (id, post_id, service, node, subscribed, created) values (1, 1, 'thread service 1', 'thread node 1', 1, 1);
insert into thread (id, post_id, service, node, subscribed, created) values (2, 2, 'thread service 2', 'thread node 2', 0, 2);
insert into comment (thread, item, author, heart, seen) values (1, 'comment item 1', 'comment author 1', 1, 1);
insert into comment (thread, item, author, heart, seen) values (2, 'comment item 2', 'comment author 2', 0, 2);
insert into note (id, object, actor, type, url, reply_to, thread, post_id, blog_id, visibility, hash, shown, service, node, item, message, published, updated, deleted, seen, entry, shelf, read_at, doc) values (1, 'note object 1', 'note actor 1', 'note type 1', 'note url 1', 'note reply_to 1', 1, 1, 1, 'note visibility 1', 'note hash 1', 'note shown 1', 'note service 1', 'note node 1', 'note item 1', 'note message 1', 1, 1, 1, 1, 'note entry 1', 1, 1, 'note doc 1');
insert into note (id, object, actor, type, url, reply_to, thread, post_id, blog_id, visibility, hash, shown, service, node, item, message, published, updated, deleted, seen, entry, shelf, read_at, doc) values (2, 'note object 2', 'note actor 2', 'note type 2', 'note url 2', 'note reply_to 2', 2, 2, 2, 'note visibility 2', 'note hash 2', 'note shown 2', 'note service 2', 'note node 2', 'note item 2', 'note message 2', 2, 2, 2, 2, 'note entry 2', 0, 2, 'note doc 2');
insert into reaction (id, post_id, actor, kind, content, activity, created) values (1, 1, 'reaction actor 1', 'reaction kind 1', 'reaction content 1', 'reaction activity 1', 1);
insert into reaction (id, post_id, actor, kind, content, activity, created) values (2, 2, 'reaction actor 2', 'reaction kind 2', 'reaction content 2', 'reaction activity 2', 2);
insert into mark (post_id, actor, shown, hash, service, node, item) values (1, 'mark actor 1', 'mark shown 1', 'mark hash 1', 'mark service 1', 'mark node 1', 'mark item 1');
insert into mark (post_id, actor, shown, hash, service, node, item) values (2, 'mark actor 2', 'mark shown 2', 'mark hash 2', 'mark service 2', 'mark node 2', 'mark item 2');
insert into deed (id, blog_id, kind, content, object, service, node, item, token, host, inbox, created) values (1, 1, 'deed kind 1', 'deed content 1', 'deed object 1', 'deed service 1', 'deed node 1', 'deed item 1', 'deed token 1', 'deed host 1', 'deed inbox 1', 1);
insert into deed (id, blog_id, kind, content, object, service, node, item, token, host, inbox, created) values (2, 2, 'deed kind 2', 'deed content 2', 'deed object 2', 'deed service 2', 'deed node 2', 'deed item 2', 'deed token 2', 'deed host 2', 'deed inbox 2', 2);
insert into forestalled (key, until) values ('forestalled key 1', 1);
insert into forestalled (key, until) values ('forestalled key 2', 2);
insert into news (id, blog_id, kind, actor, name, post_id, url, text, digest, created) values (1, 1, 'news kind 1', 'news actor 1', 'news name 1', 1, 'news url 1', 'news text 1', 1, 1);
insert into news (id, blog_id, kind, actor, name, post_id, url, text, digest, created) values (2, 2, 'news kind 2', 'news actor 2', 'news name 2', 2, 'news url 2', 'news text 2', 0, 2);
insert into preference (blog_id, key, value) values (1, 'preference key 1', 'preference value 1');
insert into preference (blog_id, key, value) values (2, 'preference key 2', 'preference value 2');
insert into mute (blog_id, subject) values (1, 'mute subject 1');
insert into mute (blog_id, subject) values (2, 'mute subject 2');
insert into letter (note_id, blog_id) values (1, 1);
insert into letter (note_id, blog_id) values (2, 2);
insert into account (actor, jid, outbox, more, total, followers, avatar_url, avatar_hash, avatar_type, avatar_width, avatar_height, avatar_bytes, filled, checked, failing, wanted, moved, profile) values ('account actor 1', 'account jid 1', 'account outbox 1', 'account more 1', 1, 1, 'account avatar_url 1', 'account avatar_hash 1', 'account avatar_type 1', 1, 1, 1, 1, 1, 1, 1, 1, 'account profile 1');
insert into account (actor, jid, outbox, more, total, followers, avatar_url, avatar_hash, avatar_type, avatar_width, avatar_height, avatar_bytes, filled, checked, failing, wanted, moved, profile) values ('account actor 2', 'account jid 2', 'account outbox 2', 'account more 2', 2, 2, 'account avatar_url 2', 'account avatar_hash 2', 'account avatar_type 2', 2, 2, 2, 2, 2, 2, 2, 2, 'account profile 2');
insert into feed (id, actor, item, object, activity, private, published, told, quiet, gone) values (1, 'feed actor 1', 'feed item 1', 'feed object 1', 'feed activity 1', 1, 1, 'feed told 1', 1, 1);
insert into feed (id, actor, item, object, activity, private, published, told, quiet, gone) values (2, 'feed actor 2', 'feed item 2', 'feed object 2', 'feed activity 2', 0, 2, 'feed told 2', 0, 0);
insert into following (id, blog_id, actor, state, node, presence, token, host, inbox, created) values (1, 1, 'following actor 1', 'following state 1', 1, 1, 'following token 1', 'following host 1', 'following inbox 1', 1);
insert into following (id, blog_id, actor, state, node, presence, token, host, inbox, created) values (2, 2, 'following actor 2', 'following state 2', 0, 0, 'following token 2', 'following host 2', 'following inbox 2', 2);
insert into subscription (service, node, jid, created) values ('subscription service 1', 'subscription node 1', 'subscription jid 1', 1);
insert into subscription (service, node, jid, created) values ('subscription service 2', 'subscription node 2', 'subscription jid 2', 2);
insert into task (id, blog_id, kind, args, state, done, failed, total, created) values (1, 1, 'task kind 1', 'task args 1', 'task state 1', 1, 1, 1, 1);
insert into task (id, blog_id, kind, args, state, done, failed, total, created) values (2, 2, 'task kind 2', 'task args 2', 'task state 2', 2, 2, 2, 2);
insert into setting (jid, key, value) values ('setting jid 1', 'setting key 1', 'setting value 1');
insert into setting (jid, key, value) values ('setting jid 2', 'setting key 2', 'setting value 2');
insert into direct (id, token, blog_id, peer, host, inbox, jid, client, stanza, latest, reply_to, context, state, receipt, created, updated, deleted, object) values (1, 'direct token 1', 1, 'direct peer 1', 'direct host 1', 'direct inbox 1', 'direct jid 1', 'direct client 1', 'direct stanza 1', 'direct latest 1', 'direct reply_to 1', 'direct context 1', 'direct state 1', 1, 1, 1, 1, 'direct object 1');
insert into direct (id, token, blog_id, peer, host, inbox, jid, client, stanza, latest, reply_to, context, state, receipt, created, updated, deleted, object) values (2, 'direct token 2', 2, 'direct peer 2', 'direct host 2', 'direct inbox 2', 'direct jid 2', 'direct client 2', 'direct stanza 2', 'direct latest 2', 'direct reply_to 2', 'direct context 2', 'direct state 2', 0, 2, 2, 2, 'direct object 2');
insert into direct_reaction (direct_id, content, activity) values (1, 'direct_reaction content 1', 'direct_reaction activity 1');
insert into direct_reaction (direct_id, content, activity) values (2, 'direct_reaction content 2', 'direct_reaction activity 2');
insert into acquaintance (blog_id, actor, state, created) values (1, 'acquaintance actor 1', 'acquaintance state 1', 1);
insert into acquaintance (blog_id, actor, state, created) values (2, 'acquaintance actor 2', 'acquaintance state 2', 2);
insert into held (note_id, blog_id, actor) values (1, 1, 'held actor 1');
insert into held (note_id, blog_id, actor) values (2, 2, 'held actor 2');
insert into block (blog_id, subject, token, created) values (1, 'block subject 1', 'block token 1', 1);
insert into block (blog_id, subject, token, created) values (2, 'block subject 2', 'block token 2', 2);
insert into blocker (blog_id, actor, activity) values (1, 'blocker actor 1', 'blocker activity 1');
insert into blocker (blog_id, actor, activity) values (2, 'blocker actor 2', 'blocker activity 2');
insert into peer_rule (subject, level, name, note, created, reject_media, reject_reports, comment, source) values ('peer_rule subject 1', 'peer_rule level 1', 'peer_rule name 1', 'peer_rule note 1', 1, 1, 1, 'peer_rule comment 1', 'peer_rule source 1');
insert into peer_rule (subject, level, name, note, created, reject_media, reject_reports, comment, source) values ('peer_rule subject 2', 'peer_rule level 2', 'peer_rule name 2', 'peer_rule note 2', 2, 0, 0, 'peer_rule comment 2', 'peer_rule source 2');
insert into suspension (jid, note, created) values ('suspension jid 1', 'suspension note 1', 1);
insert into suspension (jid, note, created) values ('suspension jid 2', 'suspension note 2', 2);
insert into report (id, activity, outward, reporter, about, objects, content, state, note, created) values (1, 'report activity 1', 1, 'report reporter 1', 'report about 1', 'report objects 1', 'report content 1', 'report state 1', 'report note 1', 1);
insert into report (id, activity, outward, reporter, about, objects, content, state, note, created) values (2, 'report activity 2', 0, 'report reporter 2', 'report about 2', 'report objects 2', 'report content 2', 'report state 2', 'report note 2', 2);
insert into opt_out (actor, created) values ('opt_out actor 1', 1);
insert into opt_out (actor, created) values ('opt_out actor 2', 2);
insert into peer_key (id, actor, pem, fetched) values ('peer_key id 1', 'peer_key actor 1', 'peer_key pem 1', 1);
insert into peer_key (id, actor, pem, fetched) values ('peer_key id 2', 'peer_key actor 2', 'peer_key pem 2', 2);
insert into old_key (id, blog_id, pem, activity, until) values (1, 1, 'old_key pem 1', 1, 1);
insert into old_key (id, blog_id, pem, activity, until) values (2, 2, 'old_key pem 2', 2, 2);
insert into rule_list (url, read_at, error, created) values ('rule_list url 1', 1, 'rule_list error 1', 1);
insert into rule_list (url, read_at, error, created) values ('rule_list url 2', 2, 'rule_list error 2', 2);
insert into rule_draft (subject, list, level, reject_media, reject_reports, comment, refused, created) values ('rule_draft subject 1', 'rule_draft list 1', 'rule_draft level 1', 1, 1, 'rule_draft comment 1', 1, 1);
insert into rule_draft (subject, list, level, reject_media, reject_reports, comment, refused, created) values ('rule_draft subject 2', 'rule_draft list 2', 'rule_draft level 2', 0, 0, 'rule_draft comment 2', 0, 2);
insert into audit (id, at, who, deed, subject, detail) values (1, 1, 'audit who 1', 'audit deed 1', 'audit subject 1', 'audit detail 1');
insert into audit (id, at, who, deed, subject, detail) values (2, 2, 'audit who 2', 'audit deed 2', 'audit subject 2', 'audit detail 2');
insert into progress (delivery, shard, after_host, after_inbox, ahead, done) values (1, 1, 'progress after_host 1', 'progress after_inbox 1', x'01', 1);
insert into progress (delivery, shard, after_host, after_inbox, ahead, done) values (2, 2, 'progress after_host 2', 'progress after_inbox 2', x'02', 0);
insert into relay (id, process, stanza, answer, until) values (1, 'relay process 1', 'relay stanza 1', 'relay answer 1', 1);
insert into relay (id, process, stanza, answer, until) values (2, 'relay process 2', 'relay stanza 2', 'relay answer 2', 2);
insert into process (id, roles, serves, host, version, started, until) values ('process id 1', 'process roles 1', 'process serves 1', 'process host 1', 'process version 1', 1, 1);
insert into process (id, roles, serves, host, version, started, until) values ('process id 2', 'process roles 2', 'process serves 2', 'process host 2', 'process version 2', 2, 2);
insert into lease (name, process, until) values ('lease name 1', 'lease process 1', 1);
insert into lease (name, process, until) values ('lease name 2', 'lease process 2', 2);
