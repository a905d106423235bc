//! The installation check: fetches a page of the shop and says whether the snippet works there, and if not, what to change.

mod policy;

use super::page::{Page, Script};
use crate::app::App;
use crate::domain::site::Site;
use crate::outbound::{Fetched, REDIRECTS, WITHIN, Why, Wish};
use crate::words::Sentence;
use url::Url;

/// What is read of a page, in bytes: the snippet stands before the end of the body.
const PAGE_MAX: usize = 4 * 1024 * 1024;

/// One thing that was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The snippet is there, and nothing forbids it.
    Works,
    NotFound,
    /// It is there so many times.
    Several(usize),
    /// The snippet of another site.
    WrongKey(String),
    /// The right key, loaded from another address than ours.
    OtherAddress(String),
    /// A content policy forbids it: which directive, and what it has to be.
    Forbidden {
        directive: &'static str,
        line: String,
        is_meta: bool,
    },
    /// Cross-Origin-Embedder-Policy keeps frames of other origins out.
    Embedding,
    /// The page came from here in the end.
    Redirected(Url),
    /// A redirect to an origin that is not the site's.
    LeadsAway(Url),
    Status(u16),
    NotHtml(String),
    Unreachable(Why),
}

impl Finding {
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Works)
    }

    /// Says nothing against the snippet.
    pub fn is_note(&self) -> bool {
        matches!(self, Self::Redirected(_))
    }

    /// What it means, for the owner.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Works => Sentence::of("finding-works"),
            Self::NotFound => Sentence::of("finding-not-found"),
            Self::Several(times) => Sentence::of("finding-several").with("times", *times),
            Self::WrongKey(key) => Sentence::of("finding-wrong-key").with("key", key),
            Self::OtherAddress(from) => Sentence::of("finding-other-address").with("from", from),
            Self::Forbidden { directive, is_meta: false, .. } => {
                Sentence::of("finding-forbidden").with("directive", *directive)
            }
            Self::Forbidden { directive, .. } => {
                Sentence::of("finding-forbidden-meta").with("directive", *directive).with("tag", "<meta>")
            }
            Self::Embedding => Sentence::of("finding-embedding"),
            Self::Redirected(to) => Sentence::of("finding-redirected").with("to", to.as_str()),
            Self::LeadsAway(to) => Sentence::of("finding-leads-away").with("to", to.as_str()),
            Self::Status(status) => Sentence::of("finding-status").with("status", u32::from(*status)),
            Self::NotHtml(mime) if mime.is_empty() => Sentence::of("finding-no-type"),
            Self::NotHtml(mime) => Sentence::of("finding-not-html").with("mime", mime),
            Self::Unreachable(why) => unreachable(why),
        }
    }

    /// What to copy, where there is something.
    pub fn line(&self) -> Option<&str> {
        if let Self::Forbidden { line, .. } = self { Some(line) } else { None }
    }
}

fn unreachable(why: &Why) -> Sentence {
    Sentence::of(match why {
        Why::Address(_) | Why::Elsewhere(_) => "finding-unfit",
        Why::Private => "finding-private",
        Why::Port => "finding-port",
        Why::Name => "finding-name",
        Why::Unreachable => "finding-unreachable",
        Why::Slow => return Sentence::of("finding-slow").with("seconds", WITHIN.as_secs().to_string()),
        Why::TooLarge => "finding-too-large",
        Why::Redirects => return Sentence::of("finding-redirects").with("most", REDIRECTS),
        Why::Encoded => "finding-encoded",
        Why::Busy => "finding-busy",
    })
}

/// Fetches the page and judges it. Whether its origin is one of the site's was asked before.
pub async fn check(app: &App, site: &Site, url: &Url) -> Vec<Finding> {
    let wish = Wish { accept: "text/html,application/xhtml+xml", most: PAGE_MAX, cut: true, origins: &site.origins };
    let found = match app.outbound.get(url, &wish).await {
        Ok(found) => found,
        Err(Why::Elsewhere(to)) => return vec![Finding::LeadsAway(to)],
        Err(why) => return vec![Finding::Unreachable(why)],
    };
    let mut bare = url.clone();
    bare.set_fragment(None);
    let (key, ours) = (site.public_key.clone(), app.config.public_url.clone());
    let judging = tokio::task::spawn_blocking(move || {
        let note = (found.url != bare).then(|| Finding::Redirected(found.url.clone()));
        note.into_iter().chain(judge(&found, &key, &ours)).collect()
    });
    judging.await.unwrap_or_else(|_| vec![Finding::NotHtml(String::new())])
}

