//! Opening hours as fields: the zone, a line for each day of the week, and one for each date that is not as usual.

use super::form::{Mistakes, Sent};
use crate::domain::hours::{Exception, Hours, Interval, Span};
use crate::domain::people::tidy_name;
use crate::words::{Key, Sentence};
use chrono::{NaiveDate, NaiveTime};

/// The days with their fields, Monday first.
const DAYS: [(&str, Key); 7] = [
    ("day_0", Key("hours-monday")),
    ("day_1", Key("hours-tuesday")),
    ("day_2", Key("hours-wednesday")),
    ("day_3", Key("hours-thursday")),
    ("day_4", Key("hours-friday")),
    ("day_5", Key("hours-saturday")),
    ("day_6", Key("hours-sunday")),
];
const EXCEPTIONS_MAX: usize = 200;

pub struct HoursForm {
    pub zone: String,
    pub days: Vec<Day>,
    /// One a line.
    pub exceptions: String,
}

pub struct Day {
    /// The name of its field, and of a mistake in it.
    pub field: &'static str,
    pub label: Key,
    /// `09:00-12:00, 13:00-17:00`, or empty for closed.
    pub hours: String,
}

impl HoursForm {
    pub fn of(hours: &Hours) -> Self {
        let on = |day| hours.week.iter().filter(move |interval| interval.day == day);
        let spelled = |day| on(day).map(|interval| spell(interval.from, interval.until)).collect::<Vec<_>>().join(", ");
        Self {
            zone: hours.zone.clone(),
            days: (0..7).zip(DAYS).map(|(day, (field, label))| Day { field, label, hours: spelled(day) }).collect(),
            exceptions: hours.exceptions.iter().map(spell_exception).collect::<Vec<_>>().join("\n"),
        }
    }

    pub fn read(sent: &Sent<'_>) -> Self {
        Self {
            zone: sent.text("zone"),
            days: DAYS.map(|(field, label)| Day { field, label, hours: sent.text(field) }).into(),
            exceptions: sent.text("exceptions"),
        }
    }

    pub fn parse(&self, mistakes: &mut Mistakes) -> Option<Hours> {
        let zone = if self.zone.parse::<chrono_tz::Tz>().is_ok() {
            Ok(self.zone.clone())
        } else {
            Err(Sentence::of("hours-mistake-zone"))
        };
        let zone = mistakes.note("zone", zone);
        let mut week = Some(Vec::new());
        for (number, day) in (0..7).zip(&self.days) {
            let spans = mistakes.note(day.field, spans(&day.hours));
            let on = |span: Span| Interval { day: number, from: span.from, until: span.until };
            week = week.zip(spans).map(|(mut week, spans)| {
                week.extend(spans.into_iter().map(on));
                week
            });
        }
        let exceptions = mistakes.note("exceptions", self.exceptions());
        Some(Hours { zone: zone?, week: week?, exceptions: exceptions? })
    }

    fn exceptions(&self) -> Result<Vec<Exception>, Sentence> {
        let mut exceptions: Vec<Exception> = Vec::new();
        for line in self.exceptions.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let exception = exception(line)?;
            if exceptions.iter().any(|other| other.date == exception.date) {
                return Err(Sentence::of("hours-mistake-twice").with("date", exception.date.to_string()));
            }
            exceptions.push(exception);
        }
        if exceptions.len() > EXCEPTIONS_MAX {
            return Err(Sentence::of("hours-mistake-many").with("most", EXCEPTIONS_MAX));
        }
        exceptions.sort_by_key(|exception| exception.date);
        Ok(exceptions)
    }
}

fn spell(from: NaiveTime, until: NaiveTime) -> String {
    let until = if until == NaiveTime::MIN { "24:00".into() } else { until.format("%H:%M").to_string() };
    format!("{}-{until}", from.format("%H:%M"))
}

fn spell_exception(exception: &Exception) -> String {
    let spans: Vec<_> = exception.open.iter().map(|span| spell(span.from, span.until)).collect();
    format!("{} {} {}", exception.date, spans.join(", "), exception.name)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// `09:00-12:00, 13:00-17:00`.
fn spans(text: &str) -> Result<Vec<Span>, Sentence> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let spans: Option<Vec<Span>> = parts.map(span).collect();
    spans.ok_or_else(|| Sentence::of("hours-mistake-times"))
}

