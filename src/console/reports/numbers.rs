//! Numbers as people read them, and as programs do.

use super::tables::Unit;
use crate::words::{Arg, Lang};

/// A dash where there is nothing to say.
pub fn show(lang: Lang, value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value else { return "–".to_owned() };
    match unit {
        Unit::Count => format!("{value:.0}"),
        Unit::Seconds => duration(lang, value),
        Unit::Score => lang.say_with("report-decimal", &[("n", Arg::Decimal(&format!("{value:.1}")))]),
    }
}

/// For CSV: plain numbers with a point, durations in seconds.
pub fn plain(value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value else { return String::new() };
    match unit {
        Unit::Count => format!("{value:.0}"),
        Unit::Seconds => format!("{value:.1}"),
        Unit::Score => format!("{value:.2}"),
    }
}

/// Whole percent; a dash of nothing.
pub fn share(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.0} %", part / whole * 100.0) } else { "–".to_owned() }
}

/// Seconds; minutes and seconds; hours and minutes; days and hours.
pub fn duration(lang: Lang, seconds: f64) -> String {
    let tenths = (seconds * 10.0).round();
    if tenths < 100.0 && tenths % 10.0 != 0.0 {
        return lang.say_with("report-s", &[("n", Arg::Decimal(&format!("{:.1}", tenths / 10.0)))]);
    }
    #[expect(clippy::cast_possible_truncation, reason = "no conversation takes longer than an i64 counts seconds")]
    let s = seconds.round() as i64;
    let said = |key: &str, n: String| lang.say_with(key, &[("n", Arg::Text(&n))]);
    match s {
        ..60 => said("report-s", s.to_string()),
        60..3_600 => said("report-min", format!("{}:{:02}", s / 60, s % 60)),
        3_600..86_400 => said("report-h", format!("{}:{:02}", s / 3_600, s / 60 % 60)),
        _ => lang.say_with("report-d", &[("days", Arg::Number(s / 86_400)), ("hours", Arg::Number(s / 3_600 % 24))]),
    }
}

#[cfg(test)]
mod tests {
    use super::share;
    use crate::words::Lang;

    fn duration(seconds: f64) -> String {
        super::duration(Lang::En, seconds)
    }

    #[test]
    fn durations_and_shares_are_as_short_as_they_are_clear() {
        let cases = [(0.0, "0 s"), (2.34, "2.3 s"), (9.0, "9 s"), (59.4, "59 s"), (61.0, "1:01 min")];
        for (seconds, said) in cases {
            assert_eq!(duration(seconds), said);
        }
        assert_eq!(duration(3_660.0), "1:01 h");
        assert_eq!(duration(90_000.0), "1 d 1 h");
        assert_eq!(super::duration(Lang::De, 2.34), "2,3 s");
        assert_eq!((share(1.0, 3.0), share(0.0, 0.0)), ("33 %".to_owned(), "–".to_owned()));
    }
}
