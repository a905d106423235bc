//! A shop's settings as a form: what is shown, what was sent, and what is wrong with it.

use super::form::{Choice, Mistakes, Sent};
use super::hours::HoursForm;
use crate::domain::people::tidy_name;
use crate::domain::site::{IntakeField, Notify, Site, parse_origin};
use crate::domain::widget::is_language;
use crate::words::{Key, Sentence};
use std::collections::BTreeMap;

/// Kinds of questions before the chat.
const KINDS: [(&str, Key); 4] = [
    ("text", Key("set-kind-text")),
    ("email", Key("set-kind-email")),
    ("textarea", Key("set-kind-textarea")),
    ("select", Key("set-kind-select")),
];
/// Rows of questions on the page.
const QUESTIONS: usize = 6;
const QUESTIONS_MAX: usize = 30;

pub struct Form {
    pub name: String,
    pub origins: String,
    pub hours: HoursForm,
    pub questions: Vec<Question>,
    pub transcript_at_close: bool,
    pub typing_preview: bool,
    pub notify: Notify,
}

#[derive(Default)]
pub struct Question {
    pub name: String,
    pub label: String,
    pub kind: String,
    pub is_required: bool,
    /// Separated by commas.
    pub options: String,
    /// `de: Ihr Name; fr: Votre nom`.
    pub labels: String,
}

impl Question {
    pub fn kinds(&self) -> impl Iterator<Item = Choice> + '_ {
        KINDS.iter().map(|(kind, word)| Choice::of(kind, *word, &self.kind))
    }

    fn of(field: &IntakeField) -> Self {
        Self {
            name: field.name.clone(),
            label: field.label.clone(),
            kind: field.kind.clone(),
            is_required: field.required,
            options: field.options.join(", "),
            labels: field.labels.iter().map(|(tag, label)| format!("{tag}: {label}")).collect::<Vec<_>>().join("; "),
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
            hours: HoursForm::of(&site.settings.hours),
            questions,
            transcript_at_close: site.settings.transcript_at_close,
            typing_preview: site.settings.typing_preview,
            notify: site.settings.notify,
        }
    }

    pub fn read(fields: &[(String, String)]) -> Self {
        let sent = Sent(fields);
        let question = |n: usize| Question {
            name: sent.text(format!("question_name_{n}")),
            label: sent.text(format!("question_label_{n}")),
            kind: sent.text(format!("question_kind_{n}")),
            is_required: sent.has(format!("question_required_{n}")),
            options: sent.text(format!("question_options_{n}")),
            labels: sent.text(format!("question_labels_{n}")),
        };
        Self {
            name: sent.text("name"),
            origins: sent.text("origins"),
            hours: HoursForm::read(&sent),
            questions: (0..sent.rows("question_label_", QUESTIONS_MAX)).map(question).collect(),
            transcript_at_close: sent.has("transcript_at_close"),
            typing_preview: sent.has("typing_preview"),
            notify: Notify {
                push: sent.has("notify_push"),
                push_text: sent.has("notify_push_text"),
                mail: sent.has("notify_mail"),
            },
        }
    }

    /// Changes the site where everything is valid; otherwise says what is not.
    pub fn apply(&self, site: &mut Site) -> Mistakes {
        let mut mistakes = Mistakes::default();
        let name = tidy_name(&self.name);
        if name.is_empty() {
            mistakes.add("name", Sentence::of("set-mistake-name"));
        }
        let origins = mistakes.note("origins", self.origins());
        let hours = self.hours.parse(&mut mistakes);
        let intake = mistakes.note("questions", self.intake());
        if let (Some(origins), Some(hours), Some(intake), true) = (origins, hours, intake, mistakes.is_empty()) {
            (site.name, site.origins) = (name, origins);
            (site.settings.hours, site.settings.intake) = (hours, intake);
            site.settings.transcript_at_close = self.transcript_at_close;
            site.settings.typing_preview = self.typing_preview;
            site.settings.notify = self.notify;
        }
        mistakes
    }

    fn origins(&self) -> Result<Vec<String>, Sentence> {
        let mut origins = Vec::new();
        for line in self.origins.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let origin = parse_origin(line).ok_or_else(|| Sentence::of("set-mistake-origin").with("line", line))?;
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        Ok(origins)
    }

    fn intake(&self) -> Result<Vec<IntakeField>, Sentence> {
        let asked = self.questions.iter().filter(|question| !question.label.is_empty());
        let mut intake: Vec<IntakeField> = Vec::new();
        for question in asked {
            let field = field(question, intake.len())?;
            if intake.iter().any(|other| other.name == field.name) {
                return Err(Sentence::of("set-mistake-twice").with("question", field.label));
            }
            intake.push(field);
        }
        Ok(intake)
    }
}

fn field(question: &Question, place: usize) -> Result<IntakeField, Sentence> {
    let options: Vec<String> = question.options.split(',').map(tidy_name).filter(|option| !option.is_empty()).collect();
    if !KINDS.iter().any(|(kind, _)| *kind == question.kind) {
        return Err(Sentence::of("set-mistake-kind").with("question", &question.label));
    }
    if question.kind == "select" && options.len() < 2 {
        return Err(Sentence::of("set-mistake-choice").with("question", &question.label));
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
        labels: labels(&question.labels)?,
        kind: question.kind.clone(),
        required: question.is_required,
        options,
    })
}

/// Longest question, in characters.
const LABEL_MAX: usize = 200;

/// The question in other languages: `de: Ihr Name; fr: Votre nom`.
fn labels(text: &str) -> Result<BTreeMap<String, String>, Sentence> {
    let mut labels = BTreeMap::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (tag, label) = part.split_once(':').unwrap_or_default();
        let (tag, label) = (tag.trim(), tidy_name(label));
        if !is_language(tag) || label.is_empty() || label.chars().count() > LABEL_MAX {
            return Err(Sentence::of("set-mistake-labels").with("part", part));
        }
        labels.insert(tag.to_owned(), label);
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::Form;
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
    fn each_mistake_is_told_at_its_field_and_nothing_is_changed() {
        let bad = [("name", " "), ("origins", "shop.example"), ("zone", "Mars/Olympus"), ("day_2", "9 to 5")];
        let mut site = site();
        let mistakes = Form::read(&sent(&bad)).apply(&mut site);
        assert_eq!(mistakes.fields(), ["day_2", "name", "origins", "zone"]);
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
        assert!(Form::read(&sent(&one_answer)).apply(&mut site).has("questions"));
    }
}
