//! Who was invited to work here and has not chosen a password yet.

use super::{audit, sessions};
use crate::domain::id::{AgentId, LetterId, SessionId, SiteId, TeamId};
use crate::domain::people::Role;
use crate::store::outbox::{self, LetterKind, NewLetter};
use crate::store::people::{NewAgent, add_agent, join_team};
use crate::store::staff::is_last_admin;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

/// A link for somebody, and the letter that brings it.
pub struct Invitation<'a> {
    pub agent: AgentId,
    pub email: &'a str,
    pub letter: LetterId,
    pub code_hash: &'a [u8],
    pub by: AgentId,
    /// Whose shop the letter comes from.
    pub site: SiteId,
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Somebody new, who cannot sign in before they have chosen a password.
pub struct Newcomer<'a> {
    pub name: &'a str,
    pub role: Role,
    pub capacity: i16,
    pub team: (SiteId, TeamId),
}

/// Adds them and writes the letter. Fails by `agents_email_unique` where somebody has the address.
pub async fn add(db: &PgPool, newcomer: &Newcomer<'_>, invitation: &Invitation<'_>) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, Some(invitation.by)).await?;
    let (site, team) = newcomer.team;
    let agent = NewAgent {
        id: invitation.agent,
        email: invitation.email,
        name: newcomer.name,
        role: newcomer.role,
        password_hash: None,
        capacity: newcomer.capacity,
    };
    add_agent(&mut *tx, &agent).await?;
    join_team(&mut *tx, site, team, invitation.agent).await?;
    write(&mut tx, invitation).await?;
    tx.commit().await
}

/// Another link and another letter: the one before is void. Whether they still have no password.
pub async fn again(db: &PgPool, invitation: &Invitation<'_>) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    let waits: Option<bool> = sqlx::query_scalar(
        "select password_hash is null from agents where id = $1 and disabled_at is null for no key update",
    )
    .bind(invitation.agent)
    .fetch_optional(&mut *tx)
    .await?;
    if waits != Some(true) {
        return Ok(false);
    }
    write(&mut tx, invitation).await?;
    tx.commit().await?;
    Ok(true)
}

/// A link to choose another password: the one they had is void, and so is every session. Gives the sessions; `None`: they may
/// not come in, or nobody else could let them in again.
pub async fn renew(db: &PgPool, invitation: &Invitation<'_>) -> sqlx::Result<Option<Vec<SessionId>>> {
    let mut tx = audit::begin(db, Some(invitation.by)).await?;
    if is_last_admin(&mut tx, invitation.agent).await? {
        return Ok(None);
    }
    let found = sqlx::query("update agents set password_hash = null where id = $1 and disabled_at is null")
        .bind(invitation.agent)
        .execute(&mut *tx)
        .await?;
    if found.rows_affected() == 0 {
        return Ok(None);
    }
    let sessions = sessions::end_all(&mut tx, invitation.agent).await?;
    write(&mut tx, invitation).await?;
    tx.commit().await?;
    Ok(Some(sessions))
}

async fn write(tx: &mut PgConnection, invitation: &Invitation<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into invitations (agent_id, letter_id, code_hash, by_id, expires_at) values ($1, $2, $3, $4, $5)
        on conflict (agent_id) do update set letter_id = $2, code_hash = $3, by_id = $4, expires_at = $5",
    )
    .bind(invitation.agent)
    .bind(invitation.letter)
    .bind(invitation.code_hash)
    .bind(invitation.by)
    .bind(invitation.expires_at)
    .execute(&mut *tx)
    .await?;
    let letter = NewLetter {
        id: invitation.letter,
        site: invitation.site,
        conversation: None,
        kind: LetterKind::Invitation,
        unique_key: None,
        recipient: invitation.email,
        data: json!({ "agent": invitation.agent }),
    };
    outbox::add(tx, &letter, invitation.now).await
}

/// Who is invited, while the link holds.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invited {
    pub agent_id: AgentId,
    pub letter_id: LetterId,
    pub name: String,
    pub email: String,
    /// Who invited them, while they work here.
    pub by_name: Option<String>,
    /// The language of whoever invited them: theirs is not known yet.
    pub locale: Option<String>,
    pub expires_at: DateTime<Utc>,
}

macro_rules! invited {
    ($rest:literal) => {
        concat!(
            "select i.agent_id, i.letter_id, a.name, a.email, b.name as by_name, b.locale, i.expires_at
            from invitations i
            join agents a on a.id = i.agent_id and a.disabled_at is null and a.password_hash is null
            left join agents b on b.id = i.by_id
            where i.expires_at > $1 ",
            $rest
        )
    };
}

pub async fn by_code(db: &PgPool, code_hash: &[u8], now: DateTime<Utc>) -> sqlx::Result<Option<Invited>> {
    sqlx::query_as(invited!("and i.code_hash = $2")).bind(now).bind(code_hash).fetch_optional(db).await
}

pub async fn of(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<Option<Invited>> {
    sqlx::query_as(invited!("and i.agent_id = $2")).bind(now).bind(agent).fetch_optional(db).await
}

/// Uses the link up: they have a password. Whether it was good; of two who use it at once, one does.
pub async fn accept(
    db: &PgPool,
    code_hash: &[u8],
    password_hash: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<AgentId>> {
    let mut tx = db.begin().await?;
    let agent: Option<AgentId> =
        sqlx::query_scalar("delete from invitations where code_hash = $1 and expires_at > $2 returning agent_id")
            .bind(code_hash)
            .bind(now)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(agent) = agent else { return Ok(None) };
    audit::name(&mut tx, agent).await?;
    let accepted = sqlx::query_scalar(
        "update agents set password_hash = $2 where id = $1 and disabled_at is null and password_hash is null returning id",
    )
    .bind(agent)
    .bind(password_hash)
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(accepted)
}

/// Whether somebody has not chosen a password yet.
pub async fn waits(db: &PgPool, agent: AgentId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select password_hash is null from agents where id = $1").bind(agent).fetch_one(db).await
}
