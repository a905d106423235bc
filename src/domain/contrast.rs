//! Colours that can be read: contrast as WCAG 2.2 defines it (<https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>).

use std::fmt::{self, Display};
use std::str::FromStr;

/// What text needs on its background, and what a control needs beside its page.
pub const TEXT: f64 = 4.5;
pub const CONTROL: f64 = 3.0;

pub const WHITE: Color = Color([255, 255, 255]);
pub const BLACK: Color = Color([0, 0, 0]);

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color([u8; 3]);

/// What was written is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoColor;

impl FromStr for Color {
    type Err = NoColor;

    /// `#0f5fd7` or `#05d`, with or without the `#`.
    fn from_str(text: &str) -> Result<Self, NoColor> {
        let digits = text.trim().trim_start_matches('#');
        let full = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            _ => digits.to_owned(),
        };
        let mut parts = [0; 3];
        if !full.is_ascii() || hex::decode_to_slice(full, &mut parts).is_err() {
            return Err(NoColor);
        }
        Ok(Self(parts))
    }
}

impl Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Color {
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// From 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// What can be read on it: white where that will do, else black. One of the two always reaches [`TEXT`].
    #[must_use]
    pub fn text(self) -> Self {
        if self.contrast(WHITE) >= TEXT { WHITE } else { BLACK }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLACK, Color, TEXT, WHITE};

    fn color(text: &str) -> Color {
        text.parse().unwrap()
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        let cases = [
            ("#ffffff", "#000000", 21.0),
            ("#777777", "#ffffff", 4.48),
            ("#767676", "#ffffff", 4.54),
            ("#0f5fd7", "#ffffff", 5.77),
            ("#c8102e", "#ffffff", 5.88),
            ("#ffd400", "#ffffff", 1.43),
        ];
        for (one, two, ratio) in cases {
            let found = color(one).contrast(color(two));
            assert!((found - ratio).abs() < 0.01, "{one} on {two}: {found}");
        }
    }

    #[test]
    fn on_every_colour_something_can_be_read() {
        let steps = || (0..=255_u8).step_by(5);
        for red in steps() {
            for green in steps() {
                for blue in steps() {
                    let color = Color([red, green, blue]);
                    assert!(color.contrast(color.text()) >= TEXT, "{color}");
                }
            }
        }
        assert_eq!(color("#0f5fd7").text(), WHITE);
        assert_eq!(color("#ffd400").text(), BLACK);
    }

    #[test]
    fn a_colour_is_written_as_on_the_web() {
        assert_eq!(color(" 05D ").to_string(), "#0055dd");
        assert_eq!(color("#0F5FD7").to_string(), "#0f5fd7");
        for bad in ["", "#", "#12345", "#1234567", "red", "#gggggg", "url(x)", "#éé1"] {
            assert!(bad.parse::<Color>().is_err(), "{bad}");
        }
    }
}
