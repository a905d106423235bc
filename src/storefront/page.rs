//! What a page says of itself, read as a stream: its title, its metadata, its scripts. Nothing is run, and nothing of it is
//! kept beyond what is asked for here.

use super::charset::{decode, unescape};
use lol_html::errors::RewritingError;
use lol_html::html_content::{Element, TextChunk};
use lol_html::{HtmlRewriter, MemorySettings, Settings, element, text};
use std::cell::{Cell, RefCell};
use url::Url;

/// Most of each that is kept of a page, and the longest text of one script, in bytes.
const MOST: usize = 400;
const SCRIPT_MAX: usize = 256 * 1024;
const TITLE_MAX: usize = 2_000;
/// What the reader may use beside the page itself.
const MEMORY: usize = 4 * 1024 * 1024;

#[derive(Debug, Default)]
pub struct Page {
    pub title: String,
    /// `name`, `property`, `itemprop` or `http-equiv` in lower case, and the content.
    pub meta: Vec<(String, String)>,
    pub scripts: Vec<Script>,
    /// Where relative addresses begin; the first `<base>` counts.
    base: Option<String>,
}

#[derive(Debug, Default)]
pub struct Script {
    pub src: Option<String>,
    pub kind: String,
    pub text: String,
    pub has_nonce: bool,
}

impl Page {
    pub fn read(bytes: &[u8], content_type: &str) -> Self {
        let page = RefCell::new(Self::default());
        let html = decode(bytes, content_type);
        // What cannot be read to its end was read up to there.
        let _ = walk(&page, &html);
        let mut page = page.into_inner();
        page.title = unescape(&page.title);
        page
    }

    pub fn meta(&self, name: &str) -> Option<&str> {
        let found = self.meta.iter().find(|(known, content)| known == name && !content.trim().is_empty());
        found.map(|(_, content)| content.as_str())
    }

    /// Against what its relative addresses are read.
    pub fn base(&self, url: &Url) -> Url {
        self.base.as_ref().and_then(|base| url.join(base).ok()).unwrap_or_else(|| url.clone())
    }

    fn note_meta(&mut self, of: &Element<'_, '_>) {
        let content = of.get_attribute("content").map(|content| unescape(&content)).unwrap_or_default();
        for attribute in ["property", "name", "itemprop", "http-equiv"] {
            if let Some(name) = of.get_attribute(attribute).filter(|_| self.meta.len() < MOST) {
                self.meta.push((name.trim().to_ascii_lowercase(), content.clone()));
            }
        }
    }

    fn note_script(&mut self, of: &Element<'_, '_>) {
        if self.scripts.len() < MOST {
            self.scripts.push(Script {
                src: of.get_attribute("src").map(|src| unescape(&src)),
                kind: of.get_attribute("type").unwrap_or_default().trim().to_ascii_lowercase(),
                text: String::new(),
                has_nonce: of.has_attribute("nonce"),
            });
        }
    }

    fn note_script_text(&mut self, chunk: &TextChunk<'_>) {
        if let Some(script) = self.scripts.last_mut().filter(|script| script.text.len() < SCRIPT_MAX) {
            script.text.push_str(chunk.as_str());
        }
    }
}

fn walk(page: &RefCell<Page>, html: &str) -> Result<(), RewritingError> {
    let titles = Cell::new(0);
    let handlers = vec![
        element!("base[href]", |of| {
            page.borrow_mut().base.get_or_insert(unescape(&of.get_attribute("href").unwrap_or_default()));
            Ok(())
        }),
        element!("meta", |of| {
            page.borrow_mut().note_meta(of);
            Ok(())
        }),
        element!("title", |_| {
            titles.set(titles.get() + 1);
            Ok(())
        }),
        text!("title", |chunk| {
            let mut page = page.borrow_mut();
            if titles.get() == 1 && page.title.len() < TITLE_MAX {
                page.title.push_str(chunk.as_str());
            }
            Ok(())
        }),
        element!("script", |of| {
            page.borrow_mut().note_script(of);
            Ok(())
        }),
        text!("script", |chunk| {
            page.borrow_mut().note_script_text(chunk);
            Ok(())
        }),
    ];
    let memory = MemorySettings::new().with_max_allowed_memory_usage(MEMORY);
    let mut settings = Settings::new().with_strict(false).with_memory_settings(memory);
    for handler in handlers {
        settings = settings.append_element_content_handler(handler);
    }
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    rewriter.write(html.as_bytes())?;
    rewriter.end()
}

#[cfg(test)]
mod tests {
    use super::Page;
    use url::Url;

    fn read(html: &str) -> Page {
        Page::read(html.as_bytes(), "text/html; charset=utf-8")
    }

    #[test]
    fn what_a_page_says_of_itself_is_read_and_the_rest_is_not() {
        let page = read(
            "<!doctype html><title>A &amp; B</title><base href=/shop/><base href=/other/>
            <meta property=OG:Title content='Caf&eacute; &quot;x&quot;'><META NAME=description content=\"d\">
            <!-- <script src=gone.js></script><meta name=gone content=x> -->
            <svg><title>not this</title></svg>
            <script nonce=n type='Application/LD+JSON'>{\"a\":\"</p>&amp;\"}</script>
            <script async src='https://chat.example/w/KEY.js?a=1&amp;b=2'></script>
            <textarea><script src=text.js></script></textarea>",
        );
        assert_eq!(page.title, "A & B");
        assert_eq!(page.meta("og:title"), Some("Café \"x\""));
        assert_eq!((page.meta("description"), page.meta("gone")), (Some("d"), None));
        assert_eq!(page.base(&Url::parse("https://a.example/b/c").unwrap()).as_str(), "https://a.example/shop/");
        let scripts: Vec<_> =
            page.scripts.iter().map(|s| (s.src.as_deref(), s.kind.as_str(), s.text.as_str())).collect();
        assert_eq!(
            scripts,
            [
                (None, "application/ld+json", "{\"a\":\"</p>&amp;\"}"),
                (Some("https://chat.example/w/KEY.js?a=1&b=2"), "", "")
            ]
        );
        assert!(page.scripts[0].has_nonce && !page.scripts[1].has_nonce);
    }

    #[test]
    fn a_page_that_is_none_says_nothing_and_a_broken_one_what_it_could() {
        for nothing in ["", "\0\0\0", "<", "<<<<", "plain", "<script>", "<title>", "<meta>"] {
            let page = read(nothing);
            assert!(page.title.is_empty() && page.meta("og:title").is_none(), "{nothing}");
        }
        assert_eq!(read("<title>cut of").title, "cut of");
        let many = read(&"<meta name=a content=b><script>x</script>".repeat(5_000));
        assert!(many.meta.len() <= 400 && many.scripts.len() <= 400);
        let long = read(&format!("<title>{}</title><script>{}</script>", "a".repeat(100_000), "b".repeat(900_000)));
        assert!(long.title.len() < 200_000 && long.scripts[0].text.len() <= 900_000);
        assert!(read(&"<div>".repeat(200_000)).title.is_empty());
    }
}
