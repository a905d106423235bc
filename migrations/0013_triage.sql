-- Sorting the work: tags, lists as somebody likes them, chats that sleep.

create table tags (
    site_id     uuid not null references sites (id) on delete cascade,
    id          uuid not null,
    name        text not null constraint tags_name_length check (char_length(name) between 1 and 40),
    color       smallint not null constraint tags_color_known check (color between 0 and 5),
    created_at  timestamptz not null,
    primary key (site_id, id)
);
create unique index tags_name_unique on tags (site_id, lower(name));

create table conversation_tags (
    site_id         uuid not null,
    conversation_id uuid not null,
    tag_id          uuid not null,
    by_id           uuid references agents (id) on delete set null,
    at              timestamptz not null,
    primary key (site_id, conversation_id, tag_id),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade,
    foreign key (site_id, tag_id) references tags (site_id, id) on delete cascade
);
create index conversation_tags_by_tag on conversation_tags (site_id, tag_id);

-- How somebody looks at a list: its sort and filters, as the query of its address.
create table list_habits (
    agent_id    uuid not null references agents (id) on delete cascade,
    view        text not null,
    wish        text not null constraint list_habits_length check (char_length(wish) <= 400),
    primary key (agent_id, view)
);

-- A chat that sleeps stays its agent's and takes none of their places. It sleeps until the time, or until the shopper has
-- written after it was put to sleep.
alter table conversations
    add column snoozed_at    timestamptz,
    add column snoozed_until timestamptz,
    add constraint conversations_snoozed_whole check
        ((snoozed_at is null) = (snoozed_until is null) and (snoozed_until is null or state = 'active')),
    drop constraint conversations_active_has_owner,
    add constraint conversations_active_has_owner check
        ((state = 'active' and snoozed_until is null) = (seat is not null) and (state <> 'active' or assignee_id is not null));
create index conversations_snoozed on conversations (snoozed_until) where snoozed_until is not null;

-- Whatever else becomes of it ends its sleep: also where that is done by a program that knows nothing of sleep.
create function conversations_wake() returns trigger language plpgsql as $$
begin
    new.snoozed_at := null;
    new.snoozed_until := null;
    return new;
end
$$;
create trigger conversations_wake_when_moved before update of state, assignee_id, seat on conversations
    for each row
    when (old.snoozed_until is not null
        and (new.state <> 'active' or new.seat is not null or new.assignee_id is distinct from old.assignee_id))
    execute function conversations_wake();
