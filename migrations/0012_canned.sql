-- Replies that are ready: of a shop, of one of its teams, or of one person alone; what they say in each language; and how
-- often whom it served, so that the likeliest come first.
create table canned_replies (
    id          uuid primary key,
    site_id     uuid not null references sites (id) on delete cascade,
    team_id     uuid,
    owner_id    uuid references agents (id) on delete cascade,
    shortcut    text not null constraint canned_shortcut_shape check (shortcut ~ '^[^\s/]{1,40}$'),
    texts       jsonb not null constraint canned_texts_object check (jsonb_typeof(texts) = 'object'),
    updated_at  timestamptz not null default now(),
    foreign key (site_id, team_id) references teams (site_id, id) on delete cascade,
    constraint canned_of_one check (team_id is null or owner_id is null)
);
create unique index canned_replies_shortcut on canned_replies
    (site_id, coalesce(team_id, '00000000-0000-0000-0000-000000000000'), coalesce(owner_id, '00000000-0000-0000-0000-000000000000'), lower(shortcut));

-- The weight of past uses, as it was at that moment; it halves every week.
create table canned_uses (
    agent_id    uuid not null references agents (id) on delete cascade,
    canned_id   uuid not null references canned_replies (id) on delete cascade,
    weight      double precision not null,
    used_at     timestamptz not null,
    primary key (agent_id, canned_id)
);
create index canned_uses_canned on canned_uses (canned_id);
