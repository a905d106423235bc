//! Why something was refused, to staff. The house gives English sentences, which programs and shoppers are told as they are;
//! here the words of a sentence make its key. What carries a value is said by a key of its own.

use super::{Arg, Lang, ToArg, format};
use crate::domain::conversation::Refusal;
use crate::error::Error;
use std::time::Duration;

impl Lang {
    /// A sentence of the house. One without words in this language is said in English.
    pub fn refusal(self, sentence: &str) -> String {
        let key = key_of("refused", sentence);
        format(self, self, &key, &[]).filter(|_| self != Self::En).unwrap_or_else(|| sentence.to_owned())
    }

    pub fn failure(self, error: &Error) -> String {
        match error {
            Error::TooFast { retry } => self.say_with("refused-too-fast", &[("seconds", seconds(*retry))]),
            Error::Unavailable { what, retry } => {
                let what = self.refusal(what);
                self.say_with("refused-again-in", &[("what", what.to_arg()), ("seconds", seconds(*retry))])
            }
            Error::FileTooLarge { most_mb } => self.say_with("refused-file-too-large", &[("most", most_mb.to_arg())]),
            other => self.refusal(&other.to_string()),
        }
    }

    pub fn refused(self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::NotAssignee(Some(name)) => self.say_with("refused-not-yours", &[("name", name.to_arg())]),
            other => self.refusal(&other.message()),
        }
    }

    /// Why somebody was given a chat or not, as the flight recorder keeps it.
    pub fn reason(self, recorded: &str) -> String {
        if let Some(skill) = recorded.strip_prefix("lacks the skill ") {
            return self.say_with("reason-lacks-skill", &[("skill", skill.to_arg())]);
        }
        let key = key_of("reason", recorded);
        format(self, self, &key, &[]).filter(|_| self != Self::En).unwrap_or_else(|| recorded.to_owned())
    }
}

fn seconds(span: Duration) -> Arg<'static> {
    Arg::Number(i64::try_from(span.as_secs().max(1)).unwrap_or(i64::MAX))
}

/// The words of an English sentence, after what they are about.
pub(super) fn key_of(about: &str, sentence: &str) -> String {
    let words = sentence.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    format!("{about}-{}", words.map(str::to_lowercase).collect::<Vec<_>>().join("-"))
}
