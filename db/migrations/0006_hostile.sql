-- Peers' public keys: an actor may have several (RSA for requests, Ed25519 for
-- proofs). fetched is when the key was last asked for.
create table peer_key (
	id      text   primary key,
	actor   text   not null,
	pem     text   not null,
	fetched bigint not null
);
create index peer_key_actor on peer_key (actor);
insert into peer_key (id, actor, pem, fetched)
	select key_id, min(actor), min(key_pem), min(key_fetched) from remote where key_id <> '' group by key_id;
drop index remote_key;
alter table remote drop column key_id;
alter table remote drop column key_pem;
alter table remote drop column key_fetched;

-- Keys of our own that were replaced. What was enqueued up to the activity that
-- told of the new key is still signed with the old one, until then.
create table old_key (
	id       integer primary key autoincrement,
	blog_id  bigint  not null,
	pem      text    not null,
	activity bigint  not null,
	until    bigint  not null
);
create index old_key_blog on old_key (blog_id, activity);

-- What the admin decided about servers and accounts elsewhere, with what Mastodon's
-- lists know besides. source is the address of the list that it came from, '' for a
-- decision of the admin's own.
alter table peer_rule add column reject_media boolean not null default false;
alter table peer_rule add column reject_reports boolean not null default false;
alter table peer_rule add column comment text not null default '';
alter table peer_rule add column source text not null default '';

-- Lists that are read every day. What they say and the admin has not decided about
-- waits as a draft.
create table rule_list (
	url     text   primary key,
	read_at bigint not null,
	error   text   not null,
	created bigint not null
);
create table rule_draft (
	subject        text    primary key,
	list           text    not null,
	level          text    not null,
	reject_media   boolean not null,
	reject_reports boolean not null,
	comment        text    not null,
	refused        boolean not null, -- the admin does not want it: it does not come again
	created        bigint  not null
);

-- What admins did.
create table audit (
	id      integer primary key autoincrement,
	at      bigint not null,
	who     text   not null,
	deed    text   not null,
	subject text   not null,
	detail  text   not null
);
