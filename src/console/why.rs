//! The flight recorder as agents read it: each decision about a conversation, and what spoke for and against everybody.

use super::fragments::When;
use crate::app::App;
use crate::domain::conversation::State;
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::queue;
use crate::store::conversations::Summary;
use crate::store::queue::{Decision, DecisionKind, decisions};
use crate::words::{Key, Lang};
use serde_json::{Value, json};

/// Most people shown of one decision.
const SHOWN: usize = 12;

#[derive(Clone, Debug)]
pub struct Why {
    /// Whose decision it was about; empty: nobody's.
    pub name: String,
    pub what: Key,
    pub waited_s: i64,
    pub when: When,
    pub people: Vec<Person>,
    /// There were candidates, and whoever reads this was none of them.
    pub was_absent: bool,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub is_me: bool,
    /// What they carried, of what they may carry.
    pub carried: Option<(i64, i64)>,
    pub why: String,
}

/// What was decided, newest first; above it, while somebody waits, why nobody has them yet.
pub async fn read(app: &App, lang: Lang, summary: &Summary, me: AgentId) -> Result<Vec<Why>> {
    let mut all = Vec::new();
    if summary.state == State::Waiting
        && let Some(considered) = queue::explain(app, summary.id).await?
    {
        let now = app.clock.now();
        let waited_s = summary.queued_at.map_or(0, |since| (now - since).num_seconds());
        let (people, was_absent) = people(lang, &json!(considered), me);
        all.push(Why { name: String::new(), what: Key("why-waits"), waited_s, when: now.into(), people, was_absent });
    }
    let recorded = decisions(&app.db.read, summary.site_id, summary.id).await?;
    all.extend(recorded.iter().rev().map(|decision| Why::of(lang, decision, me)));
    Ok(all)
}

impl Why {
    fn of(lang: Lang, decision: &Decision, me: AgentId) -> Self {
        let (people, was_absent) = people(lang, &decision.candidates.0, me);
        let weighs = matches!(decision.kind, DecisionKind::Assigned | DecisionKind::Offered | DecisionKind::Held);
        Self {
            name: decision.chosen_name.clone().unwrap_or_default(),
            what: words(decision.kind),
            waited_s: decision.waited_ms / 1_000,
            when: decision.at.into(),
            people,
            was_absent: was_absent && weighs,
        }
    }
}

/// What follows the name.
fn words(kind: DecisionKind) -> Key {
    Key(match kind {
        DecisionKind::Assigned => "why-assigned",
        DecisionKind::Offered => "why-offered",
        DecisionKind::Held => "why-held",
        DecisionKind::Accepted => "why-accepted",
        DecisionKind::Declined => "why-declined",
        DecisionKind::Expired => "why-expired",
        DecisionKind::Missed => "why-missed",
        DecisionKind::Returned => "why-returned",
        DecisionKind::HandedOver => "why-handed-over",
        DecisionKind::Taken => "why-taken",
        DecisionKind::Ticketed => "why-ticketed",
    })
}

fn people(lang: Lang, candidates: &Value, me: AgentId) -> (Vec<Person>, bool) {
    let all = candidates.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_me = |value: &Value| value["agent"] == json!(me);
    // Whoever reads it is among those shown, however far behind.
    let mine = all.iter().skip(SHOWN).find(|value| is_me(value));
    let shown = all.iter().take(SHOWN).chain(mine);
    (shown.map(|value| person(lang, value, is_me(value))).collect(), !all.iter().any(is_me))
}

fn person(lang: Lang, value: &Value, is_me: bool) -> Person {
    let recorded = value["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let reasons: Vec<_> = recorded.map(|reason| lang.reason(reason)).collect();
    let carried = value["chats"].as_i64().zip(value["capacity"].as_i64());
    Person { name: value["name"].as_str().unwrap_or_default().to_owned(), is_me, carried, why: reasons.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::people;
    use crate::domain::id::AgentId;
    use crate::words::Lang;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn whoever_reads_it_is_shown_however_far_behind() {
        let me = AgentId(Uuid::from_u128(99));
        let mut all: Vec<_> = (0..30).map(|n| json!({ "agent": Uuid::from_u128(n), "name": "Other" })).collect();
        let (shown, was_absent) = people(Lang::En, &json!(all), me);
        assert!(shown.len() == 12 && was_absent);
        all.push(json!({ "agent": me, "name": "Me", "chats": 2, "capacity": 5, "reasons": ["no place free"] }));
        let (shown, was_absent) = people(Lang::En, &json!(all), me);
        let mine = shown.last().unwrap();
        assert!(mine.is_me && !was_absent);
        assert_eq!((mine.carried, mine.why.as_str()), (Some((2, 5)), "no place free"));
    }
}
