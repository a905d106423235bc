//! Spans of time as people write them: `90 s`, `5 min`, `2 h`.

/// As a person says it, in the largest unit that leaves no rest.
pub fn spell(seconds: u32) -> String {
    match seconds {
        s if s % 3_600 == 0 && s > 0 => format!("{} h", s / 3_600),
        s if s % 60 == 0 && s > 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

/// In seconds. A number alone is seconds too.
pub fn parse(text: &str) -> Option<u32> {
    let text = text.trim().to_ascii_lowercase();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let in_seconds = match unit.trim() {
        "" | "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(in_seconds)
}

#[cfg(test)]
mod tests {
    use super::{parse, spell};

    #[test]
    fn what_is_said_is_understood_again() {
        for (seconds, said) in
            [(0, "0 s"), (45, "45 s"), (60, "1 min"), (90, "90 s"), (5_400, "90 min"), (86_400, "24 h")]
        {
            assert_eq!((spell(seconds).as_str(), parse(said)), (said, Some(seconds)));
        }
        for (said, seconds) in [("300", 300), (" 5 Minutes", 300), ("2h", 7_200), ("1 day", 86_400)] {
            assert_eq!(parse(said), Some(seconds), "{said}");
        }
        for bad in ["", "soon", "-5 s", "1.5 h", "5 weeks", "99999999 d", "min"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
