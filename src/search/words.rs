//! How a text is taken apart into words, for the index, for what is asked, and for what is marked: one way for all three.
//!
//! Case, width and accents make no difference ("Grüße", "GRUSSE" and "ｇｒüsse" are one). Scripts that are written without
//! blanks (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) become pairs of characters and, at the end of a run, the last
//! character alone: so every character begins a word, one character is looked up as a beginning, two as a word, more as pairs
//! that follow each other, and what is found is exactly what was asked. Pure.

use unicode_normalization::UnicodeNormalization;

/// A longer word is cut: nobody types it.
const WORD_MAX: usize = 48;
/// Nothing is read behind so many bytes of a text.
const READ_MAX: usize = 64 * 1024;

/// A word where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// Of a script without blanks: a pair, or the last character of a run.
    pub is_dense: bool,
    /// Bytes of the text as it was written.
    pub from: usize,
    pub to: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Dense,
    Gap,
}

/// A folded character and the bytes it came from.
struct Folded {
    c: char,
    from: usize,
    to: usize,
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let folded = fold(text);
    let mut words = Vec::new();
    let mut rest = folded.as_slice();
    while let Some(first) = rest.first() {
        let class = class(first.c);
        let length = rest.iter().take_while(|f| self::class(f.c) == class).count();
        let (run, after) = rest.split_at(length);
        match class {
            Class::Word => words.push(word(run)),
            Class::Dense => words.extend(pairs(run)),
            Class::Gap => {}
        }
        rest = after;
    }
    words
}

fn word(run: &[Folded]) -> Word {
    let text = run.iter().take(WORD_MAX).map(|f| f.c).collect();
    Word { text, is_dense: false, from: run[0].from, to: run[run.len() - 1].to }
}

fn pairs(run: &[Folded]) -> impl Iterator<Item = Word> {
    (0..run.len()).map(|at| {
        let pair = &run[at..run.len().min(at + 2)];
        let text = pair.iter().map(|f| f.c).collect();
        Word { text, is_dense: true, from: pair[0].from, to: pair[pair.len() - 1].to }
    })
}

fn fold(text: &str) -> Vec<Folded> {
    let mut folded = Vec::with_capacity(text.len().min(READ_MAX));
    for (from, c) in text.char_indices().take_while(|(at, _)| *at < READ_MAX) {
        let to = from + c.len_utf8();
        if c.is_ascii() {
            folded.push(Folded { c: c.to_ascii_lowercase(), from, to });
            continue;
        }
        let plain = c.nfkd().filter(|c| !is_accent(*c)).nfc().flat_map(char::to_lowercase);
        for c in plain {
            match same_as(c) {
                Ok(c) => folded.push(Folded { c, from, to }),
                Err(several) => folded.extend(several.chars().map(|c| Folded { c, from, to })),
            }
        }
    }
    folded
}

/// Signs above and below letters that many do not type.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Letters that are typed one way or another.
fn same_as(c: char) -> Result<char, &'static str> {
    Ok(match c {
        'ß' => return Err("ss"),
        'æ' => return Err("ae"),
        'œ' => return Err("oe"),
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ı' => 'i',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ة' => 'ه',
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        c => c,
    })
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Word } else { Class::Gap };
    }
    match c {
        // Full stops of Indian scripts, and Thai's own money and marks of omission.
        '\u{964}'
        | '\u{965}'
        | '\u{e3f}'
        | '\u{e4f}'
        | '\u{e5a}'
        | '\u{e5b}'
        | '\u{104a}'..='\u{104f}'
        | '\u{17d4}'..='\u{17db}' => Class::Gap,
        '\u{e01}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17dd}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{309a}'
        | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Class::Dense,
        // Vowel signs of Indian scripts belong to their word.
        '\u{900}'..='\u{dff}' => Class::Word,
        c if c.is_alphanumeric() => Class::Word,
        _ => Class::Gap,
    }
}

/// Fewest and most digits of a telephone number.
const PHONE: std::ops::RangeInclusive<usize> = 7..=15;

/// Telephone numbers of a text, each as one word that is its digits from the last to the first: so that one that was typed
/// without its country or its leading nought is the beginning of the one that is kept.
pub fn phones(text: &str) -> Vec<Word> {
    let text = &text[..text.floor_char_boundary(READ_MAX)];
    let is_between = |c: char| matches!(c, ' ' | '-' | '(' | ')' | '/' | '.' | '+');
    let mut found = Vec::new();
    let mut begin = 0;
    for part in text.split_inclusive(|c: char| !c.is_ascii_digit() && !is_between(c)) {
        let digits = part.find(|c: char| c.is_ascii_digit()).zip(part.rfind(|c: char| c.is_ascii_digit()));
        if let (Some(text), Some((from, to))) = (phone(part), digits) {
            found.push(Word { text, is_dense: false, from: begin + from, to: begin + to + 1 });
        }
        begin += part.len();
    }
    found
}

/// The digits from the last to the first, if there are as many as a telephone number has.
pub fn phone(part: &str) -> Option<String> {
    let digits: String = part.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    PHONE.contains(&digits.len()).then(|| digits.chars().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::{phones, words};

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn case_width_and_accents_make_no_difference() {
        for same in ["Grüße", "GRÜSSE", "grusse", "ｇｒüße", "gru\u{308}sse"] {
            assert_eq!(texts(same), ["grusse"], "{same}");
        }
        assert_eq!(texts("Ærø Łódź ÉTÉ"), ["aero", "lodz", "ete"]);
        assert_eq!(texts("مُحَمَّد أحمد ١٢٣"), ["محمد", "احمد", "123"]);
        assert_eq!(texts("ёлка"), ["елка"]);
    }

    #[test]
    fn scripts_without_blanks_become_pairs() {
        assert_eq!(texts("冲锋衣"), ["冲锋", "锋衣", "衣"]);
        assert_eq!(texts("好"), ["好"]);
        assert_eq!(texts("iPhone手机，好！"), ["iphone", "手机", "机", "好"]);
        assert_eq!(texts("배송 조회"), ["배송", "송", "조회", "회"]);
        assert_eq!(texts("ガイド"), ["ガイ", "イド", "ド"]);
        assert_eq!(texts("ส่ง"), ["ส่", "่ง", "ง"]);
    }

    #[test]
    fn whatever_is_no_letter_parts() {
        assert_eq!(texts("mei.li@shop.example, #A-1042!"), ["mei", "li", "shop", "example", "a", "1042"]);
        assert_eq!(texts("' & | ! ( ) : * <-> \\ % _ \u{0}"), Vec::<String>::new());
        assert_eq!(texts("नमस्ते दुनिया।"), ["नमस्ते", "दुनिया"]);
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "Ein Größenwahn 冲锋";
        let found: Vec<_> = words(text).iter().map(|word| &text[word.from..word.to]).collect();
        assert_eq!(found, ["Ein", "Größenwahn", "冲锋", "锋"]);
        let long = "x".repeat(500);
        assert_eq!((words(&long)[0].text.len(), words(&long)[0].to), (48, 500));
    }

    #[test]
    fn telephone_numbers_are_read_from_behind() {
        let text = "call +49 (170) 123-4567 or 0170 1234567.";
        let found: Vec<_> = phones(text).into_iter().map(|word| (word.text, &text[word.from..word.to])).collect();
        assert_eq!(found[0], ("765432107194".to_owned(), "49 (170) 123-4567"));
        assert_eq!(found[1], ("7654321071".to_owned(), "0170 1234567"));
        assert!(phones("order 1042, 12345678901234567890").is_empty());
    }
}
