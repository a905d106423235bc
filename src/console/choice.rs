//! What a select offers, as `_choices.html` prints it.

use std::fmt::Display;

pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

/// By their ids, under their names.
pub fn offer<Id: PartialEq + Copy + Display>(all: &[(Id, String)], chosen: Option<Id>) -> Vec<Choice> {
    let choice = |(id, label): &(Id, String)| Choice {
        value: id.to_string(),
        label: label.clone(),
        is_chosen: chosen == Some(*id),
    };
    all.iter().map(choice).collect()
}
