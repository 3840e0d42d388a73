-- When an item's present text came: seen stays the time of the first one.
alter table post add column heard bigint not null default 0;
