//! Following a log: resume after a break, live events in order, gaps filled from the database.
//!
//! Promises: on one socket the events of a conversation leave in order and without a hole; whoever cannot be brought up to
//! date is told `reset`, never left with less. Callers listen before they resume, so that nothing falls between.

pub mod sweep;

use crate::app::{self, App};
use crate::domain::conversation::Refusal;
use crate::domain::event::Event;
use crate::domain::file::Addresses;
use crate::domain::id::{ClientId, ConnectionId, ConversationId, Epoch, EventId, SiteId};
use crate::error::Result;
use crate::measure;
use crate::realtime::event::{self as wire, Frame, Published, Shown};
use crate::store::events::{self, Audience, Most, Since};
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::time::Instant;

/// What a client says it has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    pub conversation: ConversationId,
    pub epoch: Option<String>,
    pub after: i64,
    /// The id of the last event applied.
    pub tip: Option<EventId>,
}

/// Most conversations resumed at once.
pub const CURSORS_MAX: usize = 50;
/// Most bytes replayed to one hello, over all its conversations: who missed more loads it page by page.
const REPLAYED_MAX: usize = 1024 * 1024;
/// Above this many missed events the client reloads history over HTTP.
const MISSED_MAX: i64 = 1_000;
const CHUNK: usize = 100;

/// Each conversation once: of cursors for the same one the last counts.
pub fn each_once(cursors: Vec<Cursor>) -> Vec<Cursor> {
    let last: HashMap<_, _> = cursors.iter().enumerate().map(|(at, cursor)| (cursor.conversation, at)).collect();
    let is_last = |(at, cursor): &(usize, Cursor)| last.get(&cursor.conversation) == Some(at);
    cursors.into_iter().enumerate().filter(is_last).map(|(_, cursor)| cursor).collect()
}

/// What to say to a client that asked for more.
pub fn too_many(cursors: &[Cursor]) -> Option<Frame> {
    const TOO_MANY: Refusal =
        Refusal::BadRequest("Only the first 50 conversations were resumed: load the others over HTTP.");
    (cursors.len() > CURSORS_MAX).then(|| wire::nack(None, &TOO_MANY))
}

/// What one hello is replayed, which is bounded: a conversation that does not fit into what is left is reset.
pub struct Replays<'a> {
    app: &'a App,
    audience: Audience,
    /// Bytes.
    left: usize,
}

/// How far a client is after a resume.
#[derive(Clone, Copy, Debug)]
pub struct Resumed {
    pub head: i64,
    /// It was told to load everything anew.
    pub is_reset: bool,
}

impl<'a> Replays<'a> {
    pub fn new(app: &'a App, audience: Audience) -> Self {
        Self { app, audience, left: REPLAYED_MAX }
    }

    /// Brings a client up to date: the frames to send, and how far it is then. `None`: no such conversation.
    pub async fn resume(&mut self, site: SiteId, cursor: &Cursor, out: &mut Vec<Frame>) -> Result<Option<Resumed>> {
        let (app, key, began) = (self.app, (site, cursor.conversation), app::instant());
        let after = cursor.after.max(0);
        let most = Most { events: MISSED_MAX, bytes: i64::try_from(self.left).unwrap_or(i64::MAX) };
        let Some(since) = events::since(&app.db.read, self.audience, key, after, most).await? else { return Ok(None) };
        let head = since.head;
        let reason = reason_to_reset(cursor, app.epoch, head, since.tip);
        let resumed = reason.map_or_else(|| self.replay(cursor.conversation, after, &since).ok_or("too_far"), Err);
        let is_reset = resumed.is_err();
        match resumed {
            Ok(mut replay) => {
                metrics::counter!("deskbell_resumes_total").increment(1);
                out.append(&mut replay);
                out.push(wire::synced(cursor.conversation, app.epoch, head));
                metrics::histogram!("deskbell_resume_seconds").record((app::instant() - began).as_secs_f64());
            }
            Err(reason) => {
                metrics::counter!("deskbell_resets_total", "reason" => reason).increment(1);
                out.push(wire::reset(cursor.conversation, reason, app.epoch, head));
            }
        }
        Ok(Some(Resumed { head, is_reset }))
    }

    /// `None`: there is more than may be sent.
    fn replay(&mut self, conversation: ConversationId, after: i64, since: &Since) -> Option<Vec<Frame>> {
        let at = self.app.addresses();
        let (frames, missed) = (replay(self.audience, conversation, (&since.events, &at)), since.events.len());
        if missed == 0 && after == since.head {
            return Some(frames);
        }
        let is_whole = i64::try_from(missed).is_ok_and(|missed| after + missed == since.head);
        self.left = self.left.checked_sub(frames.iter().map(|frame| frame.len()).sum()).filter(|_| is_whole)?;
        Some(frames)
    }
}

