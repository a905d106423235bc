//! The widget's settings as a form: what is shown, what was sent, and what is wrong with it.

use super::rules::{self, RuleRow};
use super::words::{self, WordsRow};
use crate::admin::form::{Choice, Mistakes, Sent, number};
use crate::domain::contrast::Color;
use crate::domain::people::parse_email;
use crate::domain::site::Site;
use crate::domain::widget::{Appearance, LANGUAGES, Trail, is_parameter};
use crate::words::{Key, Sentence, legibility};

/// Furthest from the edge, in pixels.
const OFFSET_MAX: u32 = 400;
const Z_MAX: u32 = 2_147_483_647;
const PARAMETERS_MAX: usize = 20;

pub struct Form {
    pub color: String,
    pub side: String,
    pub x: String,
    pub y: String,
    pub z: String,
    pub scheme: String,
    pub locale: String,
    pub email: String,
    pub consent: bool,
    pub trail: String,
    /// Separated by commas.
    pub query: String,
    pub words: Vec<WordsRow>,
    pub rules: Vec<RuleRow>,
}

impl Form {
    pub fn of(site: &Site) -> Self {
        let (settings, look) = (&site.settings, &site.settings.appearance);
        Self {
            color: look.color.clone(),
            side: look.side.clone(),
            x: look.x.to_string(),
            y: look.y.to_string(),
            z: look.z.to_string(),
            scheme: look.scheme.clone(),
            locale: look.locale.clone(),
            email: look.email.clone().unwrap_or_default(),
            consent: look.consent,
            trail: settings.trail.as_str().into(),
            query: settings.query_kept.join(", "),
            words: words::of(&settings.words),
            rules: rules::of(&settings.invitation),
        }
    }

    pub fn read(fields: &[(String, String)]) -> Self {
        let sent = Sent(fields);
        Self {
            color: sent.text("color"),
            side: sent.text("side"),
            x: sent.text("x"),
            y: sent.text("y"),
            z: sent.text("z"),
            scheme: sent.text("scheme"),
            locale: sent.text("locale"),
            email: sent.text("email"),
            consent: sent.has("consent"),
            trail: sent.text("trail"),
            query: sent.text("query"),
            words: words::read(&sent),
            rules: rules::read(&sent),
        }
    }

    /// Changes the site where everything is valid; otherwise says what is not.
    pub fn apply(&self, site: &mut Site) -> Mistakes {
        let mut mistakes = Mistakes::default();
        let look = self.appearance(&mut mistakes);
        let trail = Trail::ALL.into_iter().find(|trail| trail.as_str() == self.trail);
        let trail = mistakes.note("trail", trail.ok_or_else(|| Sentence::of("mistake-one-of-three")));
        let query = mistakes.note("query", parameters(&self.query));
        let words = words::parse(&self.words, &mut mistakes);
        let rules = rules::parse(&self.rules, &mut mistakes);
        if let (Some(look), Some(trail), Some(query), true) = (look, trail, query, mistakes.is_empty()) {
            let settings = &mut site.settings;
            (settings.appearance, settings.trail, settings.query_kept) = (look, trail, query);
            (settings.words, settings.invitation) = (words, rules);
        }
        mistakes
    }

    fn appearance(&self, mistakes: &mut Mistakes) -> Option<Appearance> {
        let color = mistakes.note("color", self.color.parse::<Color>().map_err(|_| Sentence::of("look-mistake-color")));
        let x = mistakes.note("x", offset(&self.x));
        let y = mistakes.note("y", offset(&self.y));
        let z = number(&self.z, 1, Z_MAX).map(|z| i32::try_from(z).unwrap_or(i32::MAX));
        let z = mistakes.note("z", z);
        let side = mistakes.note("side", one_of(&self.side, &SIDES));
        let scheme = mistakes.note("scheme", one_of(&self.scheme, &SCHEMES));
        let locale = mistakes.note("locale", one_of(&self.locale, &LANGUAGES));
        let email = if self.email.is_empty() {
            Ok(None)
        } else {
            parse_email(&self.email).map(Some).ok_or_else(|| Sentence::of("look-mistake-email"))
        };
        let email = mistakes.note("email", email);
        let color = color?;
        Some(Appearance {
            color: color.to_string(),
            on_color: color.text().to_string(),
            side: side?,
            x: x?,
            y: y?,
            z: z?,
            locale: locale?,
            scheme: scheme?,
            email: email?,
            consent: self.consent,
        })
    }

