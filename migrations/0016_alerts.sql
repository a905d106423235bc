-- Calling agents while nobody looks at the console: their browsers, what they were told of, who is named in notes, and which
-- of their pages are in sight. And an owner's first steps: where the widget was seen, what is left out, who was invited.

-- A browser of one of the staff whose owner agreed. It goes with the session that asked: who signs out is not called there.
create table agent_browsers (
    id              uuid primary key,
    agent_id        uuid not null references agents (id) on delete cascade,
    session_id      uuid not null constraint agent_browsers_one_a_session unique references sessions (id) on delete cascade,
    name            text not null constraint agent_browsers_name_length check (char_length(name) <= 80),
    endpoint        text not null constraint agent_browsers_endpoint_length check (octet_length(endpoint) <= 2048),
    endpoint_hash   bytea not null constraint agent_browsers_endpoint_unique unique,
    p256dh          bytea not null,
    auth            bytea not null,
    created_at      timestamptz not null
);
create index agent_browsers_by_agent on agent_browsers (agent_id, created_at);

-- Whoever switches an account off.
create function agents_are_called_no_more() returns trigger language plpgsql as $$
begin
    delete from agent_browsers where agent_id = new.id;
    return null;
end
$$;
create trigger agents_leave after update of disabled_at on agents
    for each row when (new.disabled_at is not null)
    execute function agents_are_called_no_more();

-- A notification goes to a shopper's browser or to an agent's; to an agent's it says of what.
alter table pushes
    alter column subscription_id drop not null,
    add column browser_id uuid references agent_browsers (id) on delete cascade,
    add column what text constraint pushes_what_known check (what in ('message', 'offer', 'mention')),
    add constraint pushes_one_audience check
        ((subscription_id is null) <> (browser_id is null) and (browser_id is null) = (what is null));
create index pushes_by_browser on pushes (browser_id) where browser_id is not null;

-- Who is named in which note, and when they looked at it.
create table mentions (
    agent_id        uuid not null references agents (id) on delete cascade,
    site_id         uuid not null,
    conversation_id uuid not null,
    seq             bigint not null,
    at              timestamptz not null,
    seen_at         timestamptz,
    primary key (agent_id, conversation_id, seq),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);
create index mentions_by_conversation on mentions (site_id, conversation_id);
create index mentions_by_time on mentions (at);
create index mentions_unseen on mentions (at) where seen_at is null;

-- How far an agent was told of what waits in a conversation: in the numbers of its log; of an offer the moment it ends, in ms.
create table alerts (
    agent_id        uuid not null references agents (id) on delete cascade,
    site_id         uuid not null,
    conversation_id uuid not null,
    what            text not null constraint alerts_what_known check (what in ('message', 'offer', 'mention')),
    pushed_upto     bigint not null default 0,
    pushed_at       timestamptz,
    mailed_upto     bigint not null default 0,
    primary key (agent_id, conversation_id, what),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);
create index alerts_by_conversation on alerts (site_id, conversation_id);

-- When an agent was written to last.
create table agent_letters (
    agent_id        uuid primary key references agents (id) on delete cascade,
    at              timestamptz not null
);

-- Pages of the console that somebody has in sight, each for as long as its socket says so. Losing them in a crash costs a
-- heartbeat.
create unlogged table agent_views (
    connection      uuid primary key,
    agent_id        uuid not null references agents (id) on delete cascade,
    until           timestamptz not null
);
create index agent_views_by_agent on agent_views (agent_id, until);

alter table outbox drop constraint outbox_kind_known,
    add constraint outbox_kind_known check
        (kind in ('transcript', 'ticket_opened', 'ticket_reply', 'place', 'answers', 'unseen', 'invitation'));

-- Pages of which of a shop's addresses have loaded its widget.
create table widget_sightings (
    site_id         uuid not null references sites (id) on delete cascade,
    origin          text not null constraint widget_sightings_origin_length check (octet_length(origin) <= 300),
    first_at        timestamptz not null,
    primary key (site_id, origin)
);

-- Which of the first steps an owner leaves out.
create table start_skips (
    step            text primary key constraint start_skips_step_known check (step in ('snippet', 'chat', 'people', 'hours')),
    by_id           uuid references agents (id) on delete set null,
    at              timestamptz not null
);

-- Somebody who is to choose a password of their own. The code of the link is made from the letter and the installation's key.
create table invitations (
    agent_id        uuid primary key references agents (id) on delete cascade,
    letter_id       uuid not null,
    code_hash       bytea not null constraint invitations_code_unique unique,
    by_id           uuid references agents (id) on delete set null,
    expires_at      timestamptz not null
);
