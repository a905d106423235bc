//! What an answer means, and when it is tried again. Pure.

use crate::outbound::Why;
use axum::http::{HeaderMap, StatusCode, header};
use chrono::{DateTime, TimeDelta, Utc};

/// Failures in a row after which an address is left alone for a while.
pub const OPENS_AFTER: i32 = 5;
/// How long it is left alone first, and at most.
const ALONE_MS: u64 = 60_000;
const ALONE_MAX_MS: u64 = 900_000;
/// One delivery is tried again after this long first, and at most.
const PAUSE_MS: u64 = 5_000;
const PAUSE_MAX_MS: u64 = 900_000;
/// A receiver may ask to be left alone for longer.
const ASKED_MAX: TimeDelta = TimeDelta::hours(1);

/// What came of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Taken(u16),
    /// The receiver wants no more.
    Gone,
    Refused {
        status: u16,
        /// When it wants to be asked again.
        not_before: Option<DateTime<Utc>>,
    },
    /// Nothing was answered.
    Not(Why),
    /// The secret was sealed with another `SECRET_KEY`.
    Sealed,
}

impl Answer {
    pub fn of(answered: Result<(StatusCode, HeaderMap), Why>, now: DateTime<Utc>) -> Self {
        match answered {
            Err(why) => Self::Not(why),
            Ok((status, _)) if status.is_success() => Self::Taken(status.as_u16()),
            Ok((StatusCode::GONE, _)) => Self::Gone,
            Ok((status, headers)) => Self::Refused { status: status.as_u16(), not_before: not_before(&headers, now) },
        }
    }

    /// As it is kept: a status, or a word.
    pub fn kept(&self) -> String {
        match self {
            Self::Taken(status) | Self::Refused { status, .. } => status.to_string(),
            Self::Gone => StatusCode::GONE.as_u16().to_string(),
            Self::Not(why) => why.class().to_owned(),
            Self::Sealed => "sealed".to_owned(),
        }
    }

    fn not_before(&self) -> Option<DateTime<Utc>> {
        if let Self::Refused { not_before, .. } = self { *not_before } else { None }
    }

    /// Until when nothing is tried at this address, after so many failures in a row.
    pub fn alone_until(&self, failures: i32, now: DateTime<Utc>, roll: u64) -> Option<DateTime<Utc>> {
        let over = u32::try_from(failures - OPENS_AFTER).ok();
        let alone = over.map(|over| now + jittered(doubled(ALONE_MS, over, ALONE_MAX_MS), roll));
        alone.max(self.not_before())
    }
}

/// When a delivery that was tried so often is tried again.
pub fn again_at(attempts: i32, now: DateTime<Utc>, roll: u64) -> DateTime<Utc> {
    let before = u32::try_from(attempts - 1).unwrap_or(0);
    now + jittered(doubled(PAUSE_MS, before, PAUSE_MAX_MS), roll)
}

fn doubled(first: u64, times: u32, most: u64) -> u64 {
    (first << times.min(16)).min(most)
}

/// Up to a quarter less by `roll` (0 to 999), so that nobody marches in step.
fn jittered(full: u64, roll: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(full - full / 4 * roll / 1_000).unwrap_or(i64::MAX))
}

/// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), an hour at most.
fn not_before(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let stated = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let at = match stated.parse::<u32>() {
        Ok(seconds) => now + TimeDelta::seconds(i64::from(seconds)),
        Err(_) => DateTime::parse_from_rfc2822(stated).ok()?.to_utc(),
    };
    Some(at.clamp(now, now + ASKED_MAX))
}

#[cfg(test)]
mod tests {
    use super::{Answer, OPENS_AFTER, again_at};
    use crate::outbound::Why;
    use axum::http::{HeaderMap, StatusCode};
    use chrono::{DateTime, TimeDelta, Utc};

    fn now() -> DateTime<Utc> {
        "2026-07-01T09:00:00Z".parse().unwrap()
    }

    fn refused(retry_after: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(stated) = retry_after {
            headers.insert("retry-after", stated.parse().unwrap());
        }
        Answer::of(Ok((StatusCode::SERVICE_UNAVAILABLE, headers)), now())
    }

    #[test]
    fn an_address_is_left_alone_after_five_failures_for_a_minute_up_to_a_quarter_of_an_hour() {
        let alone = |failures| refused(None).alone_until(failures, now(), 0).map(|at| (at - now()).num_seconds());
        assert_eq!([1, 4].map(alone), [None, None]);
        assert_eq!([5, 6, 7, 8, 9, 500].map(alone), [60, 120, 240, 480, 900, 900].map(Some));
        let sooner = refused(None).alone_until(OPENS_AFTER, now(), 999).unwrap() - now();
        assert!(sooner < TimeDelta::seconds(46) && sooner >= TimeDelta::seconds(45), "{sooner}");
    }

    #[test]
    fn what_a_receiver_asks_for_is_kept_to_up_to_an_hour() {
        let until = |stated, failures| {
            refused(Some(stated)).alone_until(failures, now(), 0).map(|at| (at - now()).num_seconds())
        };
        for (stated, failures, expected) in [
            ("90", 1, Some(90)),
            ("90", 5, Some(90)),
            ("10", 5, Some(60)),
            ("86400", 1, Some(3_600)),
            ("Wed, 01 Jul 2026 09:02:00 GMT", 1, Some(120)),
            ("Wed, 01 Jul 2026 08:00:00 GMT", 1, Some(0)),
            ("soon", 1, None),
            ("-5", 1, None),
        ] {
            assert_eq!(until(stated, failures), expected, "{stated} after {failures}");
        }
    }

    #[test]
    fn one_delivery_waits_longer_each_time_up_to_a_quarter_of_an_hour() {
        let waits = [1, 2, 3, 8, 9, i32::MAX].map(|attempts| (again_at(attempts, now(), 0) - now()).num_seconds());
        assert_eq!(waits, [5, 10, 20, 640, 900, 900]);
    }

    #[test]
    fn only_an_answer_in_the_two_hundreds_is_taken() {
        let status = |code| Answer::of(Ok((StatusCode::from_u16(code).unwrap(), HeaderMap::new())), now());
        assert_eq!(status(204), Answer::Taken(204));
        assert_eq!(status(410), Answer::Gone);
        for code in [302, 400, 401, 404, 500] {
            assert_eq!(status(code), Answer::Refused { status: code, not_before: None });
        }
        assert_eq!(Answer::of(Err(Why::Slow), now()).kept(), "slow");
    }
}
