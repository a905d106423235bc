use super::{Arg, Lang, TOPICS};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

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

/// What stands in quotes before `|t`, after `say(`, or in a `Key(`: a word that is named and not there is a mistake.
fn named(source: &str) -> BTreeSet<&str> {
    let quoted = |text: &'static str| source.match_indices(text).map(move |(at, _)| &source[at + text.len()..]);
    let opened = ["say(\"", "say_with(\"", "Key(\""].into_iter().flat_map(quoted);
    let before = ["\"|t", "\"|t1", "\"|t2"].into_iter().flat_map(|text| {
        source.match_indices(text).filter_map(|(at, _)| source[..at].rsplit_once('"').map(|(_, key)| key))
    });
    opened.filter_map(|rest| rest.split('"').next()).chain(before).collect()
}

#[test]
fn what_is_named_is_there_and_what_is_there_is_named() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut source = String::new();
    for folder in ["src/console", "src/admin", "src/shell", "templates/console", "templates/admin", "assets/console"] {
        files(&root.join(folder), &mut source);
    }
    for file in ["src/shell.rs", "src/words/values.rs"] {
        source.push_str(&fs::read_to_string(root.join(file)).unwrap());
    }
    let (english, named) = (words(Lang::En), named(&source));
    let missing: Vec<_> = named.iter().filter(|key| !english.contains_key(*key)).collect();
    assert!(missing.is_empty(), "named, but not in the files: {missing:?}");
    let idle: Vec<_> = english.keys().filter(|key| !source.contains(&format!("\"{key}\""))).collect();
    assert!(idle.is_empty(), "in the files, but named nowhere: {idle:?}");
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
