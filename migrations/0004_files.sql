-- Files: what was uploaded, by whom, whether a message carries it, and how much of a shop's space is used.
--
-- A row comes before its bytes and goes after them, so that after a crash nothing is stored that no row knows of:
-- arriving (bytes are being written) → ready (may be sent) → attached (a message carries it) → doomed (its bytes are being removed).
create table files (
    site_id         uuid not null,
    id              uuid not null constraint files_id_unique unique,
    state           text not null constraint files_state_known check (state in ('arriving', 'ready', 'attached', 'doomed')),
    uploader        text not null constraint files_uploader_known check (uploader in ('shopper', 'agent')),
    uploader_id     uuid not null,
    -- As it is shown and saved: tidied, with an ending that fits the content. Never a path.
    name            text not null constraint files_name_length check (char_length(name) between 1 and 200),
    mime            text not null,
    size            bigint not null constraint files_size_positive check (size >= 0),
    -- Of a picture, which the server has drawn anew: its pixels, and how large its small copy is where there is one.
    width           integer,
    height          integer,
    thumb_size      bigint,
    conversation_id uuid,
    event_id        uuid,
    created_at      timestamptz not null,
    -- Since when it is as it is.
    since           timestamptz not null,
    primary key (site_id, id),
    constraint files_attached_somewhere check (state <> 'attached' or (conversation_id is not null and event_id is not null))
);
-- No foreign keys: a row outlives its conversation until its bytes are gone.
create index files_unsettled on files (since) where state <> 'attached';
create index files_by_conversation on files (site_id, conversation_id) where conversation_id is not null;
create index files_by_uploader on files (site_id, uploader_id, created_at);

-- What a shop's files take, in bytes: moved in the transactions that add and remove rows.
create table file_space (
    site_id uuid primary key,
    bytes   bigint not null constraint file_space_positive check (bytes >= 0)
);

-- Whatever deletes a conversation dooms its files; the sweep removes their bytes.
create function files_follow_their_conversation() returns trigger language plpgsql as $$
begin
    update files f set state = 'doomed', since = now() from gone
        where f.site_id = gone.site_id and f.conversation_id = gone.id and f.state <> 'doomed';
    return null;
end
$$;
create trigger conversations_doom_their_files after delete on conversations
    referencing old table as gone
    for each statement execute function files_follow_their_conversation();
