-- More than one process. What goes to a host, and what an actor sends, belongs to a
-- shard: one process works on a shard at a time, so that each shard has its own
-- cursors. A file is one shard, 0.

-- How far a delivery has come in each shard; no row means that it has not begun there.
create table progress (
	delivery    bigint  not null references delivery (id) on delete cascade,
	shard       bigint  not null,
	after_host  text    not null,
	after_inbox text    not null,
	ahead       blob,             -- what is done beyond the cursor, in the engine's own words
	done        boolean not null, -- audience exhausted
	primary key (delivery, shard)
);
insert into progress (delivery, shard, after_host, after_inbox, ahead, done)
	select d.id, s.n, d.after_host, d.after_inbox, d.ahead, false from delivery d,
	(select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7) s
	where not d.done;
alter table delivery drop column after_host;
alter table delivery drop column after_inbox;
alter table delivery drop column ahead;

alter table retry add column shard bigint not null default 0;
drop index retry_due;
create index retry_due on retry (shard, urgent, due, id);
drop index retry_created;
create index retry_created on retry (shard, created);

alter table inbox add column shard bigint not null default 0;
drop index inbox_due;
create index inbox_due on inbox (shard, due, id) where not done;

-- Jobs that need no XMPP stream run in any process.
alter table job add column anywhere boolean not null default false;
update job set anywhere = true where kind in ('rotate', 'rules', 'lists', 'replies', 'fill', 'refresh', 'forget', 'inbox-gone', 'inbox-missing');
drop index job_due;
create index job_due on job (anywhere, due, id);

-- Stanzas for the process that has the XMPP stream. process is who waits for an
-- answer, '' when nobody does.
create table relay (
	id      integer primary key autoincrement,
	process text    not null,
	stanza  text    not null,
	answer  text    not null,
	until   bigint  not null
);
create index relay_open on relay (id) where answer = '';

-- The processes, and what each has for itself. until is by the server's clock.
create table process (
	id      text   primary key,
	roles   text   not null,
	serves  text   not null,
	host    text   not null,
	version text   not null,
	started bigint not null,
	until   bigint not null
);
create table lease (
	name    text   primary key,
	process text   not null,
	until   bigint not null
);
