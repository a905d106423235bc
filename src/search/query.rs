//! What somebody asked, as PostgreSQL looks it up. Pure.
//!
//! Blanks part terms, and all of them must be there; what is in quotes, or written without a blank (an address, a number with
//! dashes, a Chinese sentence), must stand together. Everything else that is typed is a sign that parts words and means nothing:
//! no operator of PostgreSQL's comes from outside.

use super::words::{Word, phone, phones, words};

/// Most characters that may be asked for.
pub const ASKED_MAX: usize = 200;
/// The end of a word may be missing where so much of it is typed; numbers are typed whole.
const BEGINNING: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// As `tsquery` reads it.
    pub text: String,
    terms: Vec<Term>,
    numbers: Vec<Number>,
}

/// A telephone number from its last digit to its first, as it may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number {
    digits: String,
    /// There may be more in front.
    is_beginning: bool,
}

/// Words that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    words: Vec<Word>,
    /// The last word is looked up as a beginning.
    is_beginning: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing but blanks.
    Nothing,
    /// Nothing but signs that are no words.
    NoWords,
    TooShort,
    TooLong,
}

impl Query {
    pub fn parse(asked: &str) -> Result<Self, Refusal> {
        if asked.trim().is_empty() {
            return Err(Refusal::Nothing);
        }
        if asked.len() > ASKED_MAX && asked.chars().count() > ASKED_MAX {
            return Err(Refusal::TooLong);
        }
        let terms: Vec<Term> = chunks(asked).filter_map(|(chunk, is_quoted)| Term::of(chunk, is_quoted)).collect();
        if terms.is_empty() {
            return Err(Refusal::NoWords);
        }
        if terms.iter().all(Term::is_single_letter) {
            return Err(Refusal::TooShort);
        }
        let written: Vec<String> = terms.iter().map(Term::written).collect();
        let mut text = written.join(" & ");
        let numbers = numbers(asked);
        if !numbers.is_empty() {
            let written: Vec<String> = numbers.iter().map(Number::written).collect();
            text = format!("({text}) | {}", written.join(" | "));
        }
        Ok(Self { text, terms, numbers })
    }

    /// Where in a text what was asked stands, in order and apart from each other, in bytes.
    pub fn places(&self, text: &str) -> Vec<(usize, usize)> {
        let there = words(text);
        let mut places: Vec<(usize, usize)> = self.terms.iter().flat_map(|term| term.places(text, &there)).collect();
        if !self.numbers.is_empty() {
            let there =
                phones(text).into_iter().filter(|there| self.numbers.iter().any(|number| number.is(&there.text)));
            places.extend(there.map(|there| (there.from, there.to)));
        }
        places.sort_unstable();
        let mut apart: Vec<(usize, usize)> = Vec::with_capacity(places.len());
        for (from, to) in places {
            match apart.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => apart.push((from, to)),
            }
        }
        apart
    }
}

/// What stands between blanks, or between quotes.
fn chunks(asked: &str) -> impl Iterator<Item = (&str, bool)> {
    let parts = asked.split(['"', '“', '”', '„', '«', '»', '「', '」']).enumerate();
    parts.flat_map(|(n, part)| {
        let is_quoted = n % 2 == 1;
        let (whole, apart) = if is_quoted { (Some(part), None) } else { (None, Some(part.split_whitespace())) };
        whole.into_iter().chain(apart.into_iter().flatten()).map(move |chunk| (chunk, is_quoted))
    })
}

impl Term {
    fn of(chunk: &str, is_quoted: bool) -> Option<Self> {
        let mut words = words(chunk);
        let last = words.last()?;
        // The last character of a run is asked for by the pair before it.
        let is_rest = last.is_dense && words.len() > 1 && words[words.len() - 2].to >= last.to;
        if is_rest {
            words.pop();
        }
        let last = words.last()?;
        let is_whole = last.text.chars().all(|c| c.is_ascii_digit()) || is_quoted;
        let letters = last.text.chars().count();
        let is_beginning = if last.is_dense { letters == 1 } else { !is_whole && letters >= BEGINNING };
        Some(Self { words, is_beginning })
    }

    fn is_single_letter(&self) -> bool {
        let [word] = self.words.as_slice() else { return false };
        !word.is_dense && word.text.chars().count() == 1 && !word.text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Words hold letters and digits only, so that nothing in them needs escaping.
    fn written(&self) -> String {
        let quoted: Vec<String> = self.words.iter().map(|word| format!("'{}'", word.text)).collect();
        let end = if self.is_beginning { ":*" } else { "" };
        format!("({}{end})", quoted.join(" <-> "))
    }

    fn places<'a>(&'a self, text: &'a str, there: &'a [Word]) -> impl Iterator<Item = (usize, usize)> + 'a {
        let length = self.words.len();
        there.windows(length).filter(|run| self.is_at(run)).map(move |run| {
            let last = &run[length - 1];
            (run[0].from, if last.is_dense && self.is_beginning { first_of(text, last) } else { last.to })
        })
    }

    fn is_at(&self, run: &[Word]) -> bool {
        let last = self.words.len() - 1;
        run.iter().zip(&self.words).enumerate().all(|(n, (there, asked))| {
            if n == last && self.is_beginning { there.text.starts_with(&asked.text) } else { there.text == asked.text }
        })
    }
}

