-- Times are Unix milliseconds, 0 when never. Ids that order things never come
-- back (autoincrement). Blogs and activities are never deleted, so nothing needs
-- a foreign key to them; each would want an index that starts with its column.

create table blog (
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
-- One that is gone keeps its row for its tombstone; its owner may begin anew.
create unique index blog_handle on blog (handle) where state <> 'gone';
create unique index blog_node on blog (jid, node) where state <> 'gone';
create index blog_handle_all on blog (handle, id);
create index blog_node_all on blog (jid, node, id);
create index blog_avatar on blog (avatar_hash);
create index blog_enrolled on blog (enrolled_by);

-- blog_id 0 is the instance actor.
create table private_key (
	blog_id integer primary key,
	pem     text    not null
);

create table post (
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
);
-- An item that is published again after its deletion is a new post.
create unique index post_item on post (blog_id, item) where deleted = 0;
create index post_public on post (blog_id, published, id) where deleted = 0 and not home and object <> '';
create index post_node on post (blog_id, seen, id) where deleted = 0 and on_node;
create index post_alive on post (blog_id, id) where deleted = 0;

create table activity (
	id      integer primary key autoincrement,
	token   text    not null unique,
	blog_id bigint  not null,
	post_id bigint  not null,
	type    text    not null,
	body    text    not null,
	created bigint  not null
);

create table follower (
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
create index follower_handle on follower (blog_id, handle);
create index follower_state on follower (blog_id, state, id);
create index follower_audience on follower (blog_id, state, host, inbox, id);
create index follower_reached on follower (blog_id, host, inbox) where reached;
create index follower_actor on follower (actor);
create index follower_inbox on follower (inbox);

create table remote (
	actor        text    primary key,
	handle       text    not null,
	name         text    not null,
	type         text    not null,
	inbox        text    not null,
	shared_inbox text    not null,
	key_id       text    not null,
	key_pem      text    not null,
	key_fetched  bigint  not null,
	fetched      bigint  not null,
	gone         boolean not null
);
create index remote_handle on remote (handle);
create index remote_key on remote (key_id);

create table delivery (
	id          integer primary key autoincrement,
	blog_id     bigint  not null,
	activity    bigint  not null,
	lane        text    not null,
	scope       text    not null,
	urgent      boolean not null,
	audience    bigint  not null,
	after_host  text    not null,
	after_inbox text    not null,
	ahead       blob,             -- what is done beyond the cursor, in the engine's own words
	done        boolean not null, -- audience exhausted
	created     bigint  not null
);
create index delivery_open on delivery (id) where not done;
create index delivery_lane on delivery (lane, id) where not done;

create table retry (
	id       integer primary key autoincrement,
	delivery bigint  not null references delivery (id),
	blog_id  bigint  not null,
	lane     text    not null,
	host     text    not null,
	inbox    text    not null,
	due      bigint  not null,
	tries    bigint  not null,
	urgent   boolean not null,
	created  bigint  not null,
	unique (delivery, inbox)
);
create index retry_due on retry (urgent, due, id);
create index retry_host on retry (host, due);
create index retry_lane on retry (lane, inbox, delivery);
create index retry_created on retry (created);

create table host (
	host       text   primary key,
	failures   bigint not null,
	since      bigint not null,
	open_until bigint not null,
	last_error text   not null
);

create table inbox (
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
);
create index inbox_due on inbox (due, id) where not done;
create index inbox_actor on inbox (actor, id) where not done;
create index inbox_done on inbox (received) where done;

create table job (
	id    integer primary key autoincrement,
	kind  text    not null,
	key   text    not null,
	args  text    not null,
	due   bigint  not null,
	lease bigint  not null, -- running until then, 0 when not
	again boolean not null, -- added while it was running
	tries bigint  not null,
	note  text    not null,
	unique (kind, key)
);
create index job_due on job (due, id);

create table media (
	hash text primary key,
	type text not null,
	data blob not null
);

create table meta (
	key   text primary key,
	value text not null
);

create table notice (
	blog_id bigint not null,
	kind    text   not null,
	at      bigint not null,
	primary key (blog_id, kind)
);
