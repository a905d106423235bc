-- What became of what staff wrote: how far it has come to the shopper's browser, and when each read mark moved. The time of the
-- newest mark alone (shopper_read_at) is read and written by nobody from here on; nodes of before still name it during a deploy.
-- What is copied is copied before anything is locked that chats wait for.
create table seen_marks (
    site_id         uuid not null,
    conversation_id uuid not null,
    upto            bigint not null,
    at              timestamptz not null,
    primary key (site_id, conversation_id, upto)
);

insert into seen_marks (site_id, conversation_id, upto, at)
select site_id, id, shopper_read, shopper_read_at from conversations where shopper_read_at is not null;

alter table seen_marks
    add foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade;
alter table conversations add column shopper_got bigint not null default 0;
