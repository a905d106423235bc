//! The numbers of a shop's routing, each with its name, its bounds and its place in the settings.

use crate::admin::form::{Sent, number};
use crate::domain::routing::Routing;
use crate::domain::span;
use crate::words::{Key, Sentence, Value};

/// How a number is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A time; `or_never` may be 0.
    Span {
        or_never: bool,
    },
    Count,
    /// A share of a chat: 1.0 is a whole one, kept in hundredths.
    Share,
}

pub struct Number {
    pub field: &'static str,
    pub label: Key,
    pub hint: Key,
    unit: Unit,
    least: u32,
    most: u32,
    get: fn(&Routing) -> u32,
    set: fn(&mut Routing, u32),
}

pub struct Group {
    pub title: Key,
    pub text: Option<Key>,
    pub numbers: &'static [Number],
}

/// A group with its numbers' values, in order.
pub struct Filled {
    pub group: &'static Group,
    pub entries: Vec<Entry>,
}

/// A number as it is shown or was sent.
pub struct Entry {
    pub number: &'static Number,
    pub value: String,
}

const SPAN: Unit = Unit::Span { or_never: false };
const SPAN_OR_NEVER: Unit = Unit::Span { or_never: true };
const DAY: u32 = 86_400;

macro_rules! number {
    ($field:ident, $unit:expr, $least:expr, $most:expr, $label:literal, $hint:literal) => {
        Number {
            field: stringify!($field),
            label: Key($label),
            hint: Key($hint),
            unit: $unit,
            least: $least,
            most: $most,
            get: |routing| u32::from(routing.$field),
            set: |routing, value| routing.$field = value.try_into().unwrap_or_default(),
        }
    };
}

static GROUPS: [Group; 4] = [
    Group {
        title: Key("route-line"),
        text: Some(Key("route-line-means")),
        numbers: &[
            number!(ageing_s, SPAN_OR_NEVER, 10, DAY, "route-ageing", "route-ageing-hint"),
            number!(bound_s, SPAN_OR_NEVER, 30, DAY, "route-bound", "route-bound-hint"),
            number!(ticket_after_s, SPAN_OR_NEVER, 30, 7 * DAY, "route-ticket", "route-ticket-hint"),
            number!(queue_max, Unit::Count, 0, 10_000, "route-queue-max", "route-queue-max-hint"),
        ],
    },
    Group {
        title: Key("route-handing"),
        text: None,
        numbers: &[
            number!(offer_s, SPAN, 15, 30, "route-offer-rings", "route-offer-rings-hint"),
            number!(away_after_missed, Unit::Count, 0, 20, "route-away", "route-away-hint"),
            number!(relax_s, SPAN_OR_NEVER, 5, DAY, "route-relax", "route-relax-hint"),
            number!(hold_s, SPAN, 15, 600, "route-hold", "route-hold-hint"),
        ],
    },
    Group {
        title: Key("route-carry"),
        text: None,
        numbers: &[
            number!(active_percent, Unit::Share, 10, 500, "route-active", "route-active-hint"),
            number!(silent_percent, Unit::Share, 0, 500, "route-silent", "route-silent-hint"),
            number!(silent_after_s, SPAN, 10, DAY, "route-silent-after", "route-silent-after-hint"),
            number!(over_max, Unit::Count, 0, 20, "route-over-max", "route-over-max-hint"),
        ],
    },
    Group {
        title: Key("route-goes"),
        text: None,
        numbers: &[
            number!(grace_s, SPAN, 5, 3_600, "route-grace", "route-grace-hint"),
            number!(idle_close_s, SPAN_OR_NEVER, 60, 7 * DAY, "route-idle-close", "route-idle-close-hint"),
        ],
    },
];

fn filled(value: impl Fn(&Number) -> String) -> Vec<Filled> {
    let fill = |group: &'static Group| {
        let entries = group.numbers.iter().map(|number| Entry { value: value(number), number });
        Filled { entries: entries.collect(), group }
    };
    GROUPS.iter().map(fill).collect()
}

