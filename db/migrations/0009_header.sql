-- Header picture of a blog: a web address, '' for none.
alter table blog add column banner_url text not null default '';
