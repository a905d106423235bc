-- Search: which words stand where. PostgreSQL's own full text (tsvector, GIN), no extension, so that the owner of the database
-- needs no more rights than before. The program takes texts apart (`src/search/words.rs`): PostgreSQL's parsers know no Chinese.
--
-- Nothing here rewrites or scans a table that is there: texts that are there already are taken apart in slices by a running node.

-- Of a conversation's log: messages, notes, answers before the chat, words beside a rating. Numbers and words only; whoever
-- reads a text reads it in the log, so that what is gone there is found no more, whatever still stands here.
create table search_said (
    site_id         uuid not null,
    conversation_id uuid not null,
    seq             bigint not null,
    at              timestamptz not null,
    words           tsvector not null,
    primary key (site_id, conversation_id, seq)
);
-- Little may wait beside an index: whoever searches reads through it.
create index search_said_words on search_said using gin (words) with (gin_pending_list_limit = 512);
create index search_said_by_time on search_said (at, conversation_id, seq);

-- Of people (id: the shopper) and tickets (id: the conversation).
create table search_known (
    site_id         uuid not null,
    what            text not null constraint search_known_what_known check (what in ('shopper', 'ticket')),
    id              uuid not null,
    at              timestamptz not null,
    words           tsvector not null,
    primary key (site_id, what, id)
);
create index search_known_words on search_known using gin (words) with (gin_pending_list_limit = 512);
create index search_known_by_time on search_known (what, at, id);

-- What is new, other or gone since it was last taken apart. Written in the transaction of the fact, removed in that of the
-- words: nothing is forgotten, in whatever order transactions end.
create table search_todo (
    what            text not null constraint search_todo_what_known check (what in ('said', 'shopper', 'ticket')),
    site_id         uuid not null,
    id              uuid not null,
    seq             bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- How far what was there before has been taken apart: from the end of each table's key to its beginning.
create table search_backfill (
    what            text primary key,
    site_id         uuid not null,
    id              uuid not null,
    seq             bigint not null,
    done_at         timestamptz
);
insert into search_backfill (what, site_id, id, seq)
    select what, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 9223372036854775807
    from unnest(array['said', 'shopper', 'ticket']) as what;

create function search_notes_events() returns trigger language plpgsql as $$
begin
    insert into search_todo (what, site_id, id, seq)
        select 'said', site_id, conversation_id, seq from touched where kind in ('message', 'note', 'opened', 'rated');
    return null;
end
$$;
create trigger events_are_searched after insert on events
    referencing new table as touched for each statement execute function search_notes_events();
create trigger events_are_found_no_more after delete on events
    referencing old table as touched for each statement execute function search_notes_events();

create function search_notes_change() returns trigger language plpgsql as $$
begin
    insert into search_todo (what, site_id, id, seq) values ('said', new.site_id, new.conversation_id, new.seq);
    return null;
end
$$;
create trigger events_change after update of body, data on events
    for each row when (old.body is distinct from new.body or old.data is distinct from new.data)
    execute function search_notes_change();

create function search_notes_shopper() returns trigger language plpgsql as $$
begin
    insert into search_todo (what, site_id, id, seq)
        values ('shopper', coalesce(new.site_id, old.site_id), coalesce(new.id, old.id), 0);
    return null;
end
$$;
create trigger shoppers_are_searched after insert on shoppers
    for each row when (new.name <> '' or new.email is not null or new.attributes <> '{}')
    execute function search_notes_shopper();
create trigger shoppers_change after update of name, email, external_id, attributes, context on shoppers
    for each row when ((old.name, old.email, old.external_id, old.attributes, old.context->'fields')
        is distinct from (new.name, new.email, new.external_id, new.attributes, new.context->'fields'))
    execute function search_notes_shopper();
create trigger shoppers_are_found_no_more after delete on shoppers
    for each row execute function search_notes_shopper();

create function search_notes_ticket() returns trigger language plpgsql as $$
begin
    insert into search_todo (what, site_id, id, seq)
        values ('ticket', coalesce(new.site_id, old.site_id), coalesce(new.conversation_id, old.conversation_id), 0);
    return null;
end
$$;
create trigger tickets_are_searched after insert or delete on tickets
    for each row execute function search_notes_ticket();
create trigger tickets_change after update of subject, email, name on tickets
    for each row when ((old.subject, old.email, old.name) is distinct from (new.subject, new.email, new.name))
    execute function search_notes_ticket();
