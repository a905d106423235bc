//! A page's bytes as text: the mark at their beginning, then the header, then the page's own word, as browsers do it
//! (WHATWG, "determining the character encoding"). And character references, for the names that shops use.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// A page states its encoding within so many bytes.
const PRESCAN: usize = 1_024;

pub fn decode(bytes: &[u8], content_type: &str) -> String {
    let stated = label_in(content_type).or_else(|| within(bytes));
    let encoding = stated.unwrap_or(if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 });
    // A byte order mark goes before everything else.
    encoding.decode(bytes).0.into_owned()
}

/// `charset=` in a header, or in what stands for one.
fn label_in(text: &str) -> Option<&'static Encoding> {
    let at = text.to_ascii_lowercase().find("charset")?;
    let rest = text[at + "charset".len()..].trim_start().strip_prefix('=')?.trim_start();
    let rest = rest.trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| c.is_whitespace() || "\"';>/,".contains(c)).unwrap_or(rest.len());
    Encoding::for_label(&rest.as_bytes()[..end])
}

/// The first `<meta` that says so. Nothing that is read as ASCII can be UTF-16.
fn within(bytes: &[u8]) -> Option<&'static Encoding> {
    let start: String = bytes.iter().take(PRESCAN).map(|byte| char::from(*byte)).collect();
    let lower = start.to_ascii_lowercase();
    let metas = lower.match_indices("<meta").map(|(at, _)| &start[at..]);
    let found = metas.map(|meta| &meta[..meta.find('>').unwrap_or(meta.len())]).find_map(label_in)?;
    Some(if found.is_ascii_compatible() { found } else { UTF_8 })
}

/// The names of U+00A0 to U+00FF in HTML.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 \
    acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig \
    Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave \
    Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave \
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

const OTHERS: [(&str, char); 18] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("euro", '€'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("bull", '•'),
    ("trade", '™'),
    ("oelig", 'œ'),
    ("OElig", 'Œ'),
];
/// Longest reference that is looked at, in bytes.
const REFERENCE_MAX: usize = 12;

/// Text with its character references read; what is none stays as it is.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(REFERENCE_MAX).position(|byte| byte == b';');
        match end.and_then(|end| Some((character(&rest[..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out + rest
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32).filter(|c| *c != '\0');
    }
    let latin = LATIN.split_whitespace().position(|known| known == name);
    let latin = latin.and_then(|at| u32::try_from(at).ok()).and_then(|at| char::from_u32(0xA0 + at));
    latin.or_else(|| OTHERS.iter().find(|(known, _)| *known == name).map(|(_, c)| *c))
}

#[cfg(test)]
mod tests {
    use super::{decode, unescape};

    #[test]
    fn a_page_is_read_in_the_encoding_it_is_written_in() {
        let lamp = "台灯";
        let (gbk, _, _) = encoding_rs::GBK.encode(lamp);
        assert_eq!(decode(&gbk, "text/html; charset=gbk"), lamp);
        assert_eq!(decode(&gbk, "text/html;Charset = \"GB2312\"; x=y"), lamp);
        for meta in ["<meta charset=gbk>", "<META http-equiv=Content-Type content='text/html; charset=gb2312'>"] {
            let page = [meta.as_bytes(), &gbk].concat();
            assert_eq!(decode(&page, "text/html"), format!("{meta}{lamp}"));
        }
        assert_eq!(decode(lamp.as_bytes(), "text/html"), lamp, "nothing is said, and it is UTF-8");
        assert_eq!(decode(b"caf\xe9", "text/html"), "café");
        assert_eq!(decode(b"\xef\xbb\xbf\xc3\xa9", "text/html; charset=gbk"), "é", "the mark goes before the header");
        assert_eq!(decode(b"<meta charset=utf-16le>x", ""), "<meta charset=utf-16le>x");
        assert_eq!(decode(b"<meta charset=nonsense>\xff", ""), "<meta charset=nonsense>ÿ");
    }

    #[test]
    fn character_references_are_read_and_everything_else_stays() {
        let cases = [
            ("Caf&eacute; &amp; M&uuml;sli &#8364;5 &#x1F4A1;", "Café & Müsli €5 💡"),
            ("a &lt;b&gt; &quot;c&quot; &apos;d&#39;", "a <b> \"c\" 'd'"),
            ("&nbsp;&yuml;&iexcl;", "\u{a0}ÿ¡"),
            ("R&D &unknown; &#0; &#x110000; & &;", "R&D &unknown; &#0; &#x110000; & &;"),
            ("&amp;lt;", "&lt;"),
        ];
        for (text, read) in cases {
            assert_eq!(unescape(text), read);
        }
    }
}
