//! The rules of a shop as rows: when something is known of a chat, it goes this way.

use super::{CLASSES, class_label};
use crate::admin::form::{Choice, Mistakes, Sent, skills};
use crate::domain::people::{Team, tidy_name};
use crate::domain::routing::{Rule, When};
use crate::domain::site::Site;
use crate::words::{Key, Sentence};

/// Rows without a rule, for new ones, and most rules.
const EMPTY_ROWS: usize = 2;
const RULES_MAX: usize = 100;
/// Longest name of an attribute and longest value, in characters.
const TEXT_MAX: usize = 200;

#[derive(Default)]
pub struct RuleRow {
    /// Rows are put in the order of these.
    pub order: String,
    pub when: String,
    /// Of the attribute or the question.
    pub name: String,
    pub value: String,
    pub team: String,
    pub class: String,
    pub require: String,
    pub prefer: String,
}

/// What a rule may look at; nothing is no rule.
const WHENS: [(&str, Key); 8] = [
    ("", Key("route-when-none")),
    ("always", Key("route-when-always")),
    ("language", Key("route-when-language")),
    ("page", Key("route-when-page")),
    ("cart", Key("route-when-cart")),
    ("attribute", Key("route-when-attribute")),
    ("answer", Key("route-when-answer")),
    ("verified", Key("route-when-verified")),
];

impl RuleRow {
    fn of(rule: &Rule, place: usize) -> Self {
        let (when, name) = match &rule.when {
            When::Always => ("always", ""),
            When::Language => ("language", ""),
            When::Page => ("page", ""),
            When::Cart => ("cart", ""),
            When::Attribute(name) => ("attribute", name.as_str()),
            When::Answer(name) => ("answer", name.as_str()),
            When::Verified => ("verified", ""),
        };
        Self {
            order: (place + 1).to_string(),
            when: when.into(),
            name: name.into(),
            value: rule.value.clone(),
            team: rule.team.map(|team| team.to_string()).unwrap_or_default(),
            class: rule.class.map(|class| class.as_str().to_owned()).unwrap_or_default(),
            require: rule.require.join(", "),
            prefer: rule.prefer.join(", "),
        }
    }

    pub fn whens(&self) -> Vec<Choice> {
        WHENS.iter().map(|(when, word)| Choice::of(when, *word, &self.when)).collect()
    }

    pub fn teams(&self, teams: &[Team]) -> Vec<Choice> {
        let any = Choice::of("", Key("route-no-team"), &self.team);
        std::iter::once(any).chain(teams.iter().map(|team| Choice::named(team.id, &team.name, &self.team))).collect()
    }

    pub fn classes(&self) -> Vec<Choice> {
        let none = Choice::of("", Key("route-no-class"), &self.class);
        let each = CLASSES.iter().map(|class| Choice::of(class.as_str(), class_label(*class), &self.class));
        std::iter::once(none).chain(each).collect()
    }

    fn parse(&self, site: &Site, teams: &[Team]) -> Result<Rule, Sentence> {
        let (when, value) = self.when(site)?;
        let team = teams.iter().find(|team| team.id.to_string() == self.team).map(|team| team.id);
        if team.is_none() && !self.team.is_empty() {
            return Err(Sentence::of("route-mistake-team"));
        }
        let class = CLASSES.into_iter().find(|class| class.as_str() == self.class);
        if class.is_none() && !self.class.is_empty() {
            return Err(Sentence::of("route-mistake-class"));
        }
        let (require, prefer) = (skills(&self.require)?, skills(&self.prefer)?);
        if team.is_none() && class.is_none() && require.is_empty() && prefer.is_empty() {
            return Err(Sentence::of("route-mistake-nothing"));
        }
        Ok(Rule { when, value, team, class, require, prefer })
    }

    fn when(&self, site: &Site) -> Result<(When, String), Sentence> {
        let (name, value) = (tidy_name(&self.name), tidy_name(&self.value));
        if [&name, &value].iter().any(|text| text.chars().count() > TEXT_MAX) {
            return Err(Sentence::of("route-mistake-long").with("most", TEXT_MAX));
        }
        match self.when.as_str() {
            "always" => Ok((When::Always, String::new())),
            "verified" => Ok((When::Verified, String::new())),
            "language" if is_tag(&value) => Ok((When::Language, value)),
            "language" => Err(Sentence::of("route-mistake-language")),
            "page" if !value.is_empty() => Ok((When::Page, value)),
            "page" => Err(Sentence::of("route-mistake-page")),
            "cart" if value.parse::<f64>().is_ok_and(|n| n.is_finite() && n >= 0.0) => Ok((When::Cart, value)),
            "cart" => Err(Sentence::of("route-mistake-cart")),
            "attribute" if !name.is_empty() => Ok((When::Attribute(name), value)),
            "attribute" => Err(Sentence::of("route-mistake-attribute")),
            "answer" => Ok((When::Answer(question(site, &name)?), value)),
            _ => Err(Sentence::of("route-mistake-when")),
        }
    }
}

/// The field of a question before the chat, by its name or its words.
fn question(site: &Site, name: &str) -> Result<String, Sentence> {
    let asked = &site.settings.intake;
    if let Some(field) = asked.iter().find(|field| field.name == name || field.label.eq_ignore_ascii_case(name)) {
        return Ok(field.name.clone());
    }
    if asked.is_empty() {
        return Err(Sentence::of("route-mistake-no-questions"));
    }
    let known: Vec<_> = asked.iter().map(|field| field.label.as_str()).collect();
    Err(Sentence::of("route-mistake-question").with("known", known.join(", ")))
}

fn is_tag(text: &str) -> bool {
    (2..=35).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

pub fn of(rules: &[Rule]) -> Vec<RuleRow> {
    let mut rows: Vec<_> = rules.iter().enumerate().map(|(place, rule)| RuleRow::of(rule, place)).collect();
    rows.resize_with(rows.len() + EMPTY_ROWS, RuleRow::default);
    rows
}

pub fn read(sent: &Sent<'_>) -> Vec<RuleRow> {
    let row = |n: usize| RuleRow {
        order: sent.text(format!("rule_order_{n}")),
        when: sent.text(format!("rule_when_{n}")),
        name: sent.text(format!("rule_name_{n}")),
        value: sent.text(format!("rule_value_{n}")),
        team: sent.text(format!("rule_team_{n}")),
        class: sent.text(format!("rule_class_{n}")),
        require: sent.text(format!("rule_require_{n}")),
        prefer: sent.text(format!("rule_prefer_{n}")),
    };
    (0..sent.rows("rule_when_", RULES_MAX + EMPTY_ROWS)).map(row).collect()
}

/// The rules in their order; a mistake is told at its row.
pub fn parse(rows: &[RuleRow], site: &Site, teams: &[Team], mistakes: &mut Mistakes) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (n, row) in rows.iter().enumerate().filter(|(_, row)| !row.when.is_empty()) {
        let place = row.order.parse::<u32>().unwrap_or(u32::MAX);
        if let Some(rule) = mistakes.note(format!("rule_{n}"), row.parse(site, teams)) {
            rules.push((place, rule));
        }
    }
    if rules.len() > RULES_MAX {
        mistakes.add("rules", Sentence::of("route-mistake-rules").with("most", RULES_MAX));
    }
    rules.sort_by_key(|(place, _)| *place);
    rules.into_iter().map(|(_, rule)| rule).collect()
}
