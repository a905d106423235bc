//! The worker: claims a letter, composes it, hands it over holding no connection, and writes down how it went.
//!
//! Woken by whoever wrote a letter, and by its own look every few seconds, so that a lost wake-up costs seconds and no
//! letter. Logs ids, never addresses or text.

use super::letter::{Composed, Office, compose};
use super::transport::{Failure, Transport};
use crate::app::{App, random_below};
use crate::error::Result;
use crate::store::outbox::{self, Letter};
use crate::transcripts::one_line;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;

/// How often the outbox is looked at when nobody rings.
const LOOK: Duration = Duration::from_secs(5);
/// How long a claim holds: past that the letter of a process that died goes to another.
const CLAIM: TimeDelta = TimeDelta::minutes(2);
/// Letters that one node hands over at the same time, so that a slow reader's server delays few others.
const HANDS: usize = 4;
/// A letter is tried this long.
const LIFETIME: TimeDelta = TimeDelta::hours(24);
const FIRST_PAUSE_MS: u64 = 30_000;
const LONGEST_PAUSE_MS: u64 = 3_600_000;
/// Longest reason kept, in characters.
const REASON_MAX: usize = 500;
/// How often, a second apart, it is tried to write down how a letter went.
const NOTE_TRIES: usize = 5;

const EXCESS: &str = "this address has had its letters for today; nobody vouches for it, so that it gets no more than three a day from one shop";

struct Post {
    office: Office,
    transport: Transport,
}

enum Outcome {
    Sent,
    /// There is nothing to tell any more.
    Needless,
    Again {
        at: DateTime<Utc>,
        failure: Failure,
    },
    Never {
        class: String,
        reason: String,
    },
}

/// Sends letters until the app stops; a letter in hand is finished first.
pub async fn run(app: Arc<App>) {
    let post = match open(&app) {
        Ok(post) => post,
        Err(error) => {
            return tracing::error!(error = format!("{error:#}"), "letters cannot be sent; they wait in the outbox");
        }
    };
    let hands = (0..HANDS).map(|_| hand(&app, &post));
    tokio::join!(join_all(hands), watch(&app));
}

fn open(app: &App) -> anyhow::Result<Post> {
    Ok(Post { office: Office::of(&app.config)?, transport: Transport::of(&app.config.mail)? })
}

async fn hand(app: &App, post: &Post) {
    while !app.stopping.is_cancelled() {
        let now = app.clock.now();
        match outbox::claim(&app.db.read, now, now + CLAIM).await {
            Ok(Some(letter)) => {
                // There may be more: wakes a colleague, who wakes the next.
                app.wake_mail();
                deliver(app, post, &letter).await;
            }
            Ok(None) => wait(app).await,
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read");
                pause(app, LOOK).await;
            }
        }
    }
}

async fn wait(app: &App) {
    tokio::select! {
        () = app.stopping.cancelled() => {}
        () = app.signals.mail.notified() => {}
        () = tokio::time::sleep(LOOK) => {}
    }
}

async fn pause(app: &App, how_long: Duration) {
    tokio::select! {
        () = app.stopping.cancelled() => {}
        () = tokio::time::sleep(how_long) => {}
    }
}

async fn deliver(app: &App, post: &Post, letter: &Letter) {
    let outcome = attempt(app, post, letter).await;
    let (kind, id) = (letter.kind.as_str(), letter.id);
    let label = match &outcome {
        Outcome::Sent => {
            tracing::info!(letter = %id, kind, attempts = letter.attempts, "letter sent");
            "sent"
        }
        Outcome::Needless => {
            tracing::info!(letter = %id, kind, "letter withdrawn: what it tells is known");
            "needless"
        }
        Outcome::Again { at, failure } => {
            tracing::warn!(letter = %id, kind, attempts = letter.attempts, why = failure.class, next = %at, "letter not sent; it will be tried again");
            "again"
        }
        Outcome::Never { class, .. } => {
            tracing::warn!(letter = %id, kind, attempts = letter.attempts, why = class, "letter laid aside");
            "dead"
        }
    };
    metrics::counter!("deskbell_letters_total", "kind" => kind, "outcome" => label).increment(1);
    note(app, letter, &outcome).await;
}

async fn attempt(app: &App, post: &Post, letter: &Letter) -> Outcome {
    if letter.is_excess {
        return Outcome::Never { class: "excess".into(), reason: EXCESS.into() };
    }
    let failure = match compose(&app.db, &post.office, letter, app.clock.now()).await {
        Ok(Composed::Needless) => return Outcome::Needless,
        Ok(Composed::Pointless(reason)) => return Outcome::Never { class: reason.into(), reason: reason.into() },
        Ok(Composed::Ready(message)) => match post.transport.send(letter.id, *message).await {
            Ok(()) => return Outcome::Sent,
            Err(failure) => failure,
        },
        Err(error) => {
            tracing::error!(letter = %letter.id, error = ?error, "letter cannot be composed");
            Failure { is_permanent: false, class: "composing".into(), detail: error.to_string() }
        }
    };
    judge(letter, failure, app.clock.now(), random_below(1_000))
}

