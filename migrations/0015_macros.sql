-- Several actions at once, under a name: of a shop, of one of its teams, or of one person alone.
create table macros (
    id          uuid primary key,
    site_id     uuid not null references sites (id) on delete cascade,
    team_id     uuid,
    owner_id    uuid references agents (id) on delete cascade,
    name        text not null constraint macros_name_length check (char_length(name) between 1 and 60),
    does        jsonb not null constraint macros_does_object check (jsonb_typeof(does) = 'object'),
    updated_at  timestamptz not null,
    foreign key (site_id, team_id) references teams (site_id, id) on delete cascade,
    constraint macros_of_one check (team_id is null or owner_id is null)
);
create unique index macros_name on macros
    (site_id, coalesce(team_id, '00000000-0000-0000-0000-000000000000'), coalesce(owner_id, '00000000-0000-0000-0000-000000000000'), lower(name));
