//! The shop's own words, a row for each language.

use crate::admin::form::{Choice, Mistakes, Sent};
use crate::domain::widget::{LANGUAGES, Words};
use crate::words::Sentence;
use std::collections::BTreeMap;

/// Longest texts, in characters.
const SENTENCE_MAX: usize = 300;
const LABEL_MAX: usize = 60;

#[derive(Default)]
pub struct WordsRow {
    pub language: String,
    pub greeting: String,
    pub away: String,
    pub label: String,
    pub invitation: String,
}

impl WordsRow {
    pub fn languages(&self) -> Vec<Choice> {
        let none = Choice::named("", "–", &self.language);
        let known = LANGUAGES.iter().map(|(tag, name)| Choice::named(tag, *name, &self.language));
        std::iter::once(none).chain(known).collect()
    }

    fn is_empty(&self) -> bool {
        [&self.greeting, &self.away, &self.label, &self.invitation].iter().all(|text| text.is_empty())
    }
}

/// One for each language that has words, and an empty one while there are more languages.
pub fn of(words: &BTreeMap<String, Words>) -> Vec<WordsRow> {
    let mut rows: Vec<_> = words
        .iter()
        .map(|(language, words)| WordsRow {
            language: language.clone(),
            greeting: words.greeting.clone(),
            away: words.away.clone(),
            label: words.label.clone(),
            invitation: words.invitation.clone(),
        })
        .collect();
    if rows.len() < LANGUAGES.len() {
        rows.push(WordsRow::default());
    }
    rows
}

pub fn read(sent: &Sent<'_>) -> Vec<WordsRow> {
    let row = |n: usize| WordsRow {
        language: sent.text(format!("words_language_{n}")),
        greeting: sent.text(format!("words_greeting_{n}")),
        away: sent.text(format!("words_away_{n}")),
        label: sent.text(format!("words_label_{n}")),
        invitation: sent.text(format!("words_invitation_{n}")),
    };
    (0..sent.rows("words_language_", LANGUAGES.len())).map(row).collect()
}

pub fn parse(rows: &[WordsRow], mistakes: &mut Mistakes) -> BTreeMap<String, Words> {
    let mut words = BTreeMap::new();
    for (n, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_empty()) {
        let field = format!("words_{n}");
        let is_known = LANGUAGES.iter().any(|(tag, _)| *tag == row.language);
        if !is_known {
            mistakes.add(field, Sentence::of("look-mistake-no-language"));
            continue;
        }
        let texts = [
            (&row.greeting, SENTENCE_MAX),
            (&row.away, SENTENCE_MAX),
            (&row.label, LABEL_MAX),
            (&row.invitation, SENTENCE_MAX),
        ];
        if let Some((text, most)) = texts.into_iter().find(|(text, most)| text.chars().count() > *most) {
            let begin: String = text.chars().take(20).collect();
            mistakes.add(field, Sentence::of("look-mistake-long").with("begin", begin).with("most", most));
            continue;
        }
        let own = Words {
            greeting: tidy(&row.greeting),
            away: tidy(&row.away),
            label: tidy(&row.label),
            invitation: tidy(&row.invitation),
        };
        if words.insert(row.language.clone(), own).is_some() {
            mistakes.add(field, Sentence::of("look-mistake-twice"));
        }
    }
    words
}

/// One line of text.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::{WordsRow, of, parse};
    use crate::admin::form::Mistakes;

    fn row(language: &str, greeting: &str) -> WordsRow {
        WordsRow { language: language.into(), greeting: greeting.into(), ..WordsRow::default() }
    }

    #[test]
    fn words_are_kept_by_language_as_one_line_each() {
        let mut mistakes = Mistakes::default();
        let words = parse(&[row("de", "Moin!\nWas  gibt es?"), row("", "")], &mut mistakes);
        assert!(mistakes.is_empty());
        assert_eq!(words["de"].greeting, "Moin! Was gibt es?");
        let shown = of(&words);
        assert_eq!((shown.len(), shown[0].language.as_str(), shown[1].language.as_str()), (2, "de", ""));
    }

    #[test]
    fn a_row_without_language_too_long_or_twice_is_told() {
        let mut mistakes = Mistakes::default();
        let long = "x".repeat(301);
        parse(&[row("", "Hi"), row("de", &long), row("fr", "a"), row("fr", "b"), row("xx", "Hi")], &mut mistakes);
        assert_eq!(mistakes.fields(), ["words_0", "words_1", "words_3", "words_4"]);
    }
}
