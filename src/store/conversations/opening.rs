//! Opening a conversation with its first message.

use super::moves::make_ticket;
use crate::domain::conversation::{Head, Refusal, State};
use crate::domain::event::Draft;
use crate::domain::file::File;
use crate::domain::id::{ConversationId, EventId, LetterId, ShopperId, SiteId, TeamId};
use crate::domain::route::Route;
use crate::store::append::{Outcome, Row, Stored, insert, known_cid};
use crate::store::files::{self, NO_SUCH_FILE};
use crate::store::tickets::NewTicket;
use crate::store::{Db, blocks, events, people};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use std::sync::Arc;

pub struct Opening {
    pub site: SiteId,
    pub shopper: ShopperId,
    pub conversation: ConversationId,
    /// What the shopper asked for; the route's where there is no such team.
    pub team: Option<TeamId>,
    pub route: Route,
    pub locale: String,
    pub state: State,
    pub opened: Draft,
    pub message: Draft,
    pub at: DateTime<Utc>,
    /// What an unverified shopper said of themselves.
    pub name: Option<String>,
    pub email: Option<String>,
    /// Kept beside the shopper where a conversation is open already: an agent may have written first in that very moment.
    pub answers: Option<Value>,
    /// Not a chat: a ticket from the first moment, which nobody waits in line for.
    pub ticket: Option<Ticketing>,
}

/// What makes a conversation a ticket.
pub struct Ticketing {
    pub draft: Draft,
    pub subject: String,
    pub email: String,
    pub name: String,
    pub letter: LetterId,
}

pub enum Opened {
    /// The two first events, and the third of a ticket.
    New(Stored, Stored, Option<Stored>),
    /// The shopper has an open conversation: append there.
    Existing(ConversationId),
    /// This very message opened a conversation that has ended since.
    Duplicate(Stored),
    Refused(Refusal),
}

/// Opens a conversation with its first message. One open conversation a shopper and site: held by a constraint; the
/// shopper's row lock makes two tabs take turns, and the look-up of the client id makes a resend safe even after a close.
pub async fn open(db: &Db, opening: Opening) -> sqlx::Result<Opened> {
    let mut tx = db.send.begin().await?;
    let locked: Option<ShopperId> =
        sqlx::query_scalar("select id from shoppers where site_id = $1 and id = $2 for update")
            .bind(opening.site)
            .bind(opening.shopper)
            .fetch_optional(&mut *tx)
            .await?;
    if locked.is_none() || blocks::holds(&mut *tx, (opening.site, opening.shopper), opening.at).await? {
        return Ok(Opened::Refused(Refusal::Forbidden));
    }
    if let Some(settled) = sent_before(&mut tx, (opening.site, opening.shopper), &opening.message).await? {
        return Ok(settled);
    }
    if let Some((id, _)) = open_of(&mut tx, opening.site, opening.shopper).await? {
        if let Some(answers) = &opening.answers {
            let who = (opening.site, opening.shopper);
            people::set_contact(&mut tx, who, opening.name.as_deref(), opening.email.as_deref()).await?;
            people::keep_answers(&mut tx, who, answers).await?;
            tx.commit().await?;
        }
        return Ok(Opened::Existing(id));
    }
    let message = &opening.message;
    let mut found = files::lock(&mut tx, &message.files).await?;
    let Some(carried) = found.take(opening.site, message.by, &message.files) else {
        return Ok(Opened::Refused(NO_SUCH_FILE));
    };
    people::set_contact(&mut tx, (opening.site, opening.shopper), opening.name.as_deref(), opening.email.as_deref())
        .await?;
    let head = insert_conversation(&mut tx, &opening).await?;
    let begun = Begun { opened: opening.opened, message: opening.message, carried, ticket: opening.ticket };
    let opened = begin(&mut tx, head, begun, opening.at).await?;
    tx.commit().await?;
    Ok(opened)
}

/// What a conversation that is open from now on has to show for it.
pub(super) struct Begun {
    pub opened: Draft,
    pub message: Draft,
    /// The files of the message.
    pub carried: Vec<File>,
    pub ticket: Option<Ticketing>,
}

/// Writes the events of an opening, and makes a ticket of it where it is one.
pub(super) async fn begin(
    tx: &mut PgConnection,
    mut head: Head,
    begun: Begun,
    at: DateTime<Utc>,
) -> sqlx::Result<Opened> {
    let mut drafts = vec![begun.opened, begun.message];
    if let Some(mut ticket) = begun.ticket {
        let Ticketing { subject, email, name, .. } = &ticket;
        let new = NewTicket { site: head.site_id, conversation: head.id, subject, email, name };
        let number = make_ticket(tx, &head, &new, ticket.letter, at).await?;
        ticket.draft.data = Some(serde_json::json!({ "number": number }));
        drafts.push(ticket.draft);
    }
    let mut rows: Vec<_> = drafts.into_iter().map(|draft| Row::number(&mut head, draft, at)).collect();
    rows[1].carry(&begun.carried);
    insert(tx, &rows).await?;
    files::attach(tx, &rows).await?;
    let mut stored = rows.into_iter().map(|row| Stored { event: Arc::new(row.event), shopper: head.shopper_id });
    Ok(match (stored.next(), stored.next()) {
        (Some(opened), Some(message)) => Opened::New(opened, message, stored.next()),
        _ => Opened::Refused(Refusal::Forbidden),
    })
}

