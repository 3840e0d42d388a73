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
