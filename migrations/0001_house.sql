-- The house: sites, people, conversations and their logs, tickets, letters.
-- Every row that belongs to a shop carries its site_id and keys begin with it, so that one shop can never
-- reach another's rows and the same schema distributes by site_id.

create table deskbell (
    one     boolean primary key default true constraint deskbell_one_row check (one),
    epoch   uuid not null
);
insert into deskbell (epoch) values (gen_random_uuid());

create table sites (
    id              uuid primary key,
    public_key      text not null constraint sites_public_key_unique unique,
    name            text not null constraint sites_name_length check (char_length(name) between 1 and 200),
    origins         text[] not null default '{}',
    secret          text not null,
    settings        jsonb not null default '{}',
    created_at      timestamptz not null default now()
);

create table agents (
    id              uuid primary key,
    email           text not null constraint agents_email_unique unique,
    name            text not null constraint agents_name_length check (char_length(name) between 1 and 200),
    role            text not null constraint agents_role_known check (role in ('agent', 'supervisor', 'admin')),
    password_hash   text,
    capacity        smallint not null default 5 constraint agents_capacity_range check (capacity between 0 and 100),
    languages       text[] not null default '{}',
    available       boolean not null default false,
    disabled_at     timestamptz,
    last_assigned_at timestamptz,
    created_at      timestamptz not null default now()
);

create table teams (
    site_id     uuid not null references sites (id) on delete cascade,
    id          uuid not null,
    name        text not null constraint teams_name_length check (char_length(name) between 1 and 200),
    primary key (site_id, id),
    constraint teams_name_unique unique (site_id, name)
);

create table team_members (
    site_id     uuid not null,
    team_id     uuid not null,
    agent_id    uuid not null references agents (id) on delete cascade,
    skills      text[] not null default '{}',
    primary key (site_id, team_id, agent_id),
    foreign key (site_id, team_id) references teams (site_id, id) on delete cascade
);
create index team_members_by_agent on team_members (agent_id, site_id, team_id);

-- Kept alive by the agent's socket; when it lapses, the agent is gone.
create table agent_leases (
    agent_id    uuid primary key references agents (id) on delete cascade,
    node        uuid not null,
    connection  uuid not null,
    since       timestamptz not null,
    expires_at  timestamptz not null
);

create table shoppers (
    site_id     uuid not null references sites (id) on delete cascade,
    id          uuid not null,
    external_id text,
    name        text not null default '',
    email       text,
    verified    boolean not null default false,
    locale      text not null default 'en',
    attributes  jsonb not null default '{}',
    context     jsonb not null default '{}',
    created_at  timestamptz not null default now(),
    primary key (site_id, id),
    constraint shoppers_verified_have_external_id check (not verified or external_id is not null)
);
create unique index shoppers_external_id on shoppers (site_id, external_id) where external_id is not null;

create table shopper_tokens (
    token_hash  bytea primary key,
    site_id     uuid not null,
    shopper_id  uuid not null,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,
    foreign key (site_id, shopper_id) references shoppers (site_id, id) on delete cascade
);
create index shopper_tokens_by_shopper on shopper_tokens (site_id, shopper_id);

-- A ticket opens one socket within 30 seconds. Losing them in a crash costs a new session request, no more.
create unlogged table socket_tickets (
    ticket_hash bytea primary key,
    shopper     jsonb,
    agent       jsonb,
    expires_at  timestamptz not null,
    constraint socket_tickets_one_principal check ((shopper is null) <> (agent is null))
);

create table sessions (
    id          uuid primary key,
    agent_id    uuid not null references agents (id) on delete cascade,
    kind        text not null constraint sessions_kind_known check (kind in ('console', 'api')),
    token_hash  bytea not null constraint sessions_token_unique unique,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null
);
create index sessions_by_agent on sessions (agent_id);

create table conversations (
    site_id     uuid not null references sites (id) on delete cascade,
    id          uuid not null,
    kind        text not null default 'support' constraint conversations_kind_known
                    check (kind in ('support', 'ticket', 'room', 'direct')),
    shopper_id  uuid,
    team_id     uuid,
    state       text not null constraint conversations_state_known
                    check (state in ('waiting', 'active', 'closed', 'ticketed')),
    priority    smallint not null default 0,
    locale      text not null default 'en',
    queued_at   timestamptz,
    assignee_id uuid references agents (id),
    -- Which of the assignee's places this chat takes: 1 to capacity. Unique, so that over-capacity is an error.
    seat        smallint,
    assigned_at timestamptz,
    previous_agent_id uuid references agents (id),
    -- The fencing token: counts assignments. A late reply by the previous owner carries an old one.
    gen         integer not null default 0,
    last_seq    bigint not null default 0,
    shopper_seq bigint not null default 0,
    shopper_read bigint not null default 0,
    staff_read  bigint not null default 0,
    last_message text not null default '',
    last_by     text not null default 'shopper',
    last_at     timestamptz not null,
    opened_at   timestamptz not null,
    closed_at   timestamptz,
    score       smallint constraint conversations_score_range check (score between 1 and 5),
    primary key (site_id, id),
    constraint conversations_id_unique unique (id),
    foreign key (site_id, shopper_id) references shoppers (site_id, id) on delete cascade,
    foreign key (site_id, team_id) references teams (site_id, id),
    constraint conversations_support_has_shopper check (kind not in ('support', 'ticket') or shopper_id is not null),
    constraint conversations_active_has_owner check
        ((state = 'active') = (seat is not null) and (state <> 'active' or assignee_id is not null)),
    constraint conversations_waiting_has_place check (state <> 'waiting' or queued_at is not null)
) with (fillfactor = 60);
-- One open conversation a shopper and site.
create unique index conversations_one_open on conversations (site_id, shopper_id)
    where kind = 'support' and state in ('waiting', 'active');