pub(super) async fn insert_conversation(tx: &mut PgConnection, opening: &Opening) -> sqlx::Result<Head> {
    sqlx::query_as(
        "insert into conversations (site_id, id, kind, shopper_id, team_id, state, locale, queued_at, previous_agent_id, last_at, opened_at,
            priority, required_skills, preferred_skills)
        values ($1, $2, case when $5 = 'ticketed' then 'ticket' else 'support' end, $3,
            coalesce((select id from teams where site_id = $1 and id = $4), (select id from teams where site_id = $1 and id = $8)), $5, $6, $7,
            (select assignee_id from conversations where site_id = $1 and shopper_id = $3 order by opened_at desc limit 1), $7, $7,
            $9, $10, $11)
        returning site_id, id, shopper_id, team_id, state, assignee_id, gen, last_seq, shopper_seq",
    )
    .bind(opening.site)
    .bind(opening.conversation)
    .bind(opening.shopper)
    .bind(opening.team)
    .bind(opening.state.as_str())
    .bind(&opening.locale)
    .bind(opening.at)
    .bind(opening.route.team)
    .bind(opening.route.class.number())
    .bind(&opening.route.require)
    .bind(&opening.route.prefer)
    .fetch_one(tx)
    .await
}

/// A first message whose conversation has ended since is answered again, not opened again.
pub(super) async fn sent_before(
    tx: &mut PgConnection,
    (site, shopper): (SiteId, ShopperId),
    message: &Draft,
) -> sqlx::Result<Option<Opened>> {
    let Some(cid) = message.cid else { return Ok(None) };
    let found: Option<(ConversationId, EventId)> = sqlx::query_as(
        "select e.conversation_id, e.id from conversations c
        join events e on e.site_id = c.site_id and e.conversation_id = c.id and e.author_id = $2 and e.cid = $3
        where c.site_id = $1 and c.shopper_id = $2",
    )
    .bind(site)
    .bind(shopper)
    .bind(cid)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((conversation, id)) = found else { return Ok(None) };
    let known = known_cid(tx, (site, conversation), message.by, cid).await?;
    if known.and_then(|k| k.digest).is_some_and(|digest| digest != message.digest()) {
        return Ok(Some(Opened::Refused(Refusal::CidConflict)));
    }
    let event = events::get(tx, site, conversation, id).await?;
    Ok(event.map(|event| Opened::Duplicate(Stored { event: Arc::new(event), shopper: Some(shopper) })))
}

/// A message of a shopper that is in one of their conversations already, however old, but for `except`: somebody may press "try
/// again" days later. One probe of an index for each conversation of theirs.
pub async fn stored_before(
    db: &PgPool,
    (site, shopper): (SiteId, ShopperId),
    except: Option<ConversationId>,
    draft: &Draft,
) -> sqlx::Result<Option<Outcome>> {
    let found: Option<(ConversationId, EventId, Option<i64>)> = sqlx::query_as(
        "select e.conversation_id, e.id, e.digest from conversations c
        join events e on e.site_id = c.site_id and e.conversation_id = c.id and e.author_id = $2 and e.cid = $3
        where c.site_id = $1 and c.shopper_id = $2 and c.id is distinct from $4",
    )
    .bind(site)
    .bind(shopper)
    .bind(draft.cid)
    .bind(except)
    .fetch_optional(db)
    .await?;
    let Some((conversation, id, digest)) = found else { return Ok(None) };
    if digest.is_some_and(|digest| digest != draft.digest()) {
        return Ok(Some(Outcome::Refused(Refusal::CidConflict)));
    }
    let mut connection = db.acquire().await?;
    let event = events::get(&mut connection, site, conversation, id).await?;
    Ok(event.map(|event| Outcome::Duplicate(Stored { event: Arc::new(event), shopper: Some(shopper) })))
}

pub(super) async fn open_of(
    tx: &mut PgConnection,
    site: SiteId,
    shopper: ShopperId,
) -> sqlx::Result<Option<(ConversationId, State)>> {
    sqlx::query_as(
        "select id, state from conversations
        where site_id = $1 and shopper_id = $2 and kind = 'support' and state in ('waiting', 'active')",
    )
    .bind(site)
    .bind(shopper)
    .fetch_optional(tx)
    .await
}
