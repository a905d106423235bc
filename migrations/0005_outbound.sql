-- What is fetched from shops' pages, notifications to browsers, and what is said to shoppers who have left.

-- What a page of the shop said of itself, also that it said nothing. Addresses are kept hashed: they are looked up, never listed.
create table cards (
    site_id         uuid not null references sites (id) on delete cascade,
    url_hash        bytea not null,
    card            jsonb,
    expires_at      timestamptz not null,
    primary key (site_id, url_hash)
);
create index cards_by_expiry on cards (expires_at);

-- Pictures of cards, made anew and small; none: it is no picture.
create table card_pictures (
    site_id         uuid not null references sites (id) on delete cascade,
    url_hash        bytea not null,
    jpeg            bytea,
    expires_at      timestamptz not null,
    primary key (site_id, url_hash)
);
create index card_pictures_by_expiry on card_pictures (expires_at);

-- The key by which push services know this installation (RFC 8292); its private half is sealed with a key from SECRET_KEY.
create table push_key (
    only_one        boolean primary key default true constraint push_key_only_one check (only_one),
    public_key      bytea not null,
    sealed          bytea not null,
    made_at         timestamptz not null
);

-- Addresses that a panel asked for, at which its shopper agrees to notifications: good once, for minutes.
create table notify_links (
    code_hash       bytea primary key,
    site_id         uuid not null,
    token_hash      bytea not null references shopper_tokens (token_hash) on delete cascade,
    locale          text not null,
    expires_at      timestamptz not null
);
create index notify_links_by_expiry on notify_links (expires_at);
create index notify_links_by_token on notify_links (token_hash);

-- A browser whose owner agreed. It goes with the token that asked: who signs out of the shop is not written to any more.
create table push_subscriptions (
    site_id         uuid not null,
    id              uuid not null,
    shopper_id      uuid not null,
    token_hash      bytea not null references shopper_tokens (token_hash) on delete cascade,
    endpoint        text not null constraint push_subscriptions_endpoint_length check (octet_length(endpoint) <= 2048),
    endpoint_hash   bytea not null,
    p256dh          bytea not null,
    auth            bytea not null,
    locale          text not null,
    created_at      timestamptz not null,
    primary key (site_id, id),
    constraint push_subscriptions_endpoint_unique unique (site_id, endpoint_hash),
    foreign key (site_id, shopper_id) references shoppers (site_id, id) on delete cascade
);
create index push_subscriptions_by_shopper on push_subscriptions (site_id, shopper_id, created_at);
create index push_subscriptions_by_token on push_subscriptions (token_hash);

-- How far a shopper who has left was told of answers, in their own numbering: one push and one letter for all they have not read.
create table reminders (
    site_id         uuid not null,
    conversation_id uuid not null,
    pushed_upto     bigint not null default 0,
    mailed_upto     bigint not null default 0,
    primary key (site_id, conversation_id),
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade
);

-- Notifications to send. `upto` is the newest answer that is told.
create table pushes (
    id              uuid primary key,
    site_id         uuid not null,
    conversation_id uuid not null,
    subscription_id uuid not null,
    upto            bigint not null,
    state           text not null default 'waiting' constraint pushes_state_known check (state in ('waiting', 'sent', 'failed')),
    attempts        integer not null default 0,
    next_at         timestamptz not null,
    claimed_until   timestamptz,
    created_at      timestamptz not null,
    foreign key (site_id, conversation_id) references conversations (site_id, id) on delete cascade,
    foreign key (site_id, subscription_id) references push_subscriptions (site_id, id) on delete cascade
);
create index pushes_due on pushes (next_at) where state = 'waiting';
create index pushes_by_conversation on pushes (site_id, conversation_id);
create index pushes_by_subscription on pushes (site_id, subscription_id);
create index pushes_by_time on pushes (created_at);

-- Answers that were given and not read when the conversation ended are told as well.
create index conversations_by_closing on conversations (closed_at) where closed_at is not null;

-- A link may lead back to a place in line, or to answers.
alter table place_links add column leads_to text not null default 'place'
    constraint place_links_leads_to_known check (leads_to in ('place', 'answers'));

alter table outbox drop constraint outbox_kind_known,
    add constraint outbox_kind_known check (kind in ('transcript', 'ticket_opened', 'ticket_reply', 'place', 'answers'));
