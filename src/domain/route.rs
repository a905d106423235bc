//! Where a site's rules send a chat when it opens. Pure.

use super::id::TeamId;
use super::routing::{Class, Rule, When};
use serde_json::{Map, Value, json};

/// What is known of a chat when it opens.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub locale: &'a str,
    /// As the shopper's browser reported it: pages, newest first, and the cart.
    pub context: &'a Value,
    /// Signed by the shop.
    pub attributes: &'a Value,
    pub answers: &'a Map<String, Value>,
    pub is_verified: bool,
}

impl Facts<'_> {
    /// What the browser reported, as far as rules look at it: kept with the chat, so that other rules can be tried on it later.
    pub fn to_keep(&self) -> Value {
        json!({
            "pages": page(self.context).map(|url| vec![json!({ "url": url })]).unwrap_or_default(),
            "cart": cart_total(self.context).map(|total| json!({ "total": total })),
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    pub team: Option<TeamId>,
    pub class: Class,
    pub require: Vec<String>,
    pub prefer: Vec<String>,
}

/// The first rule that names a team decides it, the highest class counts, skills add up in the order of the rules. A skill
/// that one rule requires is not preferred as well.
pub fn apply(rules: &[Rule], facts: &Facts<'_>) -> Route {
    let fitting = || rules.iter().filter(|rule| fits(rule, facts));
    let require = each_once(fitting().flat_map(|rule| &rule.require), &[]);
    Route {
        team: fitting().find_map(|rule| rule.team),
        class: fitting().filter_map(|rule| rule.class).max().unwrap_or_default(),
        prefer: each_once(fitting().flat_map(|rule| &rule.prefer), &require),
        require,
    }
}

fn each_once<'a>(skills: impl Iterator<Item = &'a String>, but: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for skill in skills {
        if !kept.iter().chain(but).any(|known| known.eq_ignore_ascii_case(skill)) {
            kept.push(skill.clone());
        }
    }
    kept
}

fn fits(rule: &Rule, facts: &Facts<'_>) -> bool {
    let value = rule.value.trim();
    match &rule.when {
        When::Always => true,
        When::Language => is_language(facts.locale, value),
        When::Page => page(facts.context).is_some_and(|url| !value.is_empty() && lower(url).contains(&lower(value))),
        When::Cart => value.parse::<f64>().is_ok_and(|least| cart_total(facts.context) >= Some(least)),
        When::Attribute(name) => facts.is_verified && is_said(facts.attributes.get(name), value),
        When::Answer(name) => is_said(facts.answers.get(name), value),
        When::Verified => facts.is_verified,
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

fn is_language(locale: &str, wanted: &str) -> bool {
    let (locale, wanted) = (lower(locale).replace('_', "-"), lower(wanted).replace('_', "-"));
    let rest = locale.strip_prefix(&wanted).filter(|_| !wanted.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The newest page; what the shop tracks stands among them.
fn page(context: &Value) -> Option<&str> {
    let urls = context.get("pages")?.as_array()?.iter().filter_map(|page| page.get("url")?.as_str());
    urls.into_iter().find(|url| !url.starts_with("track:"))
}

/// A cart names its total, or is the sum of its lines.
fn cart_total(context: &Value) -> Option<f64> {
    let cart = context.get("cart")?;
    if let Some(total) = cart.get("total") {
        return number(total);
    }
    let lines = cart.get("items").or_else(|| cart.get("lines")).unwrap_or(cart).as_array()?;
    let of = |line: &Value, names: &[&str]| names.iter().find_map(|name| line.get(name)).and_then(number);
    Some(
        lines
            .iter()
            .map(|line| {
                let count = of(line, &["quantity", "qty", "count"]).unwrap_or(1.0);
                of(line, &["price", "amount"]).unwrap_or_default() * count
            })
            .sum(),
    )
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number| number.is_finite())
}

/// Whether something is said at all, and where a text is wanted, just this, letter case aside; of a list, whether one is it.
fn is_said(said: Option<&Value>, wanted: &str) -> bool {
    let text = match said {
        None | Some(Value::Null | Value::Bool(false)) if wanted.is_empty() => return false,
        None | Some(Value::Null) => return false,
        Some(Value::Array(several)) => return several.iter().any(|one| is_said(Some(one), wanted)),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
    };
    if wanted.is_empty() { !text.is_empty() } else { lower(&text) == lower(wanted) }
}

#[cfg(test)]
mod tests {
    use super::{Facts, Route, apply};
    use crate::domain::id::TeamId;
    use crate::domain::routing::{Class, Rule, When};
    use serde_json::{Map, Value, json};
    use uuid::Uuid;

    struct Known {
        locale: &'static str,
        context: Value,
        attributes: Value,
        answers: Value,
        is_verified: bool,
    }

    fn known() -> Known {
        Known {
            locale: "de-AT",
            context: json!({ "pages": [{ "url": "https://shop.example/Returns?x=1" }, { "url": "https://shop.example/wine" }],
                "cart": { "items": [{ "price": 40, "quantity": 2 }, { "price": "19.50" }] } }),
            attributes: json!({ "plan": "Gold", "orders": 12, "staff": false, "tags": ["loyal", "b2b"], "note": "" }),
            answers: json!({ "topic": "Orders", "name": "Li" }),
            is_verified: true,
        }
    }

    fn route(rules: &[Rule], known: &Known) -> Route {
        let none = Map::new();
        let facts = Facts {
            locale: known.locale,
            context: &known.context,
            attributes: &known.attributes,
            answers: known.answers.as_object().unwrap_or(&none),
            is_verified: known.is_verified,
        };
        apply(rules, &facts)
    }

    fn rule(when: When, value: &str) -> Rule {
        Rule { when, value: value.into(), class: Some(Class::Vip), ..Rule::default() }
    }

    fn fits(when: When, value: &str, known: &Known) -> bool {
        route(&[rule(when, value)], known).class == Class::Vip
    }

    #[test]
    fn each_kind_of_rule_looks_at_its_own_fact() {
        let attribute = |name: &str| When::Attribute(name.into());
        let answer = |name: &str| When::Answer(name.into());
        let cases = [
            (When::Always, "", true),
            (When::Language, "DE", true),
            (When::Language, "de_at", true),
            (When::Language, "de-DE", false),
            (When::Language, "d", false),
            (When::Language, "", false),
            (When::Page, "/returns", true),
            (When::Page, "/wine", false),
            (When::Page, "", false),
            (When::Cart, "99.5", true),
            (When::Cart, "99.51", false),
            (When::Cart, "much", false),
            (attribute("plan"), "gold", true),
            (attribute("plan"), "silver", false),
            (attribute("plan"), "", true),
            (attribute("note"), "", false),
            (attribute("staff"), "", false),
            (attribute("staff"), "false", true),
            (attribute("orders"), "12", true),
            (attribute("tags"), "B2B", true),
            (attribute("missing"), "", false),
            (answer("topic"), "orders", true),
            (answer("topic"), "returns", false),
            (answer("email"), "", false),
            (When::Verified, "", true),
        ];
        for (when, value, expected) in cases {
            assert_eq!(fits(when.clone(), value, &known()), expected, "{when:?} {value:?}");
        }
    }

    #[test]
    fn what_is_kept_goes_the_same_way_again() {
        let seen = known();
        let facts = Facts {
            locale: seen.locale,
            context: &seen.context,
            attributes: &seen.attributes,
            answers: seen.answers.as_object().unwrap(),
            is_verified: seen.is_verified,
        };
        let again = Known { context: facts.to_keep(), ..known() };
        for (when, value) in
            [(When::Page, "/returns"), (When::Page, "/wine"), (When::Cart, "99.5"), (When::Cart, "100")]
        {
            assert_eq!(fits(when.clone(), value, &again), fits(when, value, &seen), "{value}");
        }
        let nothing = Known { context: json!({}), ..known() };
        assert!(
            !fits(When::Cart, "0", &nothing)
                && !fits(When::Cart, "0", &Known { context: json!({ "cart": null }), ..known() })
        );
    }

    #[test]
    fn what_the_shop_has_not_signed_makes_nobody_important() {
        let typed = Known { is_verified: false, ..known() };
        assert!(!fits(When::Attribute("plan".into()), "gold", &typed));
        assert!(!fits(When::Verified, "", &typed));
    }

    #[test]
    fn a_cart_that_names_its_total_is_worth_that_and_no_cart_is_worth_nothing() {
        let with = |cart: Value| Known { context: json!({ "cart": cart }), ..known() };
        let cases = [
            (json!({ "total": 80, "items": [] }), true),
            (json!({ "total": "80.00" }), true),
            (json!({ "total": 79.99 }), false),
            (json!({ "total": "a lot" }), false),
            (json!([{ "amount": 80 }]), true),
            (json!([]), false),
            (Value::Null, false),
        ];
        for (cart, expected) in cases {
            assert_eq!(fits(When::Cart, "80", &with(cart.clone())), expected, "{cart}");
        }
        assert!(!fits(When::Cart, "0", &Known { context: json!({}), ..known() }), "no cart was reported");
    }

    #[test]
    fn the_first_team_the_highest_class_and_all_the_skills() {
        let team = |n| Some(TeamId(Uuid::from_u128(n)));
        let skills = |skills: &[&str]| skills.iter().map(|skill| (*skill).to_owned()).collect::<Vec<_>>();
        let rules = [
            Rule { when: When::Language, value: "fr".into(), team: team(1), ..Rule::default() },
            Rule {
                class: Some(Class::Low),
                require: skills(&["returns"]),
                prefer: skills(&["Wine", "tea"]),
                ..Rule::default()
            },
            Rule { team: team(2), class: Some(Class::High), require: skills(&["wine", "Returns"]), ..Rule::default() },
            Rule { team: team(3), class: Some(Class::Normal), prefer: skills(&["returns", "tea"]), ..Rule::default() },
        ];
        let expected = Route {
            team: team(2),
            class: Class::High,
            require: skills(&["returns", "wine"]),
            prefer: skills(&["tea"]),
        };
        assert_eq!(route(&rules, &known()), expected);
        assert_eq!(route(&rules[..2], &known()).class, Class::Low, "below normal where nothing is above it");
        assert_eq!(route(&[], &known()), Route::default());
    }
}