fn reason_to_reset(cursor: &Cursor, epoch: Epoch, head: i64, tip: Option<EventId>) -> Option<&'static str> {
    let holds_nothing = cursor.epoch.is_none() && cursor.after == 0 && cursor.tip.is_none();
    if !holds_nothing && cursor.epoch.as_deref() != Some(epoch.to_string().as_str()) {
        return Some("epoch");
    }
    if cursor.after < 0 || cursor.after > head {
        return Some("ahead");
    }
    if cursor.after > 0 && (tip.is_none() || tip != cursor.tip) {
        return Some("tip");
    }
    (head - cursor.after > MISSED_MAX).then_some("too_far")
}

fn replay(audience: Audience, conversation: ConversationId, (events, at): (&[Event], &Addresses)) -> Vec<Frame> {
    let mut chunks = events.chunks(CHUNK).peekable();
    let mut frames = Vec::new();
    if chunks.peek().is_none() {
        frames.push(wire::replay(conversation, &[], false));
    }
    while let Some(chunk) = chunks.next() {
        let shown: Vec<_> = chunk.iter().filter_map(|event| shown_to(audience, event, at)).collect();
        frames.push(wire::replay(conversation, &shown, chunks.peek().is_some()));
    }
    frames
}

/// An event in an audience's wire form; `None` is hidden from it.
pub fn shown_to<'a>(audience: Audience, event: &'a Event, at: &'a Addresses) -> Option<Shown<'a>> {
    match audience {
        Audience::Staff => Some(Shown::to_staff(event, at)),
        Audience::Shopper => Shown::to_shopper(event, at),
    }
}

/// The last `count` events and `synced`; gives the number of the last one. `None`: no such conversation.
pub async fn tail(
    app: &App,
    audience: Audience,
    key: (SiteId, ConversationId),
    count: i64,
    out: &mut Vec<Frame>,
) -> Result<Option<i64>> {
    let page = events::before(&app.db.read, audience, key, i64::MAX, count).await?;
    let Some(head) = page.last().and_then(|event| audience.seq(event)) else { return Ok(None) };
    let at = app.addresses();
    let shown: Vec<_> = page.iter().filter_map(|event| shown_to(audience, event, &at)).collect();
    out.push(wire::replay(key.1, &shown, false));
    out.push(wire::synced(key.1, app.epoch, head));
    Ok(Some(head))
}

/// One socket's way through the logs it follows: live events in their turn, gaps filled from the database, and what the
/// socket itself wrote acknowledged in its place among them.
#[derive(Debug)]
pub struct Reader {
    audience: Audience,
    connection: ConnectionId,
    /// The last client ids written on this socket, and when.
    sent: VecDeque<(ClientId, Instant)>,
    /// Acknowledged while a gap was filled, before their own publication came by.
    acknowledged: Vec<EventId>,
}

/// How many client ids a reader remembers: more than anybody has on the way at once.
const SENT_MAX: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It was the next one.
    Next,
    /// Others came before it and were read from the database.
    Mended,
    /// It was sent before.
    Old,
}

impl Reader {
    pub fn new(audience: Audience, connection: ConnectionId) -> Self {
        Self { audience, connection, sent: VecDeque::new(), acknowledged: Vec::new() }
    }

    /// This socket writes something under a client id.
    pub fn writes(&mut self, cid: ClientId) {
        if self.sent.len() == SENT_MAX {
            self.sent.pop_front();
        }
        self.sent.push_back((cid, app::instant()));
    }

    /// What lies between a cursor and an event that came too early; empty where it is its turn.
    pub async fn before(&self, app: &App, published: &Published, cursor: i64) -> Result<Vec<Event>> {
        let event = &published.event;
        if !self.is_early(published, cursor) {
            return Ok(Vec::new());
        }
        let mut missed = self.after(app, (event.site, event.conversation), cursor).await?;
        missed.retain(|missed| missed.seq < event.seq);
        Ok(missed)
    }

    /// Whether others come before it that were not told.
    pub fn is_early(&self, published: &Published, cursor: i64) -> bool {
        self.audience.seq(&published.event).is_some_and(|seq| seq > cursor + 1)
    }

    /// What a log has after a cursor.
    pub async fn after(&self, app: &App, key: (SiteId, ConversationId), cursor: i64) -> Result<Vec<Event>> {
        metrics::counter!("deskbell_backfills_total").increment(1);
        let since = events::since(&app.db.read, self.audience, key, cursor, Most::events(MISSED_MAX)).await?;
        Ok(since.map(|since| since.events).unwrap_or_default())
    }

