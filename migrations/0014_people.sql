-- People: contacts whom staff take for one person, and shoppers who are blocked.

-- Contact `shopper_id` stands with `kept_id` on one page, for staff alone. No conversation, token or browser is touched by it,
-- so that nobody sees through it what they did not see before, and it can be undone. A star, never a chain: whoever is kept is
-- not itself with somebody.
create table contact_links (
    site_id         uuid not null,
    shopper_id      uuid not null,
    kept_id         uuid not null,
    by_id           uuid references agents (id) on delete set null,
    by_name         text not null,
    at              timestamptz not null,
    primary key (site_id, shopper_id),
    constraint contact_links_of_two check (shopper_id <> kept_id),
    foreign key (site_id, shopper_id) references shoppers (site_id, id) on delete cascade,
    foreign key (site_id, kept_id) references shoppers (site_id, id) on delete cascade
);
create index contact_links_by_kept on contact_links (site_id, kept_id);

-- Who merged and separated whom, and when; also what is undone stays here.
create table contact_changes (
    site_id         uuid not null,
    id              uuid not null,
    shopper_id      uuid not null,
    kept_id         uuid not null,
    did             text not null constraint contact_changes_did_known check (did in ('merged', 'separated')),
    by_id           uuid references agents (id) on delete set null,
    by_name         text not null,
    at              timestamptz not null,
    primary key (site_id, id),
    foreign key (site_id, shopper_id) references shoppers (site_id, id) on delete cascade,
    foreign key (site_id, kept_id) references shoppers (site_id, id) on delete cascade
);
create index contact_changes_by_shopper on contact_changes (site_id, shopper_id);
create index contact_changes_by_kept on contact_changes (site_id, kept_id);

-- Who may look like one person. Neither column changes while somebody chats.
create index shoppers_by_email on shoppers (site_id, lower(email)) where email is not null;
create index shoppers_by_name on shoppers (site_id, lower(name)) where name <> '';

-- The telephone numbers among what is known of somebody, by their last nine digits: with or without the country.
create function contact_phones(variadic told jsonb[]) returns text[] language sql immutable as $$
    select coalesce(array_agg(distinct right(digits, 9)), '{}')
    from unnest(told) as facts,
        jsonb_each_text(case when jsonb_typeof(facts) = 'object' then facts else '{}' end) as fact (name, value),
        regexp_replace(value, '\D', '', 'g') as digits
    where lower(name) in ('phone', 'phone_number', 'telephone', 'tel', 'mobile') and length(digits) >= 6
$$;

-- A shopper who may not come in. What is over stays, as the record of who did it and why.
create table blocks (
    site_id         uuid not null,
    id              uuid not null,
    shopper_id      uuid not null,
    -- Where it was done.
    conversation_id uuid not null,
    reason          text not null constraint blocks_reason_length check (char_length(reason) between 1 and 500),
    by_id           uuid references agents (id) on delete set null,
    by_name         text not null,
    at              timestamptz not null,
    -- Null: for good.
    until           timestamptz,
    lifted_by       uuid references agents (id) on delete set null,
    lifted_by_name  text,
    lifted_at       timestamptz,
    primary key (site_id, id),
    constraint blocks_lifted_whole check ((lifted_at is null) = (lifted_by_name is null)),
    foreign key (site_id, shopper_id) references shoppers (site_id, id) on delete cascade
);
create index blocks_by_shopper on blocks (site_id, shopper_id) where lifted_at is null;
create index blocks_by_time on blocks (at);
