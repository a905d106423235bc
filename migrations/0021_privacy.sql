-- Privacy: what is known of somebody is handed out and erased when they ask, and goes by itself when it is old.

-- What was handed out and erased. Says how much it was and never whose: an erased person's number leads nowhere any more.
create table privacy_log (
    id              uuid primary key,
    site_id         uuid not null references sites (id) on delete cascade,
    did             text not null constraint privacy_log_did_known check (did in ('exported', 'erased', 'aged')),
    at              timestamptz not null,
    -- Null: by age, or by somebody who is not there any more.
    by_id           uuid references agents (id) on delete set null,
    by_name         text not null default '',
    person_id       uuid,
    people          integer not null,
    conversations   integer not null,
    files           integer not null,
    constraint privacy_log_aged_is_nobodys check ((did = 'aged') = (person_id is null))
);
create index privacy_log_by_time on privacy_log (at, id);
-- What grew old in a day is one line.
create unique index privacy_log_aged on privacy_log (site_id, ((at at time zone 'UTC')::date)) where did = 'aged';

-- Whose time is over, the oldest first.
create index conversations_by_age on conversations (site_id, closed_at) where closed_at is not null;
create index shopper_tokens_by_expiry on shopper_tokens (expires_at);

-- Who asks gives an address: of a contact there is an index, of a ticket there was none.
create index tickets_by_email on tickets (site_id, lower(email));

-- Whatever hangs on a conversation or a contact goes with it, and is found by an index; a test looks that none is without.
create index drafts_by_conversation on drafts (site_id, conversation_id);
create index blocks_of_contact on blocks (site_id, shopper_id);

-- A block names whom it is about, also where changes are kept.
create function privacy_forgets_name() returns trigger language plpgsql as $$
begin
    update audit set subject = '', changes = changes - 'reason' where what = 'block' and subject_id = old.id;
    return null;
end
$$;
create trigger blocks_are_forgotten after delete on blocks for each row execute function privacy_forgets_name();
create index audit_of_blocks on audit (subject_id) where what = 'block';