create unique index conversations_one_seat on conversations (assignee_id, seat) where state = 'active';
create index conversations_waiting on conversations (site_id, queued_at) where state = 'waiting';
create index conversations_by_shopper on conversations (site_id, shopper_id, opened_at);
create index conversations_by_opening on conversations (site_id, opened_at desc, id desc);
-- No index names a column that a message changes, so that a message's update of its head stays within the page (HOT).

-- The log. The only table that grows with traffic; conversation ids are time-ordered (UUIDv7), so it can be
-- range-partitioned on them.
create table events (
    site_id         uuid not null,
    conversation_id uuid not null,
    seq             bigint not null,
    shopper_seq     bigint,
    id              uuid not null,
    cid             uuid,
    kind            text not null,
    author          text not null constraint events_author_known check (author in ('shopper', 'agent', 'system', 'bot')),
    author_id       uuid,
    body            text,
    data            jsonb,
    -- First 8 bytes of SHA-256 over kind and content: tells a resend from another message under the same cid.
    digest          bigint,
    at              timestamptz not null,
    primary key (site_id, conversation_id, seq),
    constraint events_shopper_seq_unique unique (site_id, conversation_id, shopper_seq),
    constraint events_cid_unique unique (site_id, conversation_id, author_id, cid),
    constraint events_notes_are_internal check (kind <> 'note' or shopper_seq is null)
);
-- No foreign key: whoever writes an event holds its conversation's row lock and copies the key from that row, and the
-- check cost two thirds of an insert (40,000 rows: 3.0 s with, 1.1 s without). Its other half, the cascade, is here.
create function events_follow_their_conversation() returns trigger language plpgsql as $$
begin
    delete from events e using gone where e.site_id = gone.site_id and e.conversation_id = gone.id;
    return null;
end
$$;
create trigger conversations_take_their_events after delete on conversations
    referencing old table as gone
    for each statement execute function events_follow_their_conversation();

create sequence ticket_numbers start 1001;

create table tickets (
    site_id         uuid not null,
    number          bigint not null default nextval('ticket_numbers'),
    conversation_id uuid not null,
    subject         text not null,
    email           text not null,
    name            text not null default '',
    status          text not null default 'open' constraint tickets_status_known check (status in ('open', 'pending', 'solved')),
    priority        smallint not null default 0,
    due_at          timestamptz,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    primary key (site_id, number),
    constraint tickets_number_unique unique (number),
    constraint tickets_conversation_unique unique (site_id, conversation_id),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);
create index tickets_by_status on tickets (site_id, status, updated_at desc);

-- Letters are promises: written in the transaction of the fact that causes them.
create table outbox (
    id              uuid primary key,
    site_id         uuid not null references sites (id) on delete cascade,
    conversation_id uuid,
    kind            text not null constraint outbox_kind_known check (kind in ('transcript', 'ticket_opened', 'ticket_reply')),
    -- A letter that must be written once has a key, e.g. transcript/<conversation>.
    unique_key      text constraint outbox_unique_key unique,
    recipient       text not null,
    data            jsonb not null default '{}',
    state           text not null default 'waiting' constraint outbox_state_known check (state in ('waiting', 'sent', 'dead')),
    attempts        integer not null default 0,
    next_at         timestamptz not null,
    claimed_until   timestamptz,
    last_error      text,
    created_at      timestamptz not null,
    sent_at         timestamptz,
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);
create index outbox_due on outbox (next_at) where state = 'waiting';
create index outbox_by_mailbox on outbox (site_id, lower(recipient), created_at) where state <> 'dead';
create index outbox_dead on outbox (created_at desc) where state = 'dead';

create table ratings (
    site_id         uuid not null,
    conversation_id uuid not null,
    agent_id        uuid references agents (id),
    score           smallint not null constraint ratings_score_range check (score between 1 and 5),
    comment         text not null default '',
    at              timestamptz not null,
    primary key (site_id, conversation_id),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);

-- Why this agent: every decision of the queue with its candidates and reasons.
create table decisions (
    site_id         uuid not null,
    conversation_id uuid not null,
    gen             integer not null,
    chosen          uuid,
    candidates      jsonb not null,
    waited_ms       bigint not null,
    at              timestamptz not null,
    primary key (site_id, conversation_id, gen),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);

-- What an agent has typed and not yet sent: nothing typed is ever lost.
create table drafts (
    agent_id        uuid not null references agents (id) on delete cascade,
    site_id         uuid not null,
    conversation_id uuid not null,
    body            text not null,
    note            boolean not null default false,
    at              timestamptz not null,
    primary key (agent_id, conversation_id),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);
