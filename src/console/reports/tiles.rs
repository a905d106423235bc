//! The numbers that a span of days comes down to, beside those of the days before.

use super::numbers::{share, show};
use super::tables::Unit;
use crate::store::reports::{Cut, Line};
use crate::words::{Key, Lang, ToArg};

#[derive(Clone, Debug)]
pub struct Tile {
    pub label: Key,
    pub text: String,
    pub note: String,
    /// What it was in the days before.
    pub before: Option<String>,
}

/// All of each cut together.
#[derive(Clone, Debug)]
pub struct Totals {
    volume: Vec<Option<f64>>,
    answers: Vec<Option<f64>>,
    ratings: Vec<Option<f64>>,
    queue: Vec<Option<f64>>,
}

/// What [`Totals`] are made of, in this order.
pub const CUTS: [Cut; 4] = [Cut::Volume, Cut::Answers, Cut::Ratings, Cut::Queue];

fn at(numbers: &[Option<f64>], n: usize) -> f64 {
    numbers.get(n).copied().flatten().unwrap_or_default()
}

fn time(lang: Lang, numbers: &[Option<f64>], n: usize) -> String {
    show(lang, numbers.get(n).copied().flatten(), Unit::Seconds)
}

impl Totals {
    pub fn of(cuts: &[Vec<Line>]) -> Self {
        let total = |n: usize| {
            let lines = cuts.get(n).map(Vec::as_slice).unwrap_or_default();
            let all = lines.iter().find(|line| line.label.is_none());
            all.map(|line| line.numbers.clone()).unwrap_or_default()
        };
        Self { volume: total(0), answers: total(1), ratings: total(2), queue: total(3) }
    }

    fn opened(&self, _: Lang) -> String {
        format!("{:.0}", at(&self.volume, 0))
    }

    fn answered(&self, _: Lang) -> String {
        share(at(&self.volume, 1), at(&self.volume, 0))
    }

    fn left(&self, _: Lang) -> String {
        share(at(&self.queue, 5), at(&self.queue, 0))
    }

    fn wait(&self, lang: Lang) -> String {
        time(lang, &self.queue, 2)
    }

    fn first_answer(&self, lang: Lang) -> String {
        time(lang, &self.answers, 1)
    }

    fn length(&self, lang: Lang) -> String {
        time(lang, &self.answers, 4)
    }

    fn happy(&self, _: Lang) -> String {
        share(at(&self.ratings, 1), at(&self.ratings, 0))
    }
}

type Says = fn(&Totals, Lang) -> String;

pub fn of(lang: Lang, now: &Totals, before: Option<&Totals>) -> Vec<Tile> {
    let part = |key: &str, part: f64, whole: f64| {
        let (part, whole) = (format!("{part:.0}"), format!("{whole:.0}"));
        lang.say_with(key, &[("part", part.to_arg()), ("whole", whole.to_arg())])
    };
    let (volume, queue, ratings, answers) = (&now.volume, &now.queue, &now.ratings, &now.answers);
    let most =
        |numbers: &[Option<f64>], n| lang.say_with("report-half-most", &[("most", time(lang, numbers, n).to_arg())]);
    let tiles: [(&str, Says, String); 7] = [
        ("report-opened", Totals::opened, lang.say("report-opened-note")),
        ("report-answered", Totals::answered, part("report-of", at(volume, 1), at(volume, 0))),
        ("report-left", Totals::left, part("report-of", at(queue, 5), at(queue, 0))),
        ("report-wait", Totals::wait, most(queue, 3)),
        ("report-answers", Totals::first_answer, most(answers, 2)),
        ("report-length", Totals::length, most(answers, 5)),
        ("report-happy", Totals::happy, part("report-of", at(ratings, 1), at(ratings, 0))),
    ];
    let tile = |(label, says, note): (&'static str, Says, String)| Tile {
        label: Key(label),
        text: says(now, lang),
        note,
        before: before.map(|before| says(before, lang)),
    };
    tiles.into_iter().map(tile).collect()
}
