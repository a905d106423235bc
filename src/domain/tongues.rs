//! What shoppers are told outside the panel, in the twelve languages that the panel speaks: a file for each under
//! `assets/tongues`, and in it a part for each room that says something.
//!
//! A part holds exactly the words its room asks for: another one is found out when the first of them is said, and by a test.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::ops::Deref;

/// English first: it serves where there is nothing better.
const FILES: [&str; 12] = [
    include_str!("../../assets/tongues/en.json"),
    include_str!("../../assets/tongues/de.json"),
    include_str!("../../assets/tongues/fr.json"),
    include_str!("../../assets/tongues/es.json"),
    include_str!("../../assets/tongues/it.json"),
    include_str!("../../assets/tongues/pt-BR.json"),
    include_str!("../../assets/tongues/ru.json"),
    include_str!("../../assets/tongues/ar.json"),
    include_str!("../../assets/tongues/ja.json"),
    include_str!("../../assets/tongues/ko.json"),
    include_str!("../../assets/tongues/zh-CN.json"),
    include_str!("../../assets/tongues/zh-TW.json"),
];

/// The words of one room in one language.
pub struct Tongue<T> {
    pub lang: &'static str,
    pub dir: &'static str,
    words: T,
}

impl<T> Deref for Tongue<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.words
    }
}

/// The words of one room in all languages.
pub struct Table<T>(Vec<Tongue<T>>);

impl<T: Deserialize<'static>> Table<T> {
    pub fn of_part(part: &str) -> Self {
        Self(FILES.iter().map(|file| read(file, part).expect("a test reads every part of every file")).collect())
    }
}

fn read<T: Deserialize<'static>>(file: &'static str, part: &str) -> serde_json::Result<Tongue<T>> {
    let parts: HashMap<&str, &'static RawValue> = serde_json::from_str(file)?;
    let raw = |name: &str| parts.get(name).map_or("null", |raw| raw.get());
    Ok(Tongue {
        lang: serde_json::from_str(raw("lang"))?,
        dir: serde_json::from_str(raw("dir"))?,
        words: serde_json::from_str(raw(part))?,
    })
}

impl<T> Table<T> {
    /// Of a locale such as `de-AT` or `zh_Hant_HK`; English where there are none.
    pub fn of(&self, locale: &str) -> &Tongue<T> {
        self.find(locale).unwrap_or(&self.0[0])
    }

    pub fn find(&self, locale: &str) -> Option<&Tongue<T>> {
        let tag = locale.to_ascii_lowercase().replace('_', "-");
        let language = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
        let is_traditional = tag.split('-').any(|part| matches!(part, "hant" | "tw" | "hk" | "mo"));
        let wanted = if language(&tag) == "zh" && is_traditional { "zh-tw".to_owned() } else { tag };
        let exact = self.0.iter().find(|tongue| tongue.lang.eq_ignore_ascii_case(&wanted));
        exact.or_else(|| self.0.iter().find(|tongue| language(&tongue.lang.to_ascii_lowercase()) == language(&wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::{FILES, Table};
    use serde::Deserialize;
    use serde_json::Value;

    #[derive(Deserialize)]
    struct Push {
        new: &'static str,
    }

    /// The same with every text exchanged for how often it names somebody.
    fn shape(value: &Value) -> Value {
        match value {
            Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
            Value::String(text) => {
                assert!(!text.trim().is_empty() && !text.contains(['\\', '"', '<']), "{text}");
                text.matches("{}").count().into()
            }
            other => panic!("{other} is no text"),
        }
    }

    #[test]
    fn every_language_says_the_same_and_names_the_same() {
        let read: Vec<Value> = FILES.iter().map(|file| serde_json::from_str(file).unwrap()).collect();
        for file in &read {
            assert_eq!(shape(file), shape(&read[0]), "{}", file["lang"]);
        }
    }

    #[test]
    fn a_locale_finds_its_language() {
        let table: Table<Push> = Table::of_part("push");
        let found = |locale| table.of(locale).lang;
        let cases = [
            ("de-AT", "de"),
            ("pt", "pt-BR"),
            ("pt-PT", "pt-BR"),
            ("zh", "zh-CN"),
            ("ZH_hans_SG", "zh-CN"),
            ("zh-HK", "zh-TW"),
            ("zh-Hant", "zh-TW"),
            ("ar-EG", "ar"),
            ("xx", "en"),
            ("", "en"),
        ];
        for (locale, expected) in cases {
            assert_eq!(found(locale), expected, "{locale}");
        }
        assert!(table.of("fr").new.contains("{}"));
        assert!(table.find("xx").is_none());
    }
}
