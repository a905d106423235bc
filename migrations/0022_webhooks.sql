-- Webhooks: addresses of other programs that are told what happens in a shop's chats and tickets. What is to be sent is written by
-- the statement that writes the event, and refers to it: the text is read from the log when it is sent.

create table webhooks (
    site_id         uuid not null references sites (id) on delete cascade,
    id              uuid not null constraint webhooks_id_unique unique,
    url             text not null constraint webhooks_url_length check (char_length(url) <= 2048),
    -- Without what it asks for, which may be a key.
    place           text generated always as (split_part(url, '?', 1)) stored,
    -- The secret that signs, sealed with a key from SECRET_KEY and bound to this row. Its edition counts how often it was made.
    sealed          bytea not null,
    edition         integer not null default 1,
    -- The one before signs beside it for a while.
    sealed_before   bytea,
    before_until    timestamptz,
    -- Kinds of events.
    events          text[] not null,
    created_at      timestamptz not null,
    off_at          timestamptz,
    off_by          text constraint webhooks_off_by_known check (off_by in ('admin', 'gone')),
    failures        integer not null default 0,
    failing_since   timestamptz,
    next_at         timestamptz,
    answer          text,
    succeeded_at    timestamptz,
    claimed_until   timestamptz,
    primary key (site_id, id),
    constraint webhooks_off_says_by_whom check ((off_at is null) = (off_by is null))
) with (fillfactor = 60);

-- No foreign keys: whoever writes an event must not wait for somebody who changes or removes a webhook, and it holds its
-- conversation's row lock already. What the keys would remove is removed below.
create table webhook_deliveries (
    -- Grows within a conversation as its events do: the row lock is held when it is given.
    n               bigint generated always as identity primary key,
    site_id         uuid not null,
    webhook_id      uuid not null,
    conversation_id uuid not null,
    seq             bigint not null,
    -- What receivers know it by, however often it is sent.
    event_id        uuid not null,
    kind            text not null,
    state           text not null default 'waiting' constraint webhook_deliveries_state_known check (state in ('waiting', 'sent', 'dead')),
    attempts        integer not null default 0,
    waiting_since   timestamptz not null,
    next_at         timestamptz not null,
    -- The last status, or why there was none.
    answer          text,
    done_at         timestamptz
);
create index webhook_deliveries_waiting on webhook_deliveries (webhook_id, n) where state = 'waiting';
create index webhook_deliveries_in_order on webhook_deliveries (webhook_id, conversation_id, n) where state = 'waiting';
create index webhook_deliveries_done on webhook_deliveries (webhook_id, done_at) where state <> 'waiting';
create index webhook_deliveries_sent on webhook_deliveries (webhook_id, done_at) where state = 'sent';
create index webhook_deliveries_dead on webhook_deliveries (webhook_id, done_at) where state = 'dead';
create index webhook_deliveries_by_conversation on webhook_deliveries (site_id, conversation_id);

create function deliveries_follow_their_conversation() returns trigger language plpgsql as $$
begin
    delete from webhook_deliveries d using gone where d.site_id = gone.site_id and d.conversation_id = gone.id;
    return null;
end
$$;
create trigger conversations_take_their_deliveries after delete on conversations
    referencing old table as gone
    for each statement execute function deliveries_follow_their_conversation();

-- Of webhooks that were removed: their deliveries go a few at a time, however many there are.
create table webhooks_gone (
    id              uuid primary key,
    at              timestamptz not null default clock_timestamp()
);
create function webhooks_leave_their_deliveries() returns trigger language plpgsql as $$
begin
    insert into webhooks_gone (id) values (old.id);
    return null;
end
$$;
create trigger webhooks_are_gone after delete on webhooks
    for each row execute function webhooks_leave_their_deliveries();

alter table audit
    drop constraint audit_what_known,
    add constraint audit_what_known check
        (what in ('site', 'team', 'member', 'person', 'tag', 'canned', 'macro', 'orders', 'block', 'webhook'));
create trigger audit_webhooks after insert or delete on webhooks
    for each row execute function audit_note('webhook', 'place events off_by *url *sealed', 'place');
-- That a receiver wants no more is nobody's change.
create trigger audit_webhooks_changed after update of url, events, sealed, off_by on webhooks
    for each row when (new.off_by is distinct from 'gone')
    execute function audit_note('webhook', 'place events off_by *url *sealed', 'place');
