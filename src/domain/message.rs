//! The text of a message and the limits on it.

use super::conversation::Refusal;

/// Longest body, in Unicode scalar values.
pub const BODY_MAX: usize = 8_000;
/// Largest inbound frame, in bytes.
pub const FRAME_MAX: usize = 64 * 1024;

/// Checks a body as typed: kept character for character, never trimmed or normalised.
///
/// PostgreSQL cannot hold U+0000 in text, so that a NUL is refused here, and says so.
pub fn check_body(body: &str) -> Result<(), Refusal> {
    if body.chars().all(char::is_whitespace) && !body.contains('\0') {
        return Err(Refusal::BadRequest("A message needs some text."));
    }
    check_length(body)
}

/// A message that carries files needs no text.
pub fn check_said(body: &str, files: usize) -> Result<(), Refusal> {
    if files == 0 { check_body(body) } else { check_length(body) }
}

fn check_length(body: &str) -> Result<(), Refusal> {
    if body.contains('\0') {
        return Err(Refusal::BadRequest("A message cannot contain the character U+0000."));
    }
    if body.len() > BODY_MAX && body.chars().count() > BODY_MAX {
        return Err(Refusal::TooLong);
    }
    Ok(())
}

/// Most answers a message may offer to choose from,
pub const REPLIES_MAX: usize = 6;
/// and the longest of them, in Unicode scalar values.
pub const REPLY_MAX: usize = 60;

/// Answers that a shopper may give by pressing a button: few, short, each one line, no two alike.
pub fn check_replies(replies: &[String]) -> Result<(), Refusal> {
    if replies.len() > REPLIES_MAX {
        return Err(Refusal::BadRequest("A message may offer six answers to choose from."));
    }
    let is_good = |reply: &String| {
        !reply.trim().is_empty() && reply.chars().count() <= REPLY_MAX && !reply.chars().any(char::is_control)
    };
    if !replies.iter().all(is_good) {
        return Err(Refusal::BadRequest("An answer to choose from is one line of at most 60 characters."));
    }
    if (1..replies.len()).any(|at| replies[..at].contains(&replies[at])) {
        return Err(Refusal::BadRequest("Two of the answers to choose from are the same."));
    }
    Ok(())
}

/// One line of at most `max` characters for lists and subjects.
pub fn excerpt(body: &str, max: usize) -> String {
    let mut line = String::new();
    let mut words = body.split_whitespace();
    for word in words.by_ref() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > max {
            let mut cut: String = line.chars().take(max).collect();
            cut.push('…');
            return cut;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{Refusal, check_body, check_replies, excerpt};

    #[test]
    fn a_body_may_have_8000_characters_of_any_script() {
        assert!(check_body(&"好".repeat(8_000)).is_ok());
        assert!(matches!(check_body(&"好".repeat(8_001)), Err(Refusal::TooLong)));
        assert!(matches!(check_body("a\0b"), Err(Refusal::BadRequest(_))));
        assert!(matches!(check_body(" \n\t"), Err(Refusal::BadRequest(_))));
    }

    #[test]
    fn answers_to_choose_from_are_few_short_and_different() {
        let good =
            |replies: &[&str]| check_replies(&replies.iter().map(ToString::to_string).collect::<Vec<_>>()).is_ok();
        assert!(good(&[]) && good(&["Yes", "No"]) && good(&["好".repeat(60).as_str()]));
        assert!(!good(&["a", "b", "c", "d", "e", "f", "g"]));
        for bad in ["", "  ", "two\nlines", "a\0b", "x".repeat(61).as_str()] {
            assert!(!good(&["Yes", bad]), "{bad:?}");
        }
        assert!(!good(&["Yes", "No", "Yes"]));
    }

    #[test]
    fn an_excerpt_is_one_line() {
        assert_eq!(excerpt("  two\n lines ", 20), "two lines");
        assert_eq!(excerpt("abcdef", 3), "abc…");
    }
}
