use super::Form;
use crate::admin::form::Mistakes;
use crate::domain::id::{SiteId, TeamId};
use crate::domain::people::Team;
use crate::domain::routing::{Class, Language, Mode, Rule, Sla, Targets, TeamSettings, When};
use crate::domain::site::{IntakeField, Settings, Site};
use crate::words::Lang;
use uuid::Uuid;

fn site() -> Site {
    let topic =
        IntakeField { name: "question_1".into(), label: "Topic".into(), kind: "text".into(), ..IntakeField::default() };
    Site {
        id: SiteId(Uuid::nil()),
        public_key: "KEY".into(),
        name: "Shop".into(),
        origins: Vec::new(),
        secret: "s".into(),
        settings: Settings { intake: vec![topic], ..Settings::default() },
    }
}

fn team() -> Team {
    Team {
        site_id: SiteId(Uuid::nil()),
        id: TeamId(Uuid::from_u128(7)),
        name: "Returns".into(),
        settings: TeamSettings::default(),
    }
}

/// What a browser sends of a form as it is shown.
fn sent(form: &Form) -> Vec<(String, String)> {
    let mut sent = vec![
        ("mode".to_owned(), form.mode.clone()),
        ("language".into(), form.language.clone()),
        ("warn_percent".into(), form.warn_percent.clone()),
    ];
    let ticks = [("prefers_previous", form.prefers_previous), ("needs_staff", form.needs_staff)];
    sent.extend(ticks.iter().filter(|(_, on)| *on).map(|(name, _)| ((*name).to_owned(), "1".to_owned())));
    sent.extend(
        form.groups
            .iter()
            .flat_map(|filled| &filled.entries)
            .map(|entry| (entry.number.field.to_owned(), entry.value.clone())),
    );
    sent.extend(form.targets.iter().flat_map(|row| &row.cells).map(|cell| (cell.field.clone(), cell.value.clone())));
    for (n, row) in form.rules.iter().enumerate() {
        let fields = [
            ("order", &row.order),
            ("when", &row.when),
            ("name", &row.name),
            ("value", &row.value),
            ("team", &row.team),
            ("class", &row.class),
            ("require", &row.require),
            ("prefer", &row.prefer),
        ];
        sent.extend(fields.map(|(field, value)| (format!("rule_{field}_{n}"), value.clone())));
    }
    sent
}

/// What comes of the shop where some fields are sent otherwise.
fn sending(changes: &[(&str, &str)]) -> (Site, Mistakes) {
    let mut site = site();
    let mut fields = sent(&Form::of(&site));
    for (name, value) in changes {
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, known)) => (*value).clone_into(known),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    let mistakes = Form::read(&fields).apply(&mut site, &[team()]);
    (site, mistakes)
}

#[test]
fn what_is_shown_and_sent_back_changes_nothing() {
    let mut full = site();
    let routing = &mut full.settings.routing;
    (routing.mode, routing.language, routing.needs_staff) = (Mode::Offer, Language::Require, true);
    let gold =
        Rule { when: When::Attribute("plan".into()), value: "gold".into(), class: Some(Class::Vip), ..Rule::default() };
    let topic = Rule {
        when: When::Answer("question_1".into()),
        value: "returns".into(),
        team: Some(team().id),
        require: vec!["returns".into()],
        prefer: vec!["wine".into(), "tea".into()],
        ..Rule::default()
    };
    routing.rules = vec![gold, topic];
    full.settings.sla =
        Sla { vip: Targets { first_s: 90, next_s: 0, resolution_s: 28_800 }, warn_percent: 75, ..Sla::default() };
    let mut again = site();
    let mistakes = Form::read(&sent(&Form::of(&full))).apply(&mut again, &[team()]);
    assert_eq!(mistakes, Mistakes::default());
    assert_eq!(again.settings.routing, full.settings.routing);
    assert_eq!(again.settings.sla, full.settings.sla);
}

#[test]
fn each_mistake_is_told_at_its_field_and_nothing_is_changed() {
    let bad = [
        ("mode", "dice"),
        ("language", "all"),
        ("offer_s", "10 s"),
        ("grace_s", "a while"),
        ("silent_percent", "0.333"),
        ("over_max", "-1"),
        ("warn_percent", "0"),
        ("sla_vip_first", "soon"),
        ("rule_when_0", "cart"),
        ("rule_value_0", "much"),
        ("rule_class_0", "high"),
        ("rule_when_1", "always"),
    ];
    let (after, mistakes) = sending(&bad);
    let expected = [
        "grace_s",
        "language",
        "mode",
        "offer_s",
        "over_max",
        "rule_0",
        "rule_1",
        "silent_percent",
        "sla_vip_first",
        "warn_percent",
    ];
    assert_eq!(mistakes.fields(), expected);
    let offer = mistakes.of("offer_s").unwrap().say(Lang::En);
    assert_eq!(offer, "Write a time from 15 s to 30 s, such as 90 s or 5 min.");
    assert_eq!(after.settings.routing, site().settings.routing);
    assert_eq!(after.settings.sla, site().settings.sla);
}

#[test]
fn a_rule_is_told_what_it_lacks() {
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("rule_when_0", "language"), ("rule_value_0", "German!")], "de or pt-BR"),
        (&[("rule_when_0", "page")], "/returns"),
        (&[("rule_when_0", "cart"), ("rule_value_0", "nan")], "99.90"),
        (&[("rule_when_0", "attribute")], "plan"),
        (&[("rule_when_0", "answer"), ("rule_name_0", "colour")], "Topic"),
        (&[("rule_when_0", "always"), ("rule_class_0", "")], "team or a class"),
        (&[("rule_when_0", "always"), ("rule_team_0", "other")], "shop's teams"),
        (&[("rule_when_0", "sometimes")], "looks at"),
    ];
    for (changes, says) in cases {
        let changes = [&[("rule_class_0", "vip")], changes].concat();
        let (_, mistakes) = sending(&changes);
        assert!(
            mistakes.of("rule_0").is_some_and(|mistake| mistake.say(Lang::En).contains(says)),
            "{changes:?}: {mistakes:?}"
        );
    }
}

#[test]
fn no_more_rules_are_kept_than_the_page_shows_again() {
    let mut full = site();
    let rule = Rule { class: Some(Class::High), ..Rule::default() };
    full.settings.routing.rules = vec![rule; 100];
    let mut fields = sent(&Form::of(&full));
    let mut again = site();
    assert!(Form::read(&fields).apply(&mut again, &[]).is_empty());
    assert_eq!(again.settings.routing.rules.len(), 100);
    let more = [("rule_when_100", "always"), ("rule_class_100", "vip")];
    fields.retain(|(name, _)| !more.iter().any(|(field, _)| field == name));
    fields.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(Form::read(&fields).apply(&mut again, &[]).fields(), ["rules"]);
}

#[test]
fn rules_are_kept_in_the_order_that_their_rows_say() {
    let (site, mistakes) = sending(&[
        ("rule_when_0", "verified"),
        ("rule_class_0", "high"),
        ("rule_order_0", "2"),
        ("rule_when_1", "answer"),
        ("rule_name_1", "topic"),
        ("rule_value_1", "Orders"),
        ("rule_class_1", "vip"),
        ("rule_order_1", "1"),
    ]);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let whens: Vec<_> = site.settings.routing.rules.iter().map(|rule| rule.when.clone()).collect();
    assert_eq!(whens, [When::Answer("question_1".into()), When::Verified], "the question by its words too");
}
