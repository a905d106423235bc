use super::refusals::key_of;
use super::{Arg, Lang, TOPICS, legibility};
use crate::domain::conversation::Refusal;
use crate::error::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Key to pattern of one language, as they stand in its files.
fn words(lang: Lang) -> BTreeMap<&'static str, String> {
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    for text in TOPICS.iter().map(|texts| texts[lang as usize]) {
        let mut key = "";
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let pattern = match line.split_once(" =") {
                Some((name, pattern)) if !line.starts_with([' ', '}']) => {
                    key = name;
                    assert!(found.insert(key, String::new()).is_none(), "{}: {key} is there twice", lang.tag());
                    pattern
                }
                _ => line,
            };
            found.get_mut(key).unwrap().push_str(pattern);
        }
    }
    found
}

fn variables(pattern: &str) -> BTreeSet<String> {
    let names = pattern.split('$').skip(1);
    names.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()).collect()
}

#[test]
fn every_language_has_every_word_with_the_same_values() {
    let english = words(Lang::En);
    assert!(english.len() > 10);
    for lang in Lang::ALL {
        let own = words(lang);
        let missing: Vec<_> = english.keys().filter(|key| !own.contains_key(*key)).collect();
        let strange: Vec<_> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty() && strange.is_empty(), "{}: missing {missing:?}, strange {strange:?}", lang.tag());
        for (key, pattern) in &own {
            assert_eq!(variables(pattern), variables(&english[key]), "{}: {key}", lang.tag());
            let said = super::format(lang, lang, key, &[]);
            assert!(said.is_some_and(|said| !said.is_empty()), "{}: {key} says nothing", lang.tag());
            assert!(!pattern.contains('<'), "{}: {key} holds markup", lang.tag());
        }
    }
}

fn files(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.extension().and_then(|ending| ending.to_str()) {
            None => files(&entry, found),
            Some("rs" | "html" | "js") => found.push_str(&fs::read_to_string(&entry).unwrap()),
            Some(_) => {}
        }
    }
}

/// Where pages for staff are made.
const SPEAKERS: [&str; 11] = [
    "src/console",
    "src/admin",
    "src/shell",
    "src/storefront",
    "src/push",
    "src/mail",
    "templates/console",
    "templates/admin",
    "templates/mail",
    "templates/widget",
    "assets/console",
];

/// What stands in quotes before `|t`, after `say(`, or in a `Key(`: a word that is named and not there is a mistake.
fn named(source: &str) -> BTreeSet<&str> {
    let quoted = |text: &'static str| source.match_indices(text).map(move |(at, _)| &source[at + text.len()..]);
    let opened = ["say(\"", "say_with(\"", "Key(\"", "Sentence::of(\""].into_iter().flat_map(quoted);
    let before = ["\"|t", "\"|t1", "\"|t2"].into_iter().flat_map(|text| {
        source.match_indices(text).filter_map(|(at, _)| source[..at].rsplit_once('"').map(|(_, key)| key))
    });
    opened.filter_map(|rest| rest.split('"').next()).chain(before).collect()
}

#[test]
fn what_is_named_is_there_and_what_is_there_is_named() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut source = String::new();
    for folder in SPEAKERS {
        files(&root.join(folder), &mut source);
    }
    for file in ["src/shell.rs", "src/words/values.rs", "src/words/sentence.rs", "src/words/refusals.rs"] {
        source.push_str(&fs::read_to_string(root.join(file)).unwrap());
    }
    let (english, named) = (words(Lang::En), named(&source));
    let missing: Vec<_> = named.iter().filter(|key| !english.contains_key(*key)).collect();
    assert!(missing.is_empty(), "named, but not in the files: {missing:?}");
    let is_sentence = |key: &str| key.starts_with("refused-") || key.starts_with("reason-");
    let is_idle = |key: &&&str| !source.contains(&format!("\"{key}\"")) && !is_sentence(key);
    let idle: Vec<_> = english.keys().filter(is_idle).collect();
    assert!(idle.is_empty(), "in the files, but named nowhere: {idle:?}");
}