/// Ends after it begins, or on the next day.
fn span(text: &str) -> Option<Span> {
    let (from, until) = text.split_once(['-', '–'])?;
    let time = |text: &str| NaiveTime::parse_from_str(if text == "24:00" { "00:00" } else { text }, "%H:%M").ok();
    let (from, until) = (time(from.trim())?, time(until.trim())?);
    (from != until || until == NaiveTime::MIN).then_some(Span { from, until })
}

/// A date, its times if it is open at all, and what it is called: `2026-12-24 09:00-13:00 Christmas Eve`.
fn exception(line: &str) -> Result<Exception, Sentence> {
    let wrong = || Sentence::of("hours-mistake-date").with("line", line);
    let (date, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").map_err(|_| wrong())?;
    let mut open = Vec::new();
    let mut name = rest.trim();
    while let (word, after) = name.split_once(|c: char| c == ',' || c.is_whitespace()).unwrap_or((name, ""))
        && looks_like_time(word)
    {
        open.push(span(word).ok_or_else(wrong)?);
        name = after.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    }
    Ok(Exception { date, name: tidy_name(name), open })
}

fn looks_like_time(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.contains([':', '-', '–'])
}

#[cfg(test)]
mod tests {
    use super::{HoursForm, exception, spans};
    use crate::admin::form::{Mistakes, Sent};
    use crate::words::Lang;

    fn sent(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_shown_and_sent_back_changes_nothing() {
        let exceptions = "2026-12-24 09:00-12:00, 13:00-14:00 Christmas Eve\n2026-12-25 Christmas\n2026-12-31";
        let days = [("day_0", "09:00-12:00, 13:00-17:00"), ("day_4", "20:00-02:00"), ("day_6", "20:00-24:00")];
        let fields = sent(&[&days[..], &[("zone", "Europe/Berlin"), ("exceptions", exceptions)]].concat());
        let mut mistakes = Mistakes::default();
        let hours = HoursForm::read(&Sent(&fields)).parse(&mut mistakes).unwrap();
        assert_eq!(hours.exceptions.iter().map(|e| e.open.len()).collect::<Vec<_>>(), [2, 0, 0]);
        let shown = HoursForm::of(&hours);
        assert_eq!(shown.exceptions, exceptions);
        let shown: Vec<_> =
            shown.days.iter().map(|day| (day.field, day.hours.as_str())).filter(|day| !day.1.is_empty()).collect();
        assert_eq!(shown, days);
    }

    #[test]
    fn each_mistake_is_told_at_its_field() {
        let bad = [
            ("zone", "Mars/Olympus"),
            ("day_2", "9 to 5"),
            ("day_3", "09:00-09:00"),
            ("exceptions", "25.12.2026 Christmas"),
        ];
        let fields = sent(&bad);
        let mut mistakes = Mistakes::default();
        assert_eq!(HoursForm::read(&Sent(&fields)).parse(&mut mistakes), None);
        assert_eq!(mistakes.fields(), ["day_2", "day_3", "exceptions", "zone"]);
        assert!(
            mistakes.of("exceptions").unwrap().say(Lang::En).contains("2026-12-25 Christmas"),
            "it says what would be right"
        );
    }

    #[test]
    fn a_date_is_closed_or_has_hours_of_its_own() {
        let christmas = exception("2026-12-25 Christmas Day").unwrap();
        assert_eq!((christmas.name.as_str(), christmas.open.len()), ("Christmas Day", 0));
        let late = exception("2026-12-31 20:00-02:00 New Year’s Eve").unwrap();
        assert_eq!((late.name.as_str(), late.open.len()), ("New Year’s Eve", 1));
        assert_eq!(exception("2026-10-03 3rd of October").unwrap().name, "3rd of October");
        for bad in ["Christmas", "2026-13-01 x", "2026-12-24 9-13 x", "2026-12-24 09:00"] {
            assert!(exception(bad).is_err(), "{bad}");
        }
        assert!(spans("17:00-09:00").is_ok(), "into the next morning");
    }
}