    /// Sends a published event in its turn, after what was missed [`before`](Self::before) it, and moves the cursor on.
    /// Without waiting, so that nothing is cut off in the middle.
    pub fn advance(
        &mut self,
        app: &App,
        (missed, published): (Vec<Event>, &Published),
        cursor: &mut i64,
        out: &mut Vec<Frame>,
    ) -> Turn {
        let event = &published.event;
        let Some(seq) = self.audience.seq(event) else { return Turn::Old };
        let turn = if self.is_early(published, *cursor) { Turn::Mended } else { Turn::Next };
        self.catch_up(app, missed, cursor, out);
        let is_next = seq == *cursor + 1;
        if is_next {
            *cursor = seq;
        }
        if published.origin == Some(self.connection) {
            self.acknowledge(event, seq, out);
        } else if is_next {
            self.deliver(app, published, out);
        }
        if is_next { turn } else { Turn::Old }
    }

    fn deliver(&self, app: &App, published: &Published, out: &mut Vec<Frame>) {
        if let Some(frame) = frame_for(self.audience, published, &app.addresses()) {
            out.push(frame);
            measure::delivered(self.audience == Audience::Staff, app.clock.now() - published.event.at);
        }
    }

    /// Once, wherever it is met first.
    fn acknowledge(&mut self, event: &Event, seq: i64, out: &mut Vec<Frame>) {
        if let Some(at) = self.acknowledged.iter().position(|id| *id == event.id) {
            self.acknowledged.swap_remove(at);
            return;
        }
        out.push(wire::ack(event.cid, event, Some(seq), false));
        if let Some(since) = event.cid.and_then(|cid| self.sent_at(cid)) {
            measure::acknowledged(app::instant() - since);
        }
    }

    /// When this socket wrote it. What is acknowledged was written lately.
    fn sent_at(&self, cid: ClientId) -> Option<Instant> {
        self.sent.iter().rev().find(|(sent, _)| *sent == cid).map(|(_, at)| *at)
    }

    /// Sends what was missed and moves the cursor on.
    pub fn catch_up(&mut self, app: &App, missed: Vec<Event>, cursor: &mut i64, out: &mut Vec<Frame>) {
        for missed in missed {
            let Some(seq) = self.audience.seq(&missed) else { continue };
            if self.wrote(&missed) {
                self.acknowledge(&missed, seq, out);
                self.acknowledged.push(missed.id);
            } else {
                self.deliver(app, &Published::new(Arc::new(missed), None, None), out);
            }
            *cursor = seq;
        }
    }

    /// To somebody who may not see the log any more: of what was missed, and of what is published, their own is acknowledged
    /// and nothing is told.
    pub fn acknowledge_only(&mut self, missed: &[Event], published: Option<&Published>, out: &mut Vec<Frame>) {
        let published = published.filter(|published| published.origin == Some(self.connection));
        let own: Vec<_> = missed.iter().filter(|event| self.wrote(event)).collect();
        for event in own.into_iter().chain(published.map(|published| &*published.event)) {
            self.acknowledge(event, event.seq, out);
        }
    }

    fn wrote(&self, event: &Event) -> bool {
        event.cid.is_some_and(|cid| self.sent_at(cid).is_some())
    }
}

pub fn frame_for(audience: Audience, published: &Published, at: &Addresses) -> Option<Frame> {
    match audience {
        Audience::Staff => Some(published.staff_frame(at)),
        Audience::Shopper => published.shopper_frame(at),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, reason_to_reset};
    use crate::domain::id::{ConversationId, Epoch, EventId};
    use uuid::Uuid;

    #[test]
    fn a_cursor_that_does_not_fit_is_reset_and_never_left_with_a_hole() {
        let epoch = Epoch(Uuid::from_u128(7));
        let tip = Some(EventId(Uuid::from_u128(1)));
        let cursor = |epoch: Option<Epoch>, after, tip| Cursor {
            conversation: ConversationId(Uuid::nil()),
            epoch: epoch.map(|e| e.to_string()),
            after,
            tip,
        };
        let cases = [
            (cursor(None, 0, None), 2_000, Some("too_far")),
            (cursor(None, 0, None), 1_000, None),
            (cursor(Some(epoch), 5, tip), 9, None),
            (cursor(Some(epoch), 5, None), 9, Some("tip")),
            (cursor(Some(epoch), 5, Some(EventId(Uuid::from_u128(2)))), 9, Some("tip")),
            (cursor(Some(epoch), 10, tip), 9, Some("ahead")),
            (cursor(Some(Epoch(Uuid::nil())), 5, tip), 9, Some("epoch")),
            (cursor(None, 5, tip), 9, Some("epoch")),
            (cursor(Some(epoch), -1, None), 9, Some("ahead")),
        ];
        for (n, (cursor, head, expected)) in cases.into_iter().enumerate() {
            assert_eq!(reason_to_reset(&cursor, epoch, head, tip), expected, "case {n}");
        }
    }
}
