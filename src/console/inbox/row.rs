//! One row of a list, as pages and live updates both print it.

use crate::console::context::reported::{Cart, Page};
use crate::console::due::Chip;
use crate::console::fragments::{When, plain, priority, shopper_name, stars};
use crate::domain::conversation::State;
use crate::domain::id::ConversationId;
use crate::domain::routing::Class;
use crate::domain::site::Site;
use crate::domain::triage::Tag;
use crate::shell::Face;
use crate::store::cards::Glimpse;
use crate::store::conversations::Summary;
use crate::words::{Key, Lang, ToArg};
use serde_json::json;

/// One row of a list.
#[expect(clippy::struct_excessive_bools, reason = "each is one mark on the row")]
#[derive(Clone, Debug)]
pub struct Row {
    pub id: ConversationId,
    pub generation: i32,
    pub name: String,
    pub face: Face,
    pub excerpt: String,
    pub from_staff: bool,
    pub team: Option<String>,
    pub agent: Option<String>,
    pub state: State,
    pub is_unread: bool,
    pub is_current: bool,
    pub is_waiting: bool,
    /// The shopper's rating, of five, and its stars.
    pub rating: Option<(i16, String)>,
    pub due: Option<Chip>,
    pub tags: Vec<Tag>,
    /// The key of its class, where it is not the usual one.
    pub priority: Option<(&'static str, Key)>,
    /// It sleeps until then.
    pub until: Option<When>,
    pub when: When,
    /// In the line: who they are, so that somebody can choose.
    pub waits: Option<Waits>,
}

impl Row {
    pub fn new(lang: Lang, summary: &Summary, current: Option<ConversationId>) -> Self {
        let name = shopper_name(lang, summary);
        let is_waiting = summary.state == State::Waiting;
        Self {
            id: summary.id,
            generation: summary.generation,
            face: Face::of(&name),
            name,
            excerpt: summary.last_message.clone(),
            from_staff: summary.last_by != "shopper",
            team: summary.team_name.clone(),
            agent: summary.assignee_name.clone(),
            state: summary.state,
            is_unread: summary.is_unread,
            is_current: current == Some(summary.id),
            is_waiting,
            rating: summary.score.map(|score| (score, stars(score))),
            due: None,
            tags: Vec::new(),
            priority: priority(Class::from_number(summary.priority)).filter(|_| summary.state.is_open()),
            until: summary.snoozed_until.map(When::from),
            waits: None,
            when: summary.queued_at.filter(|_| is_waiting).unwrap_or(summary.last_at).into(),
        }
    }
}

/// What the line shows of somebody beside their words, in this order.
pub const FACTS: [Key; 6] = [
    Key("queue-topic"),
    Key("queue-team"),
    Key("card-language"),
    Key("card-cart"),
    Key("queue-page"),
    Key("queue-before"),
];

#[derive(Clone, Debug)]
pub struct Waits {
    /// Each of [`FACTS`]; what is not known is empty.
    pub facts: Vec<(Key, String)>,
}

impl Waits {
    pub fn new(lang: Lang, site: &Site, summary: &Summary, glimpse: Glimpse) -> Self {
        let topic = site.settings.topic().and_then(|field| glimpse.answers.as_ref()?.get(&field.name).map(plain));
        let cart = Cart::of(&json!({ "cart": glimpse.cart }), &json!({ "cart": glimpse.signed_cart }));
        let lines = match cart.lines {
            0 => String::new(),
            lines => lang.say_with("queue-lines", &[("count", lines.to_arg())]),
        };
        let values = [
            topic.unwrap_or_default(),
            summary.team_name.clone().unwrap_or_default(),
            summary.locale.clone(),
            cart.total.unwrap_or(lines),
            glimpse.page.and_then(Page::at).map(|page| page.title).unwrap_or_default(),
            if glimpse.is_returning { lang.say("queue-returning") } else { String::new() },
        ];
        Self { facts: FACTS.into_iter().zip(values).collect() }
    }
}
