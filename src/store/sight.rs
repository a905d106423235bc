//! Which conversations somebody of the staff may open, and who stands with whom, as parts of statements.

/// Conversation `$c` is one that `$1`, whose role is `$2`, may open: theirs, of a team or shop they work for, or a ticket of such a
/// shop. An admin opens all.
macro_rules! visible {
    ($c:literal) => {
        concat!(
            "(",
            $c,
            ".kind in ('support', 'ticket') and ($2 = 'admin' or ",
            $c,
            ".assignee_id = $1 or ",
            $c,
            ".reserved_for = $1 or exists (select from team_members m where m.agent_id = $1 and m.site_id = ",
            $c,
            ".site_id and ($2 = 'supervisor' or ",
            $c,
            ".state = 'ticketed' or ",
            $c,
            ".team_id is null or ",
            $c,
            ".team_id = m.team_id))))"
        )
    };
}

/// Conversation or room `c` is one that `$agent`, whose role is `$role`, may open: theirs, or of a team or shop they work for; an
/// admin may open all. A talk between two of the staff is theirs alone.
macro_rules! may_open {
    ($agent:literal, $role:literal) => {
        concat!(
            "(c.kind <> 'direct' and (",
            $role,
            " = 'admin' or c.assignee_id = ",
            $agent,
            " or c.reserved_for = ",
            $agent,
            " or exists (select from team_members m where m.agent_id = ",
            $agent,
            " and m.site_id = c.site_id and (",
            $role,
            " = 'supervisor' or c.team_id is null or c.team_id = m.team_id)))
            or c.kind = 'direct' and exists (select from directs d where d.conversation_id = c.id and (d.one = ",
            $agent,
            " or d.other = ",
            $agent,
            ")))"
        )
    };
}

/// `$1`, whose role is `$2`, has something to see at `$site`: they work there, or have a chat of it. Each an index of its own.
macro_rules! works_at {
    ($site:literal) => {
        concat!(
            "($2 = 'admin' or exists (select from team_members m where m.agent_id = $1 and m.site_id = ",
            $site,
            ") or exists (select from conversations c where c.assignee_id = $1 and c.state = 'active' and c.site_id = ",
            $site,
            ") or exists (select from conversations c where c.reserved_for = $1 and c.site_id = ",
            $site,
            "))"
        )
    };
}

/// The rooms that `$1`, whose role is `$2`, is in, with how far they have come: lobbies, teams' rooms and talks.
macro_rules! rooms_of {
    () => {
        "(select c.site_id, c.id, c.last_seq from team_members m
            join conversations c on c.kind = 'room' and c.site_id = m.site_id
                and ($2 = 'supervisor' or c.team_id is null or c.team_id = m.team_id)
            where m.agent_id = $1
            union
            select c.site_id, c.id, c.last_seq from conversations c where c.kind = 'room' and $2 = 'admin'
            union all
            select c.site_id, c.id, c.last_seq from directs d
            join conversations c on c.site_id = d.site_id and c.id = d.conversation_id
            where d.one = $1
            union all
            select c.site_id, c.id, c.last_seq from directs d
            join conversations c on c.site_id = d.site_id and c.id = d.conversation_id
            where d.other = $1)"
    };
}

/// The contact that `$shopper` of `$site` stands with: itself, unless staff put it with another.
macro_rules! person {
    ($site:literal, $shopper:literal) => {
        concat!(
            "coalesce((select l.kept_id from contact_links l where l.site_id = ",
            $site,
            " and l.shopper_id = ",
            $shopper,
            "), ",
            $shopper,
            ")"
        )
    };
}

/// All contacts of `$person` of `$site`, the kept one first.
macro_rules! contacts {
    ($site:literal, $person:literal) => {
        concat!(
            "array(select ",
            $person,
            " union all select l.shopper_id from contact_links l where l.site_id = ",
            $site,
            " and l.kept_id = ",
            $person,
            ")"
        )
    };
}

pub(in crate::store) use {contacts, may_open, person, rooms_of, visible, works_at};
