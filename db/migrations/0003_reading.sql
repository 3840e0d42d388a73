-- Reading: accounts elsewhere as XMPP readers see them, what stands in their
-- nodes, and who here follows them.

-- A note on the shelf was only read; one that answers or names somebody here is
-- not. read_at is when its replies were last asked for, doc the object as it came.
alter table note add column shelf   boolean not null default false;
alter table note add column read_at bigint  not null default 0;
alter table note add column doc     text    not null default '';

-- The picture is in media under its hash; the profile, which may be long, last.
create table account (
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
create index account_jid on account (jid) where jid <> '';
create index account_checked on account (checked, actor);
create index account_wanted on account (wanted, actor);
create index account_avatar on account (avatar_hash) where avatar_hash <> '';

-- What stands in an account's node: its own posts, and what it boosts. told is the
-- hash of the entry that readers were told of, quiet that they were told of none.
create table feed (
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
create index feed_time on feed (actor, published, id) where not gone;
create index feed_object on feed (object, id);
create index feed_activity on feed (activity, actor) where activity <> '';

create table following (
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
create index following_actor on following (actor, state, id);
create index following_blog on following (blog_id, id);
create index following_target on following (blog_id, host, inbox);

-- Subscriptions to other nodes than an account's posts.
create table subscription (
	service text   not null,
	node    text   not null,
	jid     text   not null,
	created bigint not null,
	primary key (service, node, jid)
);
create index subscription_jid on subscription (jid, service, node);

-- Long work that somebody asked for and can watch and end.
create table task (
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
create index task_blog on task (blog_id, state, id);
