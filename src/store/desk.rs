//! What the frame of every staff page counts.

use crate::domain::id::AgentId;
use crate::domain::people::Role;
use sqlx::PgPool;

/// The numbers beside the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    /// Chats this agent has.
    pub mine: i64,
    /// Of these, how many wait for an answer nobody has read up to.
    pub unread: i64,
    /// Chats in line that this agent may take.
    pub waiting: i64,
}

pub async fn counts(db: &PgPool, agent: AgentId, role: Role) -> sqlx::Result<Counts> {
    sqlx::query_as(
        "select
            (select count(*) from conversations c where c.assignee_id = $1 and c.state = 'active') as mine,
            (select count(*) from conversations c
                where c.assignee_id = $1 and c.state = 'active' and c.last_by = 'shopper' and exists (select from events e
                    where e.site_id = c.site_id and e.conversation_id = c.id and e.seq > c.staff_read
                        and e.kind = 'message' and e.author = 'shopper' and e.body is not null)) as unread,
            (select count(*) from conversations c
                where c.state = 'waiting'
                    and ($2 = 'admin' or exists (select from team_members m where m.agent_id = $1 and m.site_id = c.site_id
                        and ($2 = 'supervisor' or c.team_id is null or c.team_id = m.team_id)))) as waiting",
    )
    .bind(agent)
    .bind(role.as_str())
    .fetch_one(db)
    .await
}
