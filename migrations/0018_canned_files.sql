-- Files that go with a ready reply: each message that carries one carries a copy of its own.
alter table files
    drop constraint files_state_known,
    add constraint files_state_known check (state in ('arriving', 'ready', 'kept', 'attached', 'doomed'));

create table canned_files (
    canned_id   uuid not null references canned_replies (id) on delete cascade,
    file_id     uuid not null constraint canned_files_once unique,
    place       smallint not null,
    primary key (canned_id, file_id)
);

-- Whatever removes it from its reply dooms it; the sweep removes its bytes.
create function canned_files_go() returns trigger language plpgsql as $$
begin
    update files set state = 'doomed', since = now() where id = old.file_id and state = 'kept';
    return null;
end
$$;
create trigger canned_files_doomed after delete on canned_files
    for each row execute function canned_files_go();