/// What an answer means for the snippet with this key, loaded from `ours`.
fn judge(found: &Fetched, key: &str, ours: &str) -> Vec<Finding> {
    if !found.status.is_success() {
        return vec![Finding::Status(found.status.as_u16())];
    }
    if !matches!(found.mime().as_str(), "text/html" | "application/xhtml+xml") {
        return vec![Finding::NotHtml(found.mime())];
    }
    let page = Page::read(&found.body, &found.header("content-type").unwrap_or_default());
    let mut findings = snippet(&page, &found.url, key, ours);
    let has_nonce = snippets(&page, &found.url).iter().any(|it| it.has_nonce && it.key == key);
    findings.extend(forbidden(&page, found, ours, has_nonce));
    let embedding = found.header("cross-origin-embedder-policy").unwrap_or_default();
    if embedding.trim().to_ascii_lowercase().starts_with("require-corp")
        && found.url.origin().ascii_serialization() != ours
    {
        findings.push(Finding::Embedding);
    }
    if findings.is_empty() {
        findings.push(Finding::Works);
    }
    findings
}

/// A snippet as it stands in a page.
struct Snippet {
    key: String,
    /// Where it is loaded from; `None`: a script of the page loads it.
    from: Option<Url>,
    has_nonce: bool,
}

fn snippets(page: &Page, url: &Url) -> Vec<Snippet> {
    let base = page.base(url);
    page.scripts.iter().filter_map(|script| of_src(script, &base).or_else(|| of_text(script))).collect()
}

fn of_src(script: &Script, base: &Url) -> Option<Snippet> {
    let from = base.join(script.src.as_deref()?.trim()).ok()?;
    let key = key_in(from.path())?.to_owned();
    Some(Snippet { key, from: Some(from), has_nonce: script.has_nonce })
}

/// A script that makes the snippet's element itself.
fn of_text(script: &Script) -> Option<Snippet> {
    let is_script = script.src.is_none()
        && matches!(script.kind.as_str(), "" | "module" | "text/javascript" | "application/javascript");
    let key = script.text.match_indices("/w/").filter(|_| is_script).find_map(|(at, _)| {
        let rest = &script.text[at..];
        key_in(&rest[..rest.find(".js")? + ".js".len()])
    })?;
    Some(Snippet { key: key.to_owned(), from: None, has_nonce: script.has_nonce })
}

/// Site keys are 22 letters of base64; the widget's other files have names of their own.
fn key_in(path: &str) -> Option<&str> {
    let key = path.rsplit_once("/w/")?.1.strip_suffix(".js")?;
    let is_key = key.len() == 22 && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    is_key.then_some(key)
}

fn snippet(page: &Page, url: &Url, key: &str, ours: &str) -> Vec<Finding> {
    let all = snippets(page, url);
    let right = all.iter().filter(|it| it.key == key).count();
    let mut findings = Vec::new();
    if right == 0 {
        let other = all.first().map(|it| Finding::WrongKey(it.key.clone()));
        findings.push(other.unwrap_or(Finding::NotFound));
    }
    if right > 1 {
        findings.push(Finding::Several(right));
    }
    // Behind the shop's own proxy it comes from the shop.
    let is_ours = |from: &Url| from.origin().ascii_serialization() == ours || from.origin() == url.origin();
    let strange = all.iter().filter(|it| it.key == key).filter_map(|it| it.from.as_ref()).find(|from| !is_ours(from));
    findings.extend(strange.map(|from| Finding::OtherAddress(from.origin().ascii_serialization())));
    findings
}

fn forbidden(page: &Page, found: &Fetched, ours: &str, has_nonce: bool) -> Vec<Finding> {
    let header = found.header("content-security-policy").unwrap_or_default();
    let metas =
        page.meta.iter().filter(|(name, _)| name == "content-security-policy").map(|(_, text)| (text.as_str(), true));
    let mut findings = Vec::new();
    for (text, is_meta) in std::iter::once((header.as_str(), false)).chain(metas) {
        for policy in text.split(',') {
            let lines = policy::objections(policy, &found.url, ours, has_nonce);
            findings.extend(lines.into_iter().map(|(directive, line)| Finding::Forbidden { directive, line, is_meta }));
        }
    }
    findings
}

#[cfg(test)]
mod tests;
