-- Talking: direct messages of ours, who may write to whom, and what people chose.

-- What somebody chose who may have no blog; jid is bare.
create table setting (
	jid   text not null,
	key   text not null,
	value text not null,
	primary key (jid, key)
);

-- A message that somebody here wrote to a Fediverse account. jid is the address it
-- was written to, client the full one that it came from, stanza the id by which
-- that client knows it, latest that of its last correction.
create table direct (
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
create index direct_stanza on direct (blog_id, jid, stanza, id);
create index direct_latest on direct (blog_id, jid, latest, id);
create index direct_target on direct (blog_id, host, inbox);
create index direct_peer on direct (blog_id, peer, id);

-- What whom a message is to thinks of it.
create table direct_reaction (
	direct_id bigint not null,
	content   text   not null, -- an emoji, '' for a like
	activity  text   not null,
	primary key (direct_id, content)
);
create index direct_reaction_activity on direct_reaction (activity, direct_id);

-- The direct message that an activity is about: nobody may read it.
alter table activity add column direct_id bigint not null default 0;

-- How a Fediverse account and somebody here came to write to each other.
create table acquaintance (
	blog_id bigint not null,
	actor   text   not null,
	state   text   not null,
	created bigint not null,
	primary key (blog_id, actor)
);

-- Messages that wait for the word of whom they are to.
create table held (
	note_id bigint not null,
	blog_id bigint not null,
	actor   text   not null,
	primary key (blog_id, actor, note_id)
);
