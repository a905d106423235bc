//! A table as CSV (RFC 4180), for spreadsheets: UTF-8 with its mark, durations in seconds, and nothing that one would take for a
//! formula.

use super::asked::Period;
use super::numbers::plain;
use super::tables::{Table, Unit};
use crate::error::{Error, Result};
use crate::words::Lang;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

pub fn answer(lang: Lang, table: &Table, period: Period) -> Result<Response> {
    let name = format!("deskbell-{}-{}-{}.csv", table.plan.name, period.from, period.to);
    let head = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((head, write(lang, table)?).into_response())
}

fn write(lang: Lang, table: &Table) -> Result<Vec<u8>> {
    let plan = table.plan;
    let title = |unit: Unit, label: String| if unit == Unit::Seconds { format!("{label} (s)") } else { label };
    let heads = plan.columns.iter().map(|column| title(column.unit, lang.say(column.label.0)));
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        // Also for programs that split at something else than commas.
        .quote_style(csv::QuoteStyle::Always)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut put = |first: String, others: Vec<String>| {
        csv.write_record(std::iter::once(harmless(first)).chain(others)).map_err(Error::bug)
    };
    put(lang.say(plan.title.0), heads.collect())?;
    let numbers = |line: &[Option<f64>]| {
        line.iter().zip(plan.columns).map(|(value, column)| plain(*value, column.unit)).collect()
    };
    for line in &table.lines {
        put(line.key.clone(), numbers(&line.numbers))?;
    }
    put(lang.say("report-all"), numbers(&table.total))?;
    csv.into_inner().map_err(Error::bug)
}

/// A name that begins as a formula does would be one to a spreadsheet (OWASP, CSV injection).
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_name_is_no_formula() {
        for text in ["=1+1", "+1", "-1", "@sum", "\tx"] {
            assert_eq!(harmless(text.into()), format!("'{text}"));
        }
        assert_eq!(harmless("Ana = A".into()), "Ana = A");
    }
}
