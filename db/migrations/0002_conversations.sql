-- Conversations: comments of ours under somebody's post, somebody's answers and
-- reactions to ours, and what an owner is to be told of them. Rows that leave a
-- tombstone are never deleted, so here too nothing needs a foreign key.

-- A comment lies on a comments node; on the blog's own node service and node
-- are ''.
alter table post add column service  text   not null default '';
alter table post add column node     text   not null default '';
alter table post add column reply_to text   not null default '';
alter table post add column thread   bigint not null default 0;

drop index post_item;
create unique index post_item on post (blog_id, service, node, item) where deleted = 0;
drop index post_node;
create index post_node on post (blog_id, seen, id) where deleted = 0 and on_node and service = '';
drop index post_alive;
create index post_alive on post (blog_id, id) where deleted = 0 and service = '';
create index post_place on post (service, node, item, id) where deleted = 0 and service <> '';
create index post_thread on post (thread, seen, id) where deleted = 0 and on_node and thread <> 0;
create index post_spoken on post (thread, blog_id, seen) where deleted = 0 and thread <> 0;
create index post_own on post (blog_id, published, id) where deleted = 0 and not home and object <> '' and reply_to = '';
create index post_reply on post (reply_to, id) where deleted = 0 and not home and object <> '' and reply_to <> '';

-- Inboxes besides those of followers that got a post; blog_id is the post's.
create table post_target (
	post_id bigint not null,
	blog_id bigint not null,
	host    text   not null,
	inbox   text   not null,
	primary key (post_id, inbox)
);
create index post_target_blog on post_target (blog_id, host, inbox);

create table thread (
	id         integer primary key autoincrement,
	post_id    bigint  not null,
	service    text    not null,
	node       text    not null,
	subscribed boolean not null,
	created    bigint  not null,
	unique (service, node)
);
create index thread_post on thread (post_id, id);
create index thread_young on thread (created, id);

-- Everybody's comments in a thread, for counting: one that is not federated is
-- nowhere else.
create table comment (
	thread bigint  not null,
	item   text    not null,
	author text    not null,
	heart  boolean not null,
	seen   bigint  not null,
	primary key (thread, item)
);
create index comment_text on comment (thread) where not heart;

-- The entry may be long: last, so that what is asked for is found before it.
create table note (
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
);
create index note_place on note (service, node, item, id) where service <> '';
create index note_item on note (item);
create index note_actor on note (actor, id) where deleted = 0;
create index note_thread on note (thread, id) where deleted = 0 and visibility in ('public', 'unlisted');
create index note_reply on note (reply_to, id) where deleted = 0 and visibility in ('public', 'unlisted');

create table reaction (
	id       integer primary key autoincrement,
	post_id  bigint  not null,
	actor    text    not null,
	kind     text    not null,
	content  text    not null,
	activity text    not null,
	created  bigint  not null,
	unique (post_id, actor, kind, content)
);
create index reaction_like on reaction (post_id, id) where kind <> 'announce';
create index reaction_share on reaction (post_id, id) where kind = 'announce';
create index reaction_actor on reaction (actor, activity, id);

create table mark (
	post_id bigint not null,
	actor   text   not null,
	shown   text   not null,
	hash    text   not null,
	service text   not null,
	node    text   not null,
	item    text   not null,
	primary key (post_id, actor)
);
create index mark_shown on mark (post_id, shown);
create index mark_place on mark (service, node, item) where service <> '';

create table deed (
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
create index deed_object on deed (object, id);
create index deed_token on deed (token);
create index deed_target on deed (blog_id, host, inbox) where inbox <> '';

-- What was undone before it came.
create table forestalled (
	key   text   primary key,
	until bigint not null
);
create index forestalled_until on forestalled (until);

create table news (
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
create index news_blog on news (blog_id, digest, id);
create index news_about on news (blog_id, kind, actor, post_id);

create table preference (
	blog_id bigint not null,
	key     text   not null,
	value   text   not null,
	primary key (blog_id, key)
);

-- A subject is an actor's id, or @ and a host.
create table mute (
	blog_id bigint not null,
	subject text   not null,
	primary key (blog_id, subject)
);

-- Whom a note was sent to as a message: they hear of its edits.
create table letter (
	note_id bigint not null,
	blog_id bigint not null,
	primary key (note_id, blog_id)
);
