//! What is wrong with a form of what is kept ready, and where.

use crate::words::Key;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub field: &'static str,
    pub word: Key,
}

impl Mistake {
    pub fn at(field: &'static str, word: &'static str) -> Self {
        Self { field, word: Key(word) }
    }

    pub fn is_in(mistakes: &[Self], field: impl AsRef<str>) -> bool {
        mistakes.iter().any(|mistake| mistake.field == field.as_ref())
    }
}
