//! How a shop routes, as a form: who goes first, who is asked, what counts how much, and how soon an answer is due.

mod numbers;
mod page;
mod rules;

use super::form::{Choice, Mistakes, Sent, number};
use crate::domain::people::Team;
use crate::domain::routing::{Class, Language, Mode, Sla};
use crate::domain::site::Site;
use crate::domain::span;
use crate::words::{Key, Sentence};
use numbers::Filled;
pub use page::{page, save};
use rules::RuleRow;

/// Longest target, in seconds: thirty days.
const TARGET_MAX: u32 = 30 * 86_400;

pub struct Form {
    pub mode: String,
    pub language: String,
    pub prefers_previous: bool,
    pub needs_staff: bool,
    pub groups: Vec<Filled>,
    pub rules: Vec<RuleRow>,
    pub warn_percent: String,
    pub targets: Vec<TargetRow>,
}

/// The targets of one class.
pub struct TargetRow {
    pub class: &'static str,
    pub label: Key,
    pub cells: Vec<Cell>,
}

pub struct Cell {
    pub field: String,
    pub label: Key,
    pub value: String,
}

const TARGETS: [(&str, Key); 3] =
    [("first", Key("route-first")), ("next", Key("route-next")), ("resolution", Key("route-resolution"))];

pub fn class_label(class: Class) -> Key {
    Key(match class {
        Class::Low => "route-low",
        Class::Normal => "route-normal",
        Class::High => "route-high",
        Class::Vip => "route-vip",
    })
}

/// The most important first, as people read a list.
const CLASSES: [Class; 4] = [Class::Vip, Class::High, Class::Normal, Class::Low];

fn target_rows(value: impl Fn(Class, usize, &str) -> String) -> Vec<TargetRow> {
    let row = |class: Class| {
        let cell = |(n, (target, label)): (usize, (&str, Key))| {
            let field = format!("sla_{}_{target}", class.as_str());
            Cell { value: value(class, n, &field), field, label }
        };
        let cells = TARGETS.into_iter().enumerate().map(cell).collect();
        TargetRow { class: class.as_str(), label: class_label(class), cells }
    };
    CLASSES.into_iter().map(row).collect()
}

impl Form {
    pub fn of(site: &Site) -> Self {
        let (routing, sla) = (&site.settings.routing, &site.settings.sla);
        let value = |class: Class, n: usize, _: &str| {
            let targets = sla.of(class);
            let seconds = [targets.first_s, targets.next_s, targets.resolution_s][n];
            if seconds == 0 { String::new() } else { span::spell(seconds) }
        };
        Self {
            mode: mode_word(routing.mode).into(),
            language: language_word(routing.language).into(),
            prefers_previous: routing.prefers_previous,
            needs_staff: routing.needs_staff,
            groups: numbers::of(routing),
            rules: rules::of(&routing.rules),
            warn_percent: sla.warn_percent.to_string(),
            targets: target_rows(value),
        }
    }

    pub fn read(fields: &[(String, String)]) -> Self {
        let sent = Sent(fields);
        Self {
            mode: sent.text("mode"),
            language: sent.text("language"),
            prefers_previous: sent.has("prefers_previous"),
            needs_staff: sent.has("needs_staff"),
            groups: numbers::read(&sent),
            rules: rules::read(&sent),
            warn_percent: sent.text("warn_percent"),
            targets: target_rows(|_, _, field| sent.text(field)),
        }
    }

    /// Changes the site where everything is valid; otherwise says what is not.
    pub fn apply(&self, site: &mut Site, teams: &[Team]) -> Mistakes {
        let mut mistakes = Mistakes::default();
        let mut routing = site.settings.routing.clone();
        let mode = [Mode::Assign, Mode::Offer].into_iter().find(|mode| mode_word(*mode) == self.mode);
        let language = LANGUAGES.into_iter().find(|(language, _)| language_word(*language) == self.language);
        let mode = mistakes.note("mode", mode.ok_or_else(|| Sentence::of("mistake-one-of-two")));
        let language = mistakes.note("language", language.ok_or_else(|| Sentence::of("mistake-one-of-three")));
        for entry in self.groups.iter().flat_map(|filled| &filled.entries) {
            mistakes.note(entry.number.field, entry.put(&mut routing));
        }
        let rules = rules::parse(&self.rules, site, teams, &mut mistakes);
        let sla = self.sla(&mut mistakes);
        if let (Some(mode), Some((language, _)), Some(sla), true) = (mode, language, sla, mistakes.is_empty()) {
            (routing.mode, routing.language, routing.rules) = (mode, language, rules);
            (routing.prefers_previous, routing.needs_staff) = (self.prefers_previous, self.needs_staff);
            (site.settings.routing, site.settings.sla) = (routing, sla);
        }
        mistakes
    }

    fn sla(&self, mistakes: &mut Mistakes) -> Option<Sla> {
        let mut sla = Sla::default();
        let percent = number(&self.warn_percent, 1, 100);
        let percent = mistakes.note("warn_percent", percent).and_then(|percent| u8::try_from(percent).ok());
        for row in &self.targets {
            let targets = match row.class {
                "low" => &mut sla.low,
                "high" => &mut sla.high,
                "vip" => &mut sla.vip,
                _ => &mut sla.normal,
            };
            for (n, cell) in row.cells.iter().enumerate() {
                let seconds = mistakes.note(cell.field.as_str(), target(&cell.value)).unwrap_or_default();
                *[&mut targets.first_s, &mut targets.next_s, &mut targets.resolution_s][n] = seconds;
            }
        }
        Some(Sla { warn_percent: percent?, ..sla })
    }

    pub fn modes(&self) -> [Choice; 2] {
        [Choice::of("assign", Key("route-assign"), &self.mode), Choice::of("offer", Key("route-offer"), &self.mode)]
    }

    pub fn languages(&self) -> [Choice; 3] {
        LANGUAGES.map(|(language, label)| Choice::of(language_word(language), label, &self.language))
    }
}

const LANGUAGES: [(Language, Key); 3] = [
    (Language::Ignore, Key("route-language-ignore")),
    (Language::Prefer, Key("route-language-prefer")),
    (Language::Require, Key("route-language-require")),
];

fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Assign => "assign",
        Mode::Offer => "offer",
    }
}

fn language_word(language: Language) -> &'static str {
    match language {
        Language::Ignore => "ignore",
        Language::Prefer => "prefer",
        Language::Require => "require",
    }
}

/// Empty is no target.
fn target(text: &str) -> Result<u32, Sentence> {
    if text.is_empty() {
        return Ok(0);
    }
    span::parse(text)
        .filter(|seconds| (1..=TARGET_MAX).contains(seconds))
        .ok_or_else(|| Sentence::of("route-mistake-target"))
}

#[cfg(test)]
mod tests;
