-- The queue: what a conversation needs, who is on duty, offers and held places, why each decision, targets for answers.
-- Everything is added with a default, so that the program before this one goes on working beside the new one.

-- An agent who is not available is busy (keeps chats, gets none), away from the desk, or off duty.
alter table agents
    add column off_as       text not null default 'busy' constraint agents_off_as_known check (off_as in ('busy', 'away', 'offline')),
    add column status_reason text not null default '' constraint agents_status_reason_length check (char_length(status_reason) <= 200),
    add column status_since timestamptz not null default now(),
    -- Who chose it, where it was not the agent: a supervisor.
    add column status_by    uuid references agents (id) on delete set null,
    -- When this agent last touched the console; kept apart from the lease and from what they chose.
    add column input_at     timestamptz;

-- Limit, hours and overflow of a team.
alter table teams add column settings jsonb not null default '{}';

alter table conversations
    -- What the site's rules asked for when it was opened; each is relaxed on the site's schedule.
    add column required_skills  text[] not null default '{}',
    add column preferred_skills text[] not null default '{}',
    -- The shopper's last word; since when one of them is without an answer; when the first answer came.
    add column shopper_at       timestamptz,
    add column unanswered_since timestamptz,
    add column answered_at      timestamptz,
    -- A place of an agent kept for this chat: while it rings (offer), while the shopper is called back (hold), or while a
    -- colleague is asked to take it over (transfer).
    add column reserved_for     uuid references agents (id),
    add column reserved_until   timestamptz,
    add column reserved_as      text constraint conversations_reserved_as_known check (reserved_as in ('offer', 'hold', 'transfer')),
    -- The shopper may close the tab: where to call them, when they were called, and that they did not come.
    add column place_email      text,
    add column called_at        timestamptz,
    add column missed_at        timestamptz,
    add constraint conversations_reserved_whole check
        ((reserved_for is null) = (reserved_until is null) and (reserved_for is null) = (reserved_as is null)),
    add constraint conversations_reserved_open check (reserved_for is null or state in ('waiting', 'active'));
create index conversations_reserved on conversations (reserved_for) where reserved_for is not null;

-- Who would not have which chat, so that it is offered to the others first.
create table refusals (
    site_id         uuid not null,
    conversation_id uuid not null,
    agent_id        uuid not null references agents (id) on delete cascade,
    why             text not null constraint refusals_why_known check (why in ('declined', 'expired')),
    times           integer not null default 1,
    at              timestamptz not null,
    primary key (site_id, conversation_id, agent_id),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);

-- Several decisions may be made under one assignment: an offer, a refusal, another offer.
alter table decisions
    add column n        bigint generated always as identity,
    add column kind     text not null default 'assigned' constraint decisions_kind_known
        check (kind in ('assigned', 'offered', 'held', 'accepted', 'declined', 'expired', 'missed', 'returned', 'handed_over', 'taken', 'ticketed')),
    drop constraint decisions_pkey,
    add primary key (site_id, conversation_id, n);
create index decisions_by_time on decisions (at);

-- Who was on duty when: what a replay of the queue needs beside the arrivals.
create table duty (
    n           bigint generated always as identity primary key,
    agent_id    uuid not null references agents (id) on delete cascade,
    at          timestamptz not null,
    is_here     boolean not null,
    status      text not null constraint duty_status_known check (status in ('available', 'busy', 'away', 'offline')),
    reason      text not null default '',
    by_id       uuid references agents (id) on delete set null
);
create index duty_by_time on duty (at);
create index duty_by_agent on duty (agent_id, at);

-- Targets for answers that came close or were missed. `since` is when the clock of that target began.
create table sla_marks (
    site_id         uuid not null,
    conversation_id uuid not null,
    target          text not null constraint sla_marks_target_known check (target in ('first', 'next', 'resolution')),
    since           timestamptz not null,
    due_at          timestamptz not null,
    warned_at       timestamptz,
    breached_at     timestamptz,
    primary key (site_id, conversation_id, target, since),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);

-- One-tap links back to a kept place.
create table place_links (
    code_hash       bytea primary key,
    site_id         uuid not null,
    conversation_id uuid not null,
    expires_at      timestamptz not null,
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);
create index place_links_by_conversation on place_links (site_id, conversation_id);

alter table outbox drop constraint outbox_kind_known,
    add constraint outbox_kind_known check (kind in ('transcript', 'ticket_opened', 'ticket_reply', 'place'));

-- What one chat counts of its agent's capacity, in hundredths: less once the shopper has been silent for a while. The
-- defaults are those of the program's settings; a test compares them.
create function chat_load(settings jsonb, shopper_at timestamptz, now timestamptz) returns integer language sql immutable as $$
    select case
        when now - shopper_at > make_interval(secs => coalesce((settings->'routing'->>'silent_after_s')::float8, 180))
            then coalesce((settings->'routing'->>'silent_percent')::integer, 30)
        else coalesce((settings->'routing'->>'active_percent')::integer, 100)
    end
$$;

-- Those whose place is kept, those who are being called back and those who missed their turn: looked at in every pass.
create index conversations_kept on conversations (queued_at)
    where state = 'waiting' and (place_email is not null or missed_at is not null or reserved_as = 'hold');
-- A token that a link in a letter was exchanged for holds as long as this conversation.
alter table shopper_tokens add column conversation_id uuid,
    add constraint shopper_tokens_conversation foreign key (site_id, conversation_id)
        references conversations (site_id, id) on delete cascade;
create index shopper_tokens_by_conversation on shopper_tokens (site_id, conversation_id) where conversation_id is not null;
create index place_links_by_expiry on place_links (expires_at);

-- What an agent answered to the last few offers.
create index decisions_by_agent on decisions (chosen, n);