/// Again later, unless that is pointless or the letter is too old.
fn judge(letter: &Letter, failure: Failure, now: DateTime<Utc>, roll: u64) -> Outcome {
    if failure.is_permanent || now - letter.created_at >= LIFETIME {
        return Outcome::Never { class: failure.class, reason: failure.detail };
    }
    Outcome::Again { at: now + back_off(letter.attempts, roll), failure }
}

/// Doubles from half a minute to an hour; up to a quarter less by `roll` (0 to 999), so that letters do not march in step.
fn back_off(attempts: i32, roll: u64) -> TimeDelta {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    let full = (FIRST_PAUSE_MS << doublings).min(LONGEST_PAUSE_MS);
    let less = full / 4 * roll / 1_000;
    TimeDelta::milliseconds(i64::try_from(full - less).unwrap_or(i64::MAX))
}

/// Writes down how it went. A letter that went and is not noted as sent goes again when its claim ends, so this is tried
/// for a while.
async fn note(app: &App, letter: &Letter, outcome: &Outcome) {
    for _ in 0..NOTE_TRIES {
        match write(app, letter, outcome).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(letter = %letter.id, %error, "what became of a letter cannot be written down"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn write(app: &App, letter: &Letter, outcome: &Outcome) -> Result<()> {
    let (db, id, this) = (&app.db.read, letter.id, (letter.id, letter.attempts));
    let kept = |reason: &str| one_line(reason).chars().take(REASON_MAX).collect::<String>();
    match outcome {
        Outcome::Sent => outbox::sent(db, id, app.clock.now()).await?,
        Outcome::Needless => outbox::withdraw(db, id).await?,
        Outcome::Again { at, failure } => outbox::failed(db, this, &kept(&failure.detail), Some(*at)).await?,
        Outcome::Never { reason, .. } => outbox::failed(db, this, &kept(reason), None).await?,
    }
    Ok(())
}

async fn watch(app: &App) {
    while !app.stopping.is_cancelled() {
        if let Ok((waiting, oldest_s, dead)) = outbox::backlog(&app.db.read, app.clock.now()).await {
            let count = |letters| f64::from(u32::try_from(letters).unwrap_or(u32::MAX));
            metrics::gauge!("deskbell_outbox_waiting").set(count(waiting));
            metrics::gauge!("deskbell_outbox_oldest_seconds").set(oldest_s.max(0.0));
            metrics::gauge!("deskbell_outbox_dead").set(count(dead));
        }
        pause(app, LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Letter, Outcome, back_off, judge};
    use crate::domain::id::{LetterId, SiteId};
    use crate::store::outbox::LetterKind;
    use chrono::{DateTime, TimeDelta, Utc};
    use uuid::Uuid;

    fn letter(attempts: i32, created_at: DateTime<Utc>) -> Letter {
        Letter {
            id: LetterId(Uuid::from_u128(1)),
            site_id: SiteId(Uuid::from_u128(2)),
            conversation_id: None,
            kind: LetterKind::Transcript,
            recipient: "a@b.co".into(),
            data: serde_json::json!({}),
            attempts,
            created_at,
            is_excess: false,
        }
    }

    fn failure(is_permanent: bool) -> Failure {
        Failure { is_permanent, class: "smtp".into(), detail: "the relay said no".into() }
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_never_march_in_step() {
        let full: Vec<_> = (1..=9).map(|attempts| back_off(attempts, 0).num_seconds()).collect();
        assert_eq!(full, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(back_off(i32::MAX, 0).num_seconds(), 3_600);
        assert_eq!(back_off(0, 0).num_seconds(), 30);
        let least = back_off(1, 999);
        assert!(least < back_off(1, 500) && least >= TimeDelta::milliseconds(22_500));
    }

    #[test]
    fn a_letter_is_tried_for_a_day_unless_the_relay_refuses_it_for_good() {
        let created: DateTime<Utc> = "2026-07-01T09:00:00Z".parse().unwrap();
        let in_time = judge(&letter(3, created), failure(false), created + TimeDelta::hours(23), 0);
        assert!(
            matches!(in_time, Outcome::Again { at, .. } if at == created + TimeDelta::hours(23) + TimeDelta::minutes(2))
        );
        let too_old = judge(&letter(30, created), failure(false), created + TimeDelta::hours(24), 0);
        assert!(matches!(too_old, Outcome::Never { .. }));
        assert!(matches!(judge(&letter(1, created), failure(true), created, 0), Outcome::Never { .. }));
    }
}
