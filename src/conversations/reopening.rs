//! What a shopper writes within half an hour after the end opens the conversation again.
//!
//! Where nobody can answer now it becomes a ticket at once, as far as there is an address to answer to; without one it waits,
//! because nobody who writes is turned away.

use super::opening::ticketing;
use super::{Act, Said, pace_letters, post_and_wait, publish, site_by_id};
use crate::app::App;
use crate::domain::conversation::Refusal;
use crate::domain::event::{Draft, Kind};
use crate::domain::id::ShopperId;
use crate::error::Result;
use crate::presence::shop::Look;
use crate::store::append::Outcome;
use crate::store::conversations::{Opened, Reopening, Ticketing, reopen as store_reopen, summary};
use crate::store::sites;
use chrono::TimeDelta;
use serde_json::json;
use std::net::IpAddr;

/// How long after its end.
const REOPENS: TimeDelta = TimeDelta::minutes(30);

/// Opens a conversation that has ended with a message to it. Where the shopper has another one open, the message goes there;
/// who came by a link speaks of this one alone.
pub async fn reopen(
    app: &App,
    (act, shopper): (&Act, ShopperId),
    said: &Said,
    (ip, by_link): (IpAddr, bool),
) -> Result<Outcome> {
    if let Err(refusal) = said.check() {
        return Ok(Outcome::Refused(refusal));
    }
    let again = Reopening {
        site: act.site,
        shopper,
        conversation: act.conversation,
        opened: Draft { cid: None, ..act.draft(Kind::Opened, None, Some(json!({ "again": true }))) },
        message: act.said(said),
        at: app.clock.now(),
        ended_after: app.clock.now() - REOPENS,
        ticket: by_mail(app, act, said, ip).await?,
    };
    Ok(match store_reopen(&app.db, again).await? {
        Opened::New(first, message, ticketed) => {
            publish(&app.hub, &first, None);
            publish(&app.hub, &message, act.origin);
            if let Some(ticketed) = ticketed {
                publish(&app.hub, &ticketed, None);
                app.wake_mail();
            } else {
                app.wake_queue();
            }
            Outcome::Stored(message)
        }
        Opened::Existing(id) if by_link && id != act.conversation => Outcome::Refused(Refusal::Closed),
        Opened::Existing(id) => post_and_wait(app, &Act { conversation: id, ..act.clone() }, said).await,
        Opened::Duplicate(stored) => Outcome::Duplicate(stored),
        Opened::Refused(refusal) => Outcome::Refused(refusal),
    })
}

/// Where it has to be a ticket: the shop is closed, nobody is there, or the line is full.
async fn by_mail(app: &App, act: &Act, said: &Said, ip: IpAddr) -> Result<Option<Ticketing>> {
    let Some(chat) = summary(&app.db.read, act.conversation).await?.filter(|chat| chat.site_id == act.site) else {
        return Ok(None);
    };
    let Some(email) = chat.shopper_email else { return Ok(None) };
    let site = site_by_id(app, act.site).await?;
    let teams = sites::teams(&app.db.read, act.site).await?;
    let team = teams.iter().find(|team| Some(team.id) == chat.team_id);
    if Look::at(app, &site).await?.openness(team).is_open || pace_letters(app, ip).is_err() {
        return Ok(None);
    }
    Ok(Some(ticketing(act, said, email, act.by_name.clone())))
}
