//! Who of the staff is called by what a colleague writes: by name, `@Name` at the beginning of a word, or because it is for them
//! alone.

use super::id::AgentId;
use serde::{Deserialize, Serialize};

/// Where somebody is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Called {
    /// By name, in a note about a chat.
    #[default]
    InNote,
    /// By name, in a room.
    InRoom,
    /// In a talk between two, where everything is for the other one.
    InTalk,
}

/// Most who are called by one note.
const MOST: usize = 20;

/// Each colleague whose name follows an at sign, once. Of names of which one begins another, the longer one is meant; whoever
/// has the same name is meant, too.
pub fn mentioned(note: &str, colleagues: &[(AgentId, String)]) -> Vec<AgentId> {
    let mut found = Vec::new();
    for (at, _) in note.match_indices('@') {
        if note[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let rest = &note[at + 1..];
        let fits = colleagues.iter().filter(|(_, name)| follows(rest, name));
        let longest = fits.clone().map(|(_, name)| name.len()).max();
        for (agent, _) in fits.filter(|(_, name)| Some(name.len()) == longest) {
            if !found.contains(agent) && found.len() < MOST {
                found.push(*agent);
            }
        }
    }
    found
}

/// The name and no longer word.
fn follows(text: &str, name: &str) -> bool {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    let is_there = !name.is_empty() && name.chars().flat_map(char::to_lowercase).all(|c| letters.next() == Some(c));
    is_there && !letters.next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::mentioned;
    use crate::domain::id::AgentId;
    use uuid::Uuid;

    #[test]
    fn names_are_called_at_the_beginning_of_a_word() {
        let staff: Vec<_> = ["Ana", "Ana Maria", "陈宇", "Zoë", "ليلى", "Ana"]
            .into_iter()
            .zip(1..)
            .map(|(name, n)| (AgentId(Uuid::from_u128(n)), name.to_owned()))
            .collect();
        let called = |note| mentioned(note, &staff).into_iter().map(|id| id.0.as_u128()).collect::<Vec<_>>();
        for (note, who) in [
            ("@Ana look", vec![1, 6]),
            ("see @ana, please", vec![1, 6]),
            ("@Ana Maria?", vec![2]),
            ("@Ana Mariana", vec![1, 6]),
            ("(@Zoë) @陈宇 @ليلى.", vec![4, 3, 5]),
            ("@Ana @Ana @Ana Maria", vec![1, 6, 2]),
            ("write to ana@Ana.example", vec![]),
            ("@Anastasia @ Ana @", vec![]),
            ("@zoË", vec![4]),
        ] {
            assert_eq!(called(note), who, "{note}");
        }
        assert!(mentioned("@", &[(AgentId(Uuid::nil()), String::new())]).is_empty());
    }
}
