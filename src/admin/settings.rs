//! A shop's settings as a form: what is shown, what was sent, and what is wrong with it.

use crate::domain::hours::{Hours, Interval};
use crate::domain::people::tidy_name;
use crate::domain::site::{IntakeField, Site, parse_origin};
use chrono::NaiveTime;
use std::collections::BTreeMap;

pub type Mistakes = BTreeMap<&'static str, String>;

/// The days with their fields, Monday first.
const DAYS: [(&str, &str); 7] = [
    ("day_0", "Monday"),
    ("day_1", "Tuesday"),
    ("day_2", "Wednesday"),
    ("day_3", "Thursday"),
    ("day_4", "Friday"),
    ("day_5", "Saturday"),
    ("day_6", "Sunday"),
];
/// Kinds of questions before the chat.
pub const KINDS: [(&str, &str); 4] =
    [("text", "One line"), ("email", "E-mail"), ("textarea", "Several lines"), ("select", "A choice")];
/// Rows of questions on the page.
const QUESTIONS: usize = 6;

pub struct Form {
    pub name: String,
    pub origins: String,
    pub zone: String,
    pub days: Vec<Day>,
    pub questions: Vec<Question>,
    pub transcript_at_close: bool,
}

pub struct Day {
    /// The name of its field, and of a mistake in it.
    pub field: &'static str,
    pub label: &'static str,
    /// `09:00-12:00, 13:00-17:00`, or empty for closed.
    pub hours: String,
}

#[derive(Default)]
pub struct Question {
    pub name: String,
    pub label: String,
    pub kind: String,
    pub is_required: bool,
    /// Separated by commas.
    pub options: String,
}

impl Question {
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> + '_ {
        KINDS.iter().map(|(kind, label)| (*kind, *label, *kind == self.kind))
    }

    fn of(field: &IntakeField) -> Self {
        Self {
            name: field.name.clone(),
            label: field.label.clone(),
            kind: field.kind.clone(),
            is_required: field.required,
            options: field.options.join(", "),
        }
    }
}

impl Form {
    pub fn of(site: &Site) -> Self {
        let mut questions: Vec<Question> = site.settings.intake.iter().map(Question::of).collect();
        questions.resize_with(QUESTIONS.max(questions.len() + 1), Question::default);
        Self {
            name: site.name.clone(),
            origins: site.origins.join("\n"),
            zone: site.settings.hours.zone.clone(),
            days: (0..7)
                .zip(DAYS)
                .map(|(day, (field, label))| Day { field, label, hours: spell(&site.settings.hours, day) })
                .collect(),
            questions,
            transcript_at_close: site.settings.transcript_at_close,
        }
    }

    pub fn read(fields: &[(String, String)]) -> Self {
        let get = |name: &str| {
            fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let has = |name: &str| fields.iter().any(|(key, _)| key == name);
        let question = |n: usize| Question {
            name: get(&format!("question_name_{n}")),
            label: get(&format!("question_label_{n}")),
            kind: get(&format!("question_kind_{n}")),
            is_required: has(&format!("question_required_{n}")),
            options: get(&format!("question_options_{n}")),
        };
        let asked = fields.iter().filter(|(key, _)| key.starts_with("question_label_")).count().min(30);
        Self {
            name: get("name"),
            origins: get("origins"),
            zone: get("zone"),
            days: DAYS.map(|(field, label)| Day { field, label, hours: get(field) }).into(),
            questions: (0..asked).map(question).collect(),
            transcript_at_close: has("transcript_at_close"),
        }
    }

    /// Changes the site where everything is valid; otherwise says what is not.
    pub fn apply(&self, site: &mut Site) -> Mistakes {
        let mut mistakes = Mistakes::new();
        let name = tidy_name(&self.name);
        if name.is_empty() {
            mistakes.insert("name", "Give the shop a name; shoppers read it.".into());
        }
        let origins = note(&mut mistakes, "origins", self.origins());
        let hours = self.hours(&mut mistakes);
        let intake = note(&mut mistakes, "questions", self.intake());
        if let (Some(origins), Some(hours), Some(intake), true) = (origins, hours, intake, mistakes.is_empty()) {
            (site.name, site.origins) = (name, origins);
            (site.settings.hours, site.settings.intake) = (hours, intake);
            site.settings.transcript_at_close = self.transcript_at_close;
        }
        mistakes
    }

    fn origins(&self) -> Result<Vec<String>, String> {
        let mut origins = Vec::new();
        for line in self.origins.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let origin = parse_origin(line).ok_or_else(|| {
                format!("“{line}” is not an origin. Write scheme and host only, such as https://shop.example.")
            })?;
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        Ok(origins)
    }

    fn hours(&self, mistakes: &mut Mistakes) -> Option<Hours> {
        if self.zone.parse::<chrono_tz::Tz>().is_err() {
            mistakes.insert("zone", "Write a zone such as Europe/Berlin or UTC.".into());
        }
        let mut week = Vec::new();
        for (number, day) in (0..7).zip(&self.days) {
            if let Some(intervals) = parse_day(number, &day.hours) {
                week.extend(intervals);
            } else {
                let example = "09:00-17:00, or 09:00-12:00, 13:00-17:00";
                mistakes.insert(day.field, format!("Write times such as {example}, or leave it empty."));
            }
        }
        let is_valid = !mistakes.contains_key("zone") && self.days.iter().all(|day| !mistakes.contains_key(day.field));
        is_valid.then(|| Hours { zone: self.zone.clone(), week, exceptions: Vec::new() })
    }

    fn intake(&self) -> Result<Vec<IntakeField>, String> {
        let asked = self.questions.iter().filter(|question| !question.label.is_empty());
        let mut intake: Vec<IntakeField> = Vec::new();
        for question in asked {
            let field = field(question, intake.len())?;
            if intake.iter().any(|other| other.name == field.name) {
                return Err(format!("“{}” is asked twice.", field.label));
            }
            intake.push(field);
        }
        Ok(intake)
    }
}

fn note<T>(mistakes: &mut Mistakes, field: &'static str, parsed: Result<T, String>) -> Option<T> {
    parsed.map_err(|mistake| mistakes.insert(field, mistake)).ok()
}

fn field(question: &Question, place: usize) -> Result<IntakeField, String> {
    let options: Vec<String> = question.options.split(',').map(tidy_name).filter(|option| !option.is_empty()).collect();
    if !KINDS.iter().any(|(kind, _)| *kind == question.kind) {
        return Err(format!("“{}” needs a kind.", question.label));
    }
    if question.kind == "select" && options.len() < 2 {
        return Err(format!("“{}” is a choice: give it at least two answers, separated by commas.", question.label));
    }
    let is_slug = !question.name.is_empty() && question.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let name = match (is_slug, question.kind.as_str()) {
        (true, _) => question.name.clone(),
        (false, "email") => "email".into(),
        (false, _) if question.label.eq_ignore_ascii_case("name") => "name".into(),
        (false, _) => format!("question_{}", place + 1),
    };
    Ok(IntakeField {
        name,
        label: tidy_name(&question.label),
        kind: question.kind.clone(),
        required: question.is_required,
        options,
    })
}

fn spell(hours: &Hours, day: u8) -> String {
    let intervals = hours.week.iter().filter(|interval| interval.day == day);
    let spelled: Vec<String> = intervals
        .map(|interval| format!("{}-{}", interval.from.format("%H:%M"), interval.until.format("%H:%M")))
        .collect();
    spelled.join(", ")
}

fn parse_day(day: u8, text: &str) -> Option<Vec<Interval>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| parse_interval(day, part)).collect()
}