/// Rooms whose refusals staff may meet.
const REFUSING: [&str; 15] = [
    "src/console",
    "src/admin",
    "src/shell",
    "src/files",
    "src/conversations",
    "src/conversations.rs",
    "src/queue",
    "src/store",
    "src/domain",
    "src/auth",
    "src/web",
    "src/presence",
    "src/presence.rs",
    "src/sla",
    "src/error.rs",
];

/// Said to shoppers and programs only, or kept as it is.
const NOT_TO_STAFF: [&str; 12] = [
    "Each field needs a short text.",
    "The e-mail address does not look right.",
    "A required field is empty.",
    "A rating is a number from 1 to 5.",
    "A comment is text.",
    "Transcripts went to two addresses today. Ask for this one tomorrow, or use one of the two.",
    "This address may not use this chat. Add its origin to the site's list.",
    "This frame is not in the contract: check its type, its fields and their types.",
    "PostgreSQL runs with fsync or full_page_writes off: acknowledged messages could be lost. Turn both on and restart it.",
    // A note in a conversation's log, written for whoever asks.
    "Asked {} to take this over.",
    "The time it was snoozed until has come.",
    "The shopper wrote, and it is not snoozed any more.",
];

/// What carries a value has a key of its own.
const WITH_VALUES: [&str; 2] = [
    "Too many requests: wait {} s and try again.",
    "A file may have {most_mb} MB. Make it smaller, or send a part of it.",
];

/// The string literals of a source, without its tests and comments.
fn literals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let (code, mut found) = (lines.join("\n").replace("'\"'", ""), Vec::new());
    let (mut text, mut is_open, mut letters) = (String::new(), false, code.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_open => found.push(std::mem::take(&mut text)),
            '"' => {}
            // The rest of the literal is on the next line.
            '\\' if is_open && letters.peek() == Some(&'\n') => {
                while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
            }
            '\\' if is_open => text.extend(letters.next()),
            _ if is_open => text.push(letter),
            _ => {}
        }
        is_open ^= letter == '"';
    }
    found
}

