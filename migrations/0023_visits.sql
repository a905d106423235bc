-- Who is at a shop with the chat open, as the nodes that hold their sockets write it down: one row a shopper and node, at their
-- first socket and after their last. Losing it in a crash costs a few seconds: a node that finds its lease gone writes all anew.

-- A node that is up says so every few seconds; whoever was on one that stopped saying so is not here any more.
create unlogged table node_leases (
    node            uuid primary key,
    until           timestamptz not null,
    -- Not all that changed there is written down yet.
    is_behind       boolean not null default false
);

create unlogged table visits (
    site_id         uuid not null,
    shopper_id      uuid not null,
    -- A row goes with its node: there is none whose node nobody knows.
    node            uuid not null references node_leases (node) on delete cascade,
    since           timestamptz not null,
    primary key (site_id, shopper_id, node)
);
create index visits_by_node on visits (node);
create index visits_by_site on visits (site_id, since desc);
create index visits_newest on visits (since desc);