pub fn of(routing: &Routing) -> Vec<Filled> {
    filled(|number| number.spell((number.get)(routing)))
}

pub fn read(sent: &Sent<'_>) -> Vec<Filled> {
    filled(|number| sent.text(number.field))
}

impl Entry {
    /// Puts the number in its place, or says what would be right.
    pub fn put(&self, routing: &mut Routing) -> Result<(), Sentence> {
        (self.number.set)(routing, self.number.parse(&self.value)?);
        Ok(())
    }
}

impl Number {
    fn spell(&self, value: u32) -> String {
        match self.unit {
            Unit::Span { .. } if value == 0 => "0".into(),
            Unit::Span { .. } => span::spell(value),
            Unit::Count => value.to_string(),
            Unit::Share if value.is_multiple_of(10) => format!("{}.{}", value / 100, value % 100 / 10),
            Unit::Share => format!("{}.{:02}", value / 100, value % 100),
        }
    }

    fn parse(&self, text: &str) -> Result<u32, Sentence> {
        let (least, most) = (self.spell(self.least), self.spell(self.most));
        match self.unit {
            Unit::Count => number(text, self.least, self.most),
            Unit::Span { or_never } => {
                let fits = |seconds: &u32| (or_never && *seconds == 0) || (self.least..=self.most).contains(seconds);
                let key = if or_never { "route-mistake-span-or-never" } else { "route-mistake-span" };
                let parsed = span::parse(text).filter(fits);
                parsed.ok_or_else(|| Sentence::of(key).with("least", least).with("most", most))
            }
            Unit::Share => {
                let parsed = hundredths(text).filter(|share| (self.least..=self.most).contains(share));
                parsed.ok_or_else(|| share_from(least, most))
            }
        }
    }
}

fn share_from(least: String, most: String) -> Sentence {
    Sentence::of("route-mistake-share").with("least", Value::Decimal(least)).with("most", Value::Decimal(most))
}

/// A number with two digits after its point at most; a comma is one too.
fn hundredths(text: &str) -> Option<u32> {
    let text = text.replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let is_plain =
        !whole.is_empty() && part.len() <= 2 && [whole, part].iter().all(|t| t.bytes().all(|b| b.is_ascii_digit()));
    let part: u32 = if is_plain { format!("{part:0<2}").parse().ok()? } else { return None };
    whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::{hundredths, of};
    use crate::domain::routing::Routing;

    #[test]
    fn what_is_shown_is_put_back_as_it_was() {
        let routing = Routing { silent_percent: 35, ageing_s: 0, relax_s: 95, ..Routing::default() };
        let mut again = Routing { ticket_after_s: 1, over_max: 9, ..Routing::default() };
        let groups = of(&routing);
        let entries: Vec<_> = groups.iter().flat_map(|filled| &filled.entries).collect();
        for entry in &entries {
            entry.put(&mut again).unwrap_or_else(|mistake| panic!("{}: {mistake:?}", entry.number.field));
        }
        again.rules = routing.rules.clone();
        assert_eq!(again, routing);
        let shown = |field| entries.iter().find(|e| e.number.field == field).unwrap().value.as_str();
        assert_eq!((shown("active_percent"), shown("silent_percent"), shown("relax_s")), ("1.0", "0.35", "95 s"));
    }

    #[test]
    fn shares_are_kept_in_hundredths() {
        for (text, share) in [("1", 100), ("0.3", 30), ("0,25", 25), ("1.", 100), ("2.05", 205)] {
            assert_eq!(hundredths(text), Some(share), "{text}");
        }
        for bad in ["", ".5", "0.333", "-1", "1e3", "a lot", "99999999999"] {
            assert_eq!(hundredths(bad), None, "{bad}");
        }
    }
}