    pub fn sides(&self) -> Vec<Choice> {
        choices(&SIDES, &self.side)
    }

    pub fn schemes(&self) -> Vec<Choice> {
        choices(&SCHEMES, &self.scheme)
    }

    pub fn locales(&self) -> Vec<Choice> {
        LANGUAGES.iter().map(|(tag, name)| Choice::named(tag, *name, &self.locale)).collect()
    }

    pub fn trails(&self) -> Vec<Choice> {
        choices(&TRAILS, &self.trail)
    }

    /// How the colour can be read; nothing while it is none.
    pub fn legibility(&self) -> Vec<Sentence> {
        self.color.parse().map(legibility).unwrap_or_default()
    }
}

const SIDES: [(&str, Key); 2] = [("right", Key("look-right")), ("left", Key("look-left"))];
const SCHEMES: [(&str, Key); 3] =
    [("auto", Key("look-auto")), ("light", Key("look-light")), ("dark", Key("look-dark"))];
const TRAILS: [(&str, Key); 3] =
    [("off", Key("look-trail-off")), ("on-chat", Key("look-trail-on-chat")), ("live", Key("look-trail-live"))];

fn choices(known: &[(&str, Key)], chosen: &str) -> Vec<Choice> {
    known.iter().map(|(value, word)| Choice::of(value, *word, chosen)).collect()
}

fn one_of<W>(value: &str, known: &[(&str, W)]) -> Result<String, Sentence> {
    let found = known.iter().find(|(known, _)| *known == value);
    found.map(|(known, _)| (*known).to_owned()).ok_or_else(|| Sentence::of("mistake-one-of-list"))
}

fn offset(text: &str) -> Result<u16, Sentence> {
    number(text, 0, OFFSET_MAX).map(|offset| u16::try_from(offset).unwrap_or_default())
}

fn parameters(text: &str) -> Result<Vec<String>, Sentence> {
    let names: Vec<String> =
        text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    if let Some(bad) = names.iter().find(|name| !is_parameter(name)) {
        return Err(Sentence::of("look-mistake-parameter").with("name", bad));
    }
    if names.len() > PARAMETERS_MAX {
        return Err(Sentence::of("look-mistake-parameters").with("most", PARAMETERS_MAX));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::Form;
    use crate::app::new_site;

    #[test]
    fn what_is_shown_and_sent_back_changes_nothing_but_a_text_that_cannot_be_read() {
        let mut site = new_site("Shop", vec![]);
        let before = site.settings.clone();
        assert!(Form::of(&site).apply(&mut site).is_empty());
        assert_eq!(site.settings.appearance, before.appearance);
        site.settings.appearance.color = "#ffd400".into();
        assert!(Form::of(&site).apply(&mut site).is_empty());
        assert_eq!(site.settings.appearance.on_color, "#000000");
    }

    #[test]
    fn each_mistake_is_told_at_its_field_and_nothing_is_changed() {
        let mut site = new_site("Shop", vec![]);
        let before = site.settings.appearance.clone();
        let bad = Form {
            color: "red".into(),
            side: "top".into(),
            x: "-1".into(),
            y: "401".into(),
            z: "many".into(),
            email: "help".into(),
            query: "q, a b".into(),
            trail: "all".into(),
            ..Form::of(&site)
        };
        let mistakes = bad.apply(&mut site);
        assert_eq!(mistakes.fields(), ["color", "email", "query", "side", "trail", "x", "y", "z"]);
        assert_eq!(site.settings.appearance, before);
    }
}
