//! When the shop invites, a row for each rule.

use crate::admin::form::{Mistakes, Sent, number};
use crate::domain::span;
use crate::domain::widget::Rule;
use crate::words::Sentence;

const RULES_MAX: usize = 6;
const PATH_MAX: usize = 200;
/// Longest wait, in seconds.
const WAIT_MAX: u32 = 3600;

#[derive(Default)]
pub struct RuleRow {
    pub is_on: bool,
    pub page: String,
    pub page_s: String,
    pub visit_s: String,
    pub worth: String,
    pub items: String,
    pub is_returning: bool,
}

fn number_or_empty(number: u32) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

fn span_or_empty(seconds: u32) -> String {
    if seconds == 0 { String::new() } else { span::spell(seconds) }
}

/// One for each rule, and an empty one while there may be more.
pub fn of(rules: &[Rule]) -> Vec<RuleRow> {
    let row = |rule: &Rule| RuleRow {
        is_on: true,
        page: rule.page.clone(),
        page_s: span_or_empty(rule.page_s),
        visit_s: span_or_empty(rule.visit_s),
        worth: number_or_empty(rule.worth),
        items: number_or_empty(rule.items),
        is_returning: rule.returning,
    };
    let mut rows: Vec<_> = rules.iter().map(row).collect();
    if rows.len() < RULES_MAX {
        rows.push(RuleRow::default());
    }
    rows
}

pub fn read(sent: &Sent<'_>) -> Vec<RuleRow> {
    let row = |n: usize| RuleRow {
        is_on: sent.has(format!("invite_on_{n}")),
        page: sent.text(format!("invite_page_{n}")),
        page_s: sent.text(format!("invite_page_s_{n}")),
        visit_s: sent.text(format!("invite_visit_s_{n}")),
        worth: sent.text(format!("invite_worth_{n}")),
        items: sent.text(format!("invite_items_{n}")),
        is_returning: sent.has(format!("invite_returning_{n}")),
    };
    (0..sent.rows("invite_worth_", RULES_MAX)).map(row).collect()
}

pub fn parse(rows: &[RuleRow], mistakes: &mut Mistakes) -> Vec<Rule> {
    let on = rows.iter().enumerate().filter(|(_, row)| row.is_on);
    on.filter_map(|(n, row)| mistakes.note(format!("invite_{n}"), rule(row))).collect()
}

fn rule(row: &RuleRow) -> Result<Rule, Sentence> {
    let is_path = row.page.starts_with('/')
        && row.page.len() <= PATH_MAX
        && !row.page.contains(|c: char| c.is_control() || "?#".contains(c));
    if !row.page.is_empty() && !is_path {
        return Err(Sentence::of("look-mistake-path"));
    }
    Ok(Rule {
        page: row.page.clone(),
        page_s: wait(&row.page_s)?,
        visit_s: wait(&row.visit_s)?,
        worth: count(&row.worth, 10_000_000)?,
        items: count(&row.items, 50)?,
        returning: row.is_returning,
    })
}

fn wait(text: &str) -> Result<u32, Sentence> {
    if text.is_empty() {
        return Ok(0);
    }
    let seconds = span::parse(text).filter(|seconds| *seconds <= WAIT_MAX);
    seconds.ok_or_else(|| Sentence::of("look-mistake-wait"))
}

fn count(text: &str, most: u32) -> Result<u32, Sentence> {
    if text.is_empty() { Ok(0) } else { number(text, 0, most) }
}

#[cfg(test)]
mod tests {
    use super::{RuleRow, of, parse};
    use crate::admin::form::Mistakes;
    use crate::domain::widget::Rule;

    #[test]
    fn a_rule_is_shown_as_it_is_kept() {
        let rule = Rule { page: "/cart/*".into(), page_s: 30, visit_s: 120, worth: 50, items: 2, returning: true };
        let mut mistakes = Mistakes::default();
        assert_eq!(parse(&of(std::slice::from_ref(&rule)), &mut mistakes), [rule]);
        assert!(mistakes.is_empty());
        assert!(parse(&of(&[]), &mut mistakes).is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_at_the_rule_that_is_on() {
        let bad = |page: &str, page_s: &str| RuleRow {
            is_on: true,
            page: page.into(),
            page_s: page_s.into(),
            ..RuleRow::default()
        };
        let off = RuleRow { is_on: false, ..bad("cart", "soon") };
        let mut mistakes = Mistakes::default();
        parse(&[bad("cart", ""), bad("/c?x", ""), bad("", "soon"), bad("", "2 h"), off], &mut mistakes);
        assert_eq!(mistakes.fields(), ["invite_0", "invite_1", "invite_2", "invite_3"]);
    }
}
