-- Where a site's orders are asked for, what was answered a moment ago, and which cards of the side panel an agent has folded.

-- The keys are sealed with a key from SECRET_KEY, and bound to the address they are for.
create table order_sources (
    site_id         uuid primary key references sites (id) on delete cascade,
    kind            text not null constraint order_sources_kind_known check (kind in ('shopify', 'woocommerce', 'signed')),
    url             text not null,
    sealed          bytea not null,
    by_subject      boolean not null,
    asks_unconfirmed boolean not null,
    -- Changes with every saving, so that no answer outlives the source it came from.
    revision        uuid not null,
    paused_until    timestamptz
);

-- Answers, sealed as well, for minutes. Whose they are is kept hashed with a key.
create table order_answers (
    site_id         uuid not null references order_sources (site_id) on delete cascade,
    customer_hash   bytea not null,
    sealed          bytea not null,
    asked_at        timestamptz not null,
    expires_at      timestamptz not null,
    primary key (site_id, customer_hash)
);
create index order_answers_by_expiry on order_answers (expires_at);

create table agent_cards (
    agent_id        uuid not null references agents (id) on delete cascade,
    card            text not null constraint agent_cards_card_length check (char_length(card) <= 20),
    is_folded       boolean not null,
    primary key (agent_id, card)
);
