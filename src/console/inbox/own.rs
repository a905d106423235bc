//! One's own chats by number, and the next or previous that is unread: for keys, from wherever somebody is.

use super::{List, View, remembered};
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::id::ConversationId;
use crate::error::{Error, Result};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub struct From {
    /// The conversation that is open.
    at: Option<ConversationId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Nth(usize),
    NextUnread,
    PreviousUnread,
}

impl Which {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "next" => Some(Self::NextUnread),
            "previous" => Some(Self::PreviousUnread),
            _ => text.parse().ok().filter(|n| (1..=9).contains(n)).map(Self::Nth),
        }
    }

    /// Of chats in their order, each with whether it is unread: the place of the one that is meant. The next begins again at
    /// the top.
    fn of(self, unread: &[bool], at: Option<usize>) -> Option<usize> {
        let is_unread = |n: &usize| unread[*n];
        match self {
            Self::Nth(n) => (n <= unread.len()).then(|| n - 1),
            Self::NextUnread => {
                let after = at.map_or(0, |at| at + 1);
                (after..unread.len()).chain(0..after).find(is_unread)
            }
            Self::PreviousUnread => (0..at.unwrap_or_default()).rev().find(is_unread),
        }
    }
}

/// Says where it is; where there is none, nothing.
pub async fn go(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(which): Path<String>,
    Query(from): Query<From>,
) -> Result<Response> {
    let which = Which::parse(&which).ok_or(Error::NotFound)?;
    let wish = remembered(&app, &who.agent, View::Mine).await?;
    let rows = List::read(&app, &who.agent, (View::Mine, wish), from.at, None).await?.rows;
    let unread: Vec<_> = rows.iter().map(|row| row.is_unread).collect();
    Ok(match which.of(&unread, rows.iter().position(|row| row.is_current)) {
        Some(n) => format!("/console/c/{}?view={}", rows[n].id, View::Mine.as_str()).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

#[cfg(test)]
mod tests {
    use super::Which;

    #[test]
    fn numbers_count_from_one_and_unread_ones_are_walked_as_the_list_shows_them() {
        let of = |which: &str, unread: &[bool], at| Which::parse(which).and_then(|which| which.of(unread, at));
        assert_eq!((of("1", &[false; 3], None), of("3", &[false; 3], Some(0))), (Some(0), Some(2)));
        assert_eq!(
            (of("4", &[false; 3], None), of("0", &[true], None), of("10", &[true; 20], None)),
            (None, None, None)
        );
        let unread = [true, false, true];
        assert_eq!((of("next", &unread, None), of("next", &unread, Some(0))), (Some(0), Some(2)));
        assert_eq!((of("next", &unread, Some(2)), of("next", &[false; 2], Some(1))), (Some(0), None));
        assert_eq!((of("previous", &unread, Some(2)), of("previous", &unread, Some(0))), (Some(0), None));
        assert_eq!((of("previous", &unread, None), of("next", &[], None)), (None, None));
    }
}
