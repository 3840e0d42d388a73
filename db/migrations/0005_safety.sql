-- Safety: whom people and the admin keep away, and what is reported. A subject is
-- an actor's id, or @ and a host, as of mutes.

-- token is in the id of the Block that was sent, '' when none was.
create table block (
	blog_id bigint not null,
	subject text   not null,
	token   text   not null,
	created bigint not null,
	primary key (blog_id, subject)
);

-- Actors elsewhere that block somebody here.
create table blocker (
	blog_id  bigint not null,
	actor    text   not null,
	activity text   not null,
	primary key (blog_id, actor)
);
create index blocker_activity on blocker (actor, activity);

-- What the admin decided about accounts and servers elsewhere. level is block or
-- silence, name how people call it.
create table peer_rule (
	subject text   primary key,
	level   text   not null,
	name    text   not null,
	note    text   not null,
	created bigint not null
);

-- Whom of ours the admin suspended; jid is bare.
create table suspension (
	jid     text   primary key,
	note    text   not null,
	created bigint not null
);

-- A report: from elsewhere about something here, or the other way (outward).
-- reporter and about are actor ids or bare JIDs, objects are one on a line.
create table report (
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
create index report_state on report (state, id);

-- Accounts that ask in their profile not to be bridged.
create table opt_out (
	actor   text   primary key,
	created bigint not null
);