/// Where the first character of a pair ends, as it was written.
fn first_of(text: &str, pair: &Word) -> usize {
    text[pair.from..pair.to].chars().next().map_or(pair.to, |c| pair.from + c.len_utf8())
}

/// A telephone number, as it may be kept: with more in front, or without the country it was asked with.
fn numbers(asked: &str) -> Vec<Number> {
    let is_number = asked.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '/' | '.' | '+'));
    let Some(reversed) = phone(asked).filter(|_| is_number) else { return Vec::new() };
    let asked = asked.trim_start_matches([' ', '(']);
    let longest = if asked.starts_with('+') || asked.starts_with("00") { 3 } else { 0 };
    let without = (1..=longest).map(|country| reversed[..reversed.len() - country].to_owned());
    let without: Vec<Number> = without.map(|digits| Number { digits, is_beginning: false }).collect();
    let whole = Number { digits: reversed, is_beginning: true };
    [whole].into_iter().chain(without).collect()
}

impl Number {
    fn is(&self, there: &str) -> bool {
        if self.is_beginning { there.starts_with(&self.digits) } else { there == self.digits }
    }

    fn written(&self) -> String {
        format!("'#{}'{}", self.digits, if self.is_beginning { ":*" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::{Query, Refusal};

    fn text(asked: &str) -> String {
        Query::parse(asked).unwrap().text
    }

    #[test]
    fn terms_are_all_asked_for_and_beginnings_do() {
        assert_eq!(text("Brass lamp"), "('brass':*) & ('lamp':*)");
        assert_eq!(text("an ok 1042"), "('an') & ('ok') & ('1042')");
        assert_eq!(text("\"brass lamp\" x"), "('brass' <-> 'lamp') & ('x')");
        assert_eq!(text("mei@shop.example"), "('mei' <-> 'shop' <-> 'example':*)");
    }

    #[test]
    fn chinese_is_asked_for_in_pairs() {
        assert_eq!(text("衣"), "('衣':*)");
        assert_eq!(text("冲锋"), "('冲锋')");
        assert_eq!(text("冲锋衣"), "('冲锋' <-> '锋衣')");
        assert_eq!(text("手机 case"), "('手机') & ('case':*)");
        assert_eq!(text("手机case"), "('手机' <-> '机' <-> 'case':*)");
    }

    #[test]
    fn nothing_from_outside_is_an_operator() {
        for (asked, reads) in [
            ("a'b & !c | (d)", "('a' <-> 'b') & ('c') & ('d')"),
            ("foo:* <-> bar\\", "('foo':*) & ('bar':*)"),
            ("100%_off", "('100' <-> 'off':*)"),
        ] {
            assert_eq!(text(asked), reads);
        }
    }

    #[test]
    fn a_telephone_number_is_found_however_it_is_kept() {
        let asked = text("+49 170 1234567");
        assert!(asked.ends_with("| '#765432107194':* | '#76543210719' | '#7654321071' | '#765432107'"), "{asked}");
        assert!(text("0170-1234567").ends_with("| '#7654321071':*"));
        assert!(!text("1042").contains('#'));
    }

    #[test]
    fn what_cannot_be_asked_is_told_apart() {
        let refused = |asked: &str| Query::parse(asked).unwrap_err();
        assert_eq!(refused("  "), Refusal::Nothing);
        assert_eq!(refused("%&*'\\ \"\" …"), Refusal::NoWords);
        assert_eq!(refused("a b"), Refusal::TooShort);
        assert_eq!(refused(&"x".repeat(201)), Refusal::TooLong);
        assert!(Query::parse(&"好".repeat(200)).is_ok() && Query::parse("7").is_ok());
    }

    #[test]
    fn what_was_asked_is_marked_where_it_stands() {
        let marked = |asked: &str, text: &str| -> Vec<String> {
            let places = Query::parse(asked).unwrap().places(text);
            places.into_iter().map(|(from, to)| text[from..to].to_owned()).collect()
        };
        assert_eq!(marked("grusse", "Viele Grüße, Grüßen!"), ["Grüße", "Grüßen"]);
        assert_eq!(marked("冲锋衣", "这件冲锋衣，那件冲锋"), ["冲锋衣"]);
        assert_eq!(marked("衣", "冲锋衣服衣"), ["衣", "衣"]);
        assert_eq!(marked("brass lamp", "A lamp of brass; brassy LAMPS"), ["lamp", "brass", "brassy", "LAMPS"]);
        assert_eq!(marked("\"red lamp\"", "red lamp, lamp red"), ["red lamp"]);
        assert!(marked("lamp", "clamp").is_empty());
    }
}