fn parse_interval(day: u8, text: &str) -> Option<Interval> {
    let (from, until) = text.split_once(['-', '–'])?;
    let time = |text: &str| NaiveTime::parse_from_str(if text == "24:00" { "00:00" } else { text }, "%H:%M").ok();
    let (from, until) = (time(from.trim())?, time(until.trim())?);
    (from < until || until == NaiveTime::MIN).then_some(Interval { day, from, until })
}

#[cfg(test)]
mod tests {
    use super::{Form, parse_day};
    use crate::domain::id::SiteId;
    use crate::domain::site::{Settings, Site};

    fn site() -> Site {
        Site {
            id: SiteId(uuid::Uuid::nil()),
            public_key: "KEY".into(),
            name: "Shop".into(),
            origins: vec!["https://shop.example".into()],
            secret: "s".into(),
            settings: Settings::default(),
        }
    }

    fn sent(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let good = [("name", "Shop"), ("origins", "https://shop.example"), ("zone", "UTC")];
        let kept = good.iter().filter(|(key, _)| !changes.iter().any(|(changed, _)| changed == key));
        kept.chain(changes).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_shown_and_sent_back_changes_nothing() {
        let mut site = site();
        let mistakes =
            Form::read(&sent(&[("day_0", "09:00-12:00, 13:00-17:00"), ("day_6", "20:00-24:00")])).apply(&mut site);
        assert!(mistakes.is_empty());
        let shown = Form::of(&site);
        assert_eq!(
            (shown.days[0].hours.as_str(), shown.days[6].hours.as_str()),
            ("09:00-12:00, 13:00-17:00", "20:00-00:00")
        );
        assert_eq!(shown.origins, "https://shop.example");
    }

    #[test]
    fn each_mistake_is_told_at_its_field_and_nothing_is_changed() {
        let bad = [("name", " "), ("origins", "shop.example"), ("zone", "Mars/Olympus"), ("day_2", "9 to 5")];
        let mut site = site();
        let mistakes = Form::read(&sent(&bad)).apply(&mut site);
        assert_eq!(mistakes.keys().copied().collect::<Vec<_>>(), ["day_2", "name", "origins", "zone"]);
        assert_eq!(site.name, "Shop");
    }

    #[test]
    fn questions_get_names_that_do_not_change_afterwards() {
        let mut site = site();
        let asked = [
            ("question_label_0", "Your e-mail"),
            ("question_kind_0", "email"),
            ("question_required_0", "1"),
            ("question_label_1", "Topic"),
            ("question_kind_1", "select"),
            ("question_options_1", "Orders, Returns"),
        ];
        assert!(Form::read(&sent(&asked)).apply(&mut site).is_empty());
        let names: Vec<_> = site.settings.intake.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["email", "question_2"]);
        let one_answer =
            [("question_label_0", "Topic"), ("question_kind_0", "select"), ("question_options_0", "Orders")];
        assert!(Form::read(&sent(&one_answer)).apply(&mut site).contains_key("questions"));
    }

    #[test]
    fn hours_run_forward() {
        assert!(parse_day(0, "17:00-09:00").is_none());
        assert_eq!(parse_day(0, "").map(|intervals| intervals.len()), Some(0));
    }
}
