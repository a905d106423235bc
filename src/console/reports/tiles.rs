//! The numbers that a span of days comes down to, beside those of the days before.

use super::numbers::{duration, share, show};
use super::tables::Unit;
use super::total;
use crate::app::App;
use crate::error::Result;
use crate::store::reports::{Cut, Span};
use crate::words::{Key, Lang, ToArg};

#[derive(Clone, Debug)]
pub struct Tile {
    pub label: Key,
    pub text: String,
    pub note: String,
    /// What it was in the days before.
    pub before: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Totals {
    volume: Vec<Option<f64>>,
    answers: Vec<Option<f64>>,
    ratings: Vec<Option<f64>>,
    queue: Vec<Option<f64>>,
}

fn at(numbers: &[Option<f64>], n: usize) -> f64 {
    numbers.get(n).copied().flatten().unwrap_or_default()
}

fn time(numbers: &[Option<f64>], n: usize) -> String {
    numbers.get(n).copied().flatten().map_or_else(|| "–".to_owned(), duration)
}

impl Totals {
    pub async fn read(app: &App, span: &Span<'_>) -> Result<Self> {
        Ok(Self {
            volume: total(app, span, Cut::Volume).await?,
            answers: total(app, span, Cut::Answers).await?,
            ratings: total(app, span, Cut::Ratings).await?,
            queue: total(app, span, Cut::Queue).await?,
        })
    }

    fn opened(&self) -> String {
        show(Some(at(&self.volume, 0)), Unit::Count)
    }

    fn answered(&self) -> String {
        share(at(&self.volume, 1), at(&self.volume, 0))
    }

    fn left(&self) -> String {
        share(at(&self.queue, 5), at(&self.queue, 0))
    }

    fn wait(&self) -> String {
        time(&self.queue, 2)
    }

    fn first_answer(&self) -> String {
        time(&self.answers, 1)
    }

    fn length(&self) -> String {
        time(&self.answers, 4)
    }

    fn happy(&self) -> String {
        share(at(&self.ratings, 1), at(&self.ratings, 0))
    }
}

type Says = fn(&Totals) -> String;

pub fn of(lang: Lang, now: &Totals, before: Option<&Totals>) -> Vec<Tile> {
    let part = |key: &str, part: f64, whole: f64| {
        let (part, whole) = (show(Some(part), Unit::Count), show(Some(whole), Unit::Count));
        lang.say_with(key, &[("part", part.to_arg()), ("whole", whole.to_arg())])
    };
    let (volume, queue, ratings, answers) = (&now.volume, &now.queue, &now.ratings, &now.answers);
    let most = |numbers: &[Option<f64>], n| lang.say_with("report-half-most", &[("most", time(numbers, n).to_arg())]);
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
        text: says(now),
        note,
        before: before.map(says),
    };
    tiles.into_iter().map(tile).collect()
}
