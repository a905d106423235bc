//! Search: what was written, who wrote it, and tickets, by the words in them.
//!
//! Promises: whatever was committed is findable within [`FINDABLE_WITHIN`] while a node with the role `queue` runs, and costs
//! its sender one small row more; what is taken back, deleted or not for somebody's eyes is not found by them from that moment;
//! what is found holds exactly what was asked. May not decide who may see what: that is the store's.

pub mod query;
mod words;

use crate::app::App;
use crate::domain::id::SiteId;
use crate::store::search::{self as store, Turn};
use query::Query;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// How long after its commit a text can be found, at the latest, unless tens of thousands wait before it.
pub const FINDABLE_WITHIN: Duration = Duration::from_secs(3);
const EVERY: Duration = Duration::from_millis(500);
/// Things of one turn.
pub const TURN: i64 = 1_000;
/// Between two slices of what was there before the index: who chats goes first.
const BREATH: Duration = Duration::from_millis(50);

/// Takes apart what is written, until the server stops.
pub async fn run(app: Arc<App>) {
    loop {
        let pause = match store::turn(&app.db.read, as_vector, TURN).await {
            Ok(Turn { noted, .. }) if i64::try_from(noted).is_ok_and(|noted| noted >= TURN) => Duration::ZERO,
            Ok(turn) if turn.old > 0 => BREATH,
            Ok(_) => EVERY,
            Err(error) => {
                tracing::warn!(
                    error = error.cause(),
                    "what was written cannot be taken apart for the search; tried again"
                );
                EVERY
            }
        };
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Positions between two texts of one thing, so that nothing follows from one to the other.
const APART: usize = 16;
/// PostgreSQL counts no further.
const POSITION_MAX: usize = 16_383;

/// The words of texts, as `tsvector` reads them. Words hold letters and digits only, so that nothing needs escaping.
pub fn as_vector(site: SiteId, texts: &[String]) -> String {
    let mut vector = format!("'{}'", store::site_word(site));
    let mut place = 1;
    for text in texts {
        for word in words::words(text) {
            let _ = write!(vector, " '{}':{}", word.text, place.min(POSITION_MAX));
            place += 1;
        }
        for number in words::phones(text) {
            let _ = write!(vector, " '#{}'", number.text);
        }
        place += APART;
    }
    vector
}

/// A piece of a text, and whether it is what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub is_hit: bool,
}

/// What is shown around the first place, in characters: before it, and altogether.
const LEAD: usize = 50;
const SHOWN: usize = 220;

/// A part of a text with what was asked for, in pieces; `None`: it is not in there.
pub fn excerpt(query: &Query, text: &str) -> Option<Vec<Piece>> {
    let places = query.places(text);
    let (first, _) = *places.first()?;
    let begin = text[..first].char_indices().rev().nth(LEAD - 1).map_or(0, |(at, _)| at);
    let end = text[begin..].char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| begin + at);
    let mut pieces = Vec::new();
    let mut put = |from: usize, to: usize, is_hit: bool| {
        if from < to {
            pieces.push(Piece { text: text[from..to].to_owned(), is_hit });
        }
    };
    let mut at = begin;
    for (from, to) in places.into_iter().map(|(from, to)| (from, to.min(end))).filter(|(from, to)| from < to) {
        put(at, from, false);
        put(from, to, true);
        at = to;
    }
    put(at, end, false);
    if let Some(first) = pieces.first_mut().filter(|_| begin > 0) {
        first.text.insert(0, '…');
    }
    if let Some(last) = pieces.last_mut().filter(|_| end < text.len()) {
        last.text.push('…');
    }
    Some(pieces)
}

/// The beginning of a text, where what was asked for stands elsewhere.
pub fn beginning(text: &str) -> Vec<Piece> {
    let text = crate::domain::message::excerpt(text, SHOWN);
    if text.is_empty() { Vec::new() } else { vec![Piece { text, is_hit: false }] }
}

#[cfg(test)]
mod tests {
    use super::query::Query;
    use super::{as_vector, excerpt};
    use crate::domain::id::SiteId;
    use uuid::Uuid;

    #[test]
    fn texts_become_a_vector_in_which_nothing_runs_from_one_to_the_next() {
        let site = SiteId(Uuid::from_u128(0xabc));
        let vector = as_vector(site, &["Red lamp".into(), "'好吧' 0170 1234567".into()]);
        assert_eq!(vector, "'@000000000abc' 'red':1 'lamp':2 '好吧':19 '吧':20 '0170':21 '1234567':22 '#7654321071'");
    }

    #[test]
    fn an_excerpt_shows_the_first_place() {
        let shown = |asked: &str, text: &str| {
            let pieces = excerpt(&Query::parse(asked).unwrap(), text).unwrap();
            pieces.iter().map(|p| if p.is_hit { format!("[{}]", p.text) } else { p.text.clone() }).collect::<String>()
        };
        assert_eq!(shown("lamp", "a lamp, <b>lamps</b>"), "a [lamp], <b>[lamps]</b>");
        let long = format!("{} 灯 {}", "x ".repeat(100), "好".repeat(300));
        let cut = shown("灯", &long);
        assert!(cut.starts_with("…") && cut.ends_with("好…") && cut.contains("[灯]"), "{cut}");
        assert!(cut.chars().count() < 230, "{cut}");
        let (whole, ended) = (shown("ok", "ok okay"), shown("好好", &"好".repeat(400)));
        assert_eq!((whole.as_str(), ended.chars().count()), ("[ok] okay", 223));
        // Characters of other lengths than their neighbours', and some that stand for several.
        assert_eq!(shown("𠮷", "𠮷野家"), "[𠮷]野家");
        assert_eq!(shown("株", "㍿ 株式"), "[㍿] [株]式");
        assert!(excerpt(&Query::parse("lamp").unwrap(), "nothing").is_none());
    }
}
