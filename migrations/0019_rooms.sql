-- Rooms of the staff: a lobby for each shop, a room for each of its teams, and talks between two. Each is a conversation without
-- a shopper: nobody waits in it, and it never ends.
alter table conversations
    drop constraint conversations_state_known,
    add constraint conversations_state_known check (state in ('waiting', 'active', 'closed', 'ticketed', 'room')),
    add constraint conversations_rooms_stand check ((state = 'room') = (kind in ('room', 'direct')));
-- Also what finds them among a million chats.
create unique index conversations_one_room on conversations (site_id, team_id) nulls not distinct where kind = 'room';
create index conversations_talks on conversations (site_id) where kind = 'direct';

-- Who talks with whom. The talk lies with one of the shops that both work for; whoever is not one of the two never sees it.
create table directs (
    one             uuid not null references agents (id) on delete cascade,
    other           uuid not null references agents (id) on delete cascade,
    site_id         uuid not null,
    conversation_id uuid not null constraint directs_one_conversation unique,
    primary key (one, other),
    constraint directs_in_order check (one < other),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);
create index directs_by_other on directs (other);

-- How far each of the staff has read in a room.
create table room_reads (
    agent_id        uuid not null references agents (id) on delete cascade,
    site_id         uuid not null,
    conversation_id uuid not null,
    upto            bigint not null,
    primary key (agent_id, conversation_id),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);
create index room_reads_by_room on room_reads (site_id, conversation_id);

-- What calls somebody and they have not seen, which every page of theirs counts.
create index mentions_unseen_by_agent on mentions (agent_id) where seen_at is null;
