//! Files of a message as an agent sees them: pictures by their small copies, everything else by name and size.

use crate::domain::file::{Addresses, Copy, File, size_in_words};

/// A file of a message.
#[derive(Clone, Debug)]
pub struct Attached {
    pub name: String,
    pub url: String,
    pub size: String,
    /// Of a picture: where its small copy is, and its box, so that nothing moves when it comes.
    pub small: Option<(String, i32, i32)>,
}

/// Pictures are shown within this box.
const BOX: (i32, i32) = (240, 180);

impl Attached {
    pub fn new(file: File, at: &Addresses) -> Self {
        let small = file.width.zip(file.height).map(|(width, height)| {
            let (width, height) = within(width.max(1), height.max(1));
            (at.of(file.id, Copy::Thumb), width, height)
        });
        Self { url: at.of(file.id, Copy::Whole), size: size_in_words(file.size), name: file.name, small }
    }
}

fn within(width: i32, height: i32) -> (i32, i32) {
    if width <= BOX.0 && height <= BOX.1 {
        return (width, height);
    }
    if i64::from(width) * i64::from(BOX.1) > i64::from(height) * i64::from(BOX.0) {
        (BOX.0, (height * BOX.0 / width).max(1))
    } else {
        ((width * BOX.1 / height).max(1), BOX.1)
    }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_picture_keeps_its_shape_in_the_box() {
        let cases =
            [((100, 50), (100, 50)), ((900, 600), (240, 160)), ((600, 900), (120, 180)), ((16_000, 2), (240, 1))];
        for ((width, height), shown) in cases {
            assert_eq!(within(width, height), shown);
        }
    }
}