fn all_literals(places: &[&str]) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for place in places.iter().map(|place| root.join(place)).filter(|place| place.exists()) {
        let mut paths = vec![place];
        while let Some(path) = paths.pop() {
            if path.is_dir() {
                paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if path.file_name().is_some_and(|name| name != "tests.rs") {
                found.extend(literals(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn every_refusal_that_staff_meet_has_its_words_and_none_is_idle() {
    let is_sentence =
        |text: &String| text.starts_with(|c: char| c.is_ascii_uppercase()) && text.contains(' ') && text.ends_with('.');
    let sentences: BTreeSet<_> = all_literals(&REFUSING).into_iter().filter(is_sentence).collect();
    for known in NOT_TO_STAFF.iter().chain(&WITH_VALUES) {
        assert!(sentences.contains(*known), "nobody says any more: {known}");
    }
    let told = sentences.iter().map(String::as_str);
    let told = told.filter(|said| !NOT_TO_STAFF.contains(said) && !WITH_VALUES.contains(said));
    let keys: BTreeMap<_, _> = told.map(|said| (key_of("refused", said), said)).collect();
    assert!(keys.len() > 50);
    let english = words(Lang::En);
    let missing: Vec<_> = keys.iter().filter(|(key, _)| !english.contains_key(key.as_str())).collect();
    assert!(missing.is_empty(), "without words in refusals.ftl: {missing:#?}");
    let own = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/words/refusals.rs")).unwrap();
    for key in english.keys().filter(|key| key.starts_with("refused-")) {
        match keys.get(*key) {
            Some(said) => assert_eq!(Lang::En.say(key), *said),
            None => assert!(own.contains(&format!("\"{key}\"")), "in refusals.ftl, but said nowhere: {key}"),
        }
    }
}

#[test]
fn every_reason_that_is_recorded_has_its_words_and_none_is_idle() {
    let said = all_literals(&["src/queue", "src/conversations"]);
    let keys: BTreeSet<_> = said.iter().map(|said| key_of("reason", said)).collect();
    let english = words(Lang::En);
    let reasons = || english.iter().filter(|(key, _)| key.starts_with("reason-") && **key != "reason-lacks-skill");
    assert!(reasons().count() > 10);
    for (key, pattern) in reasons() {
        assert!(keys.contains(*key), "in refusals.ftl, but recorded nowhere: {key}");
        assert!(said.contains(pattern.trim()), "{key} is another sentence");
    }
    let pick = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/queue/pick.rs")).unwrap();
    let told = literals(&pick).into_iter().filter(|said| said.contains(' ') && !said.contains('{'));
    let missing: Vec<_> = told.filter(|said| !english.contains_key(key_of("reason", said).as_str())).collect();
    assert!(missing.is_empty(), "without words in refusals.ftl: {missing:?}");
}

#[test]
fn a_refusal_is_said_in_the_readers_language_with_its_values() {
    let again = Error::Unavailable { what: "The database cannot be reached.", retry: Duration::from_secs(2) };
    let large = Error::FileTooLarge { most_mb: 10 };
    let fast = Error::TooFast { retry: Duration::from_millis(100) };
    for error in [&again, &large, &fast, &Error::NotFound] {
        assert_eq!(Lang::En.failure(error), error.to_string());
        for lang in [Lang::De, Lang::ZhCn, Lang::Ar] {
            assert_ne!(lang.failure(error), error.to_string(), "{}", lang.tag());
        }
    }
    let taken = Refusal::NotAssignee(Some("Ana".into()));
    assert_eq!(Lang::En.refused(&taken), taken.message());
    assert_eq!(Lang::De.refused(&taken), "Ana hat dieses Gespräch jetzt. Ihr Text wurde nicht gesendet.");
    assert_eq!(Lang::De.failure(&again), "Die Datenbank ist nicht erreichbar. Versuchen Sie es in 2 s erneut.");
    assert_eq!(Lang::De.refusal("Nobody wrote this."), "Nobody wrote this.");
    assert_eq!(Lang::De.reason("lacks the skill wine"), "hat die Fähigkeit wine nicht");
    assert_eq!(Lang::De.reason("no place free"), "kein Platz frei");
}

#[test]
fn a_colour_is_judged_in_words() {
    let judged = |lang: Lang, color: &str| {
        let sentences = legibility(color.parse().unwrap());
        sentences.iter().map(|sentence| sentence.say(lang)).collect::<Vec<_>>().join(" ")
    };
    let yellow = judged(Lang::En, "#ffd400");
    assert!(yellow.starts_with("On #ffd400 black is written: contrast 14.7 to 1, at least 4.5 is needed."), "{yellow}");
    assert!(yellow.contains("On a white page") && !yellow.contains("On a black page"));
    assert!(!judged(Lang::En, "#0f5fd7").contains("hard to see"));
    assert!(judged(Lang::De, "#ffd400").starts_with("Auf #ffd400 wird schwarz geschrieben: Kontrast 14,7 zu 1"));
}

#[test]
fn a_browser_gets_the_first_language_that_is_spoken_here() {
    for (header, lang) in [
        ("de-AT,de;q=0.9,en;q=0.8", Lang::De),
        ("fr, zh-TW;q=0.8, en;q=0.5", Lang::ZhCn),
        ("ar_EG", Lang::Ar),
        ("tlh", Lang::En),
        ("", Lang::En),
    ] {
        assert_eq!(Lang::accepted(header), lang, "{header}");
    }
}

#[test]
fn a_name_that_runs_the_other_way_is_kept_together() {
    let name = |name| [("name", Arg::Text(name))];
    let said = |lang: Lang, text: &'static str| lang.say_with("reply-to", &name(text));
    assert!(!said(Lang::En, "Ana").contains('\u{2068}'));
    assert!(said(Lang::En, "سارة").contains("\u{2068}سارة\u{2069}"));
    assert!(said(Lang::Ar, "Ana").contains("\u{2068}Ana\u{2069}"));
    assert_eq!(Lang::En.say("no-such-word"), "no-such-word");
}
