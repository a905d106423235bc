//! Changed rules from a file: a mistake is named, never passed over.

use crate::domain::routing::{Routing, Rule};
use anyhow::Context;
use serde_json::{Map, Value};
use std::path::Path;

pub fn read(file: &Path, present: &Routing) -> anyhow::Result<Routing> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    parse(&text, present).with_context(|| format!("{} is no routing settings", file.display()))
}

fn parse(text: &str, present: &Routing) -> anyhow::Result<Routing> {
    let changes: Map<String, Value> = serde_json::from_str(text)?;
    let mut whole = fields(present)?;
    known(&changes, &whole, "")?;
    let rules = changes.get("rules").and_then(Value::as_array).into_iter().flatten();
    for (n, rule) in rules.enumerate() {
        let rule = rule.as_object().with_context(|| format!("rules[{n}] is not an object"))?;
        known(rule, &fields(&Rule::default())?, &format!("rules[{n}]."))?;
    }
    whole.extend(changes);
    let routing: Routing = serde_json::from_value(Value::Object(whole))?;
    check(&routing)?;
    Ok(routing)
}

fn fields(of: &impl serde::Serialize) -> anyhow::Result<Map<String, Value>> {
    match serde_json::to_value(of)? {
        Value::Object(fields) => Ok(fields),
        _ => anyhow::bail!("these settings are no object"),
    }
}

fn known(given: &Map<String, Value>, known: &Map<String, Value>, place: &str) -> anyhow::Result<()> {
    let unknown: Vec<_> =
        given.keys().filter(|name| !known.contains_key(*name)).map(|n| format!("{place}{n}")).collect();
    let names = known.keys().cloned().collect::<Vec<_>>().join(", ");
    anyhow::ensure!(unknown.is_empty(), "{} is none of {names}", unknown.join(", "));
    Ok(())
}

fn check(routing: &Routing) -> anyhow::Result<()> {
    anyhow::ensure!((1..=100).contains(&routing.active_percent), "active_percent is from 1 to 100");
    anyhow::ensure!(routing.silent_percent <= routing.active_percent, "silent_percent is at most active_percent");
    anyhow::ensure!((5..=300).contains(&routing.offer_s), "offer_s is from 5 to 300");
    anyhow::ensure!((10..=600).contains(&routing.hold_s), "hold_s is from 10 to 600");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::domain::routing::{Mode, Routing};

    #[test]
    fn what_a_file_leaves_out_stays_and_what_nobody_knows_is_named() {
        let present = Routing { ageing_s: 77, ..Routing::default() };
        let changed = parse(r#"{ "mode": "offer", "bound_s": 120 }"#, &present).unwrap();
        assert_eq!(changed, Routing { mode: Mode::Offer, bound_s: 120, ..present.clone() });
        let refused = |text| format!("{:#}", parse(text, &present).unwrap_err());
        assert!(refused(r#"{ "bund_s": 1 }"#).contains("bund_s"));
        assert!(refused(r#"{ "rules": [{ "when": "always", "klass": "vip" }] }"#).contains("rules[0].klass"));
        assert!(refused(r#"{ "mode": "lottery" }"#).contains("lottery"));
        assert!(refused(r#"{ "active_percent": 0 }"#).contains("active_percent"));
    }
}
