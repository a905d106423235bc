//! What can be searched of what is kept: of an event the texts that people wrote, of facts their values. Pure.

use super::event::FILES;
use serde_json::Value;

/// Facts may lie in facts, so deep.
const DEPTH: u8 = 4;

/// The texts of an event that is in the log; none: there is nothing to find in it.
pub fn texts(kind: &str, body: Option<&str>, data: Option<&Value>) -> Vec<String> {
    let mut texts = Vec::new();
    match (kind, body) {
        ("message" | "note", Some(body)) => {
            texts.extend((!body.is_empty()).then(|| body.to_owned()));
            let files = data.and_then(|data| data[FILES].as_array()).into_iter().flatten();
            texts.extend(files.filter_map(|file| file["name"].as_str()).map(str::to_owned));
        }
        ("opened", _) => {
            if let Some(data) = data {
                leaves(&data["intake"], &mut texts);
            }
        }
        ("rated", _) => texts.extend(data.and_then(|data| data["comment"].as_str()).map(str::to_owned)),
        _ => {}
    }
    texts.retain(|text| !text.trim().is_empty());
    texts
}

/// The values of facts, in whatever lists and objects they lie.
pub fn leaves(facts: &Value, texts: &mut Vec<String>) {
    gather(facts, DEPTH, texts);
}

fn gather(facts: &Value, depth: u8, texts: &mut Vec<String>) {
    match facts {
        Value::String(text) => texts.push(text.clone()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Array(all) if depth > 0 => all.iter().for_each(|one| gather(one, depth - 1, texts)),
        Value::Object(all) if depth > 0 => all.values().for_each(|one| gather(one, depth - 1, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::texts;
    use serde_json::json;

    #[test]
    fn what_people_wrote_is_searched_and_nothing_else() {
        let data = json!({ "_name": "Ana", "files": [{ "name": "invoice.pdf" }], "intake": { "order": "A-1", "n": 7, "x": [true] } });
        assert_eq!(texts("message", Some("hi"), Some(&data)), ["hi", "invoice.pdf"]);
        assert_eq!(texts("opened", None, Some(&data)), ["7", "A-1"]);
        assert_eq!(texts("rated", None, Some(&json!({ "score": 5, "comment": "fast" }))), ["fast"]);
        assert!(texts("message", None, Some(&data)).is_empty() && texts("assigned", None, Some(&data)).is_empty());
    }
}
