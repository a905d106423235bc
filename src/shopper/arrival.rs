//! The page that the link in a letter leads to: at Deskbell's own origin, with the site's widget, which opens by itself.
//!
//! Opening it changes nothing and shows nothing of the conversation, because mail scanners follow links too; its script
//! exchanges the code by post.
//!
//! Whoever has the letter has the link. What it opens is one conversation, to read and to write in as its shopper, until it
//! ends or a day is over: no name and no address is told, no other conversation is shown, and none is begun.

use crate::app::App;
use crate::auth;
use crate::conversations::site_by_key;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::store::queue::places;
use crate::transcripts::words::language;
use crate::web::assets::Set;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use std::sync::{Arc, LazyLock};

pub static FILES: LazyLock<Set> = LazyLock::new(|| {
    Set::new(&[
        ("place.js", include_bytes!("../../assets/place/place.js")),
        ("place.css", include_bytes!("../../assets/place/place.css")),
    ])
});

#[derive(Template)]
#[template(path = "widget/place.html")]
struct Page<'a> {
    words: &'static Words,
    lead: &'static Lead,
    site: &'a Site,
    hash: &'a str,
    /// The shop's own address, where it has one.
    shop: Option<&'a str>,
    is_known: bool,
}

pub async fn page(
    State(app): State<Arc<App>>,
    Path((key, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let site = site_by_key(&app, &key).await?;
    let found = places::link(&app.db.read, (site.id, &auth::hash(&code)), app.clock.now()).await?;
    let locale = found.as_ref().map_or(preferred(&headers, &site), |link| &link.locale);
    let words = words(locale);
    let page = Page {
        lead: if found.as_ref().is_some_and(|link| link.leads_to == "answers") { &words.answers } else { &words.place },
        words,
        site: &site,
        hash: &FILES.hash,
        shop: site.origins.first().map(String::as_str),
        is_known: found.is_some(),
    };
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let answer = (status, Html(page.render().map_err(Error::bug)?)).into_response();
    Ok(secretive(answer, POLICY))
}

/// The language a browser asks for, else the site's.
pub fn preferred<'a>(headers: &'a HeaderMap, site: &'a Site) -> &'a str {
    let preferred = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    preferred.and_then(|list| list.split(',').next()).unwrap_or(&site.settings.appearance.locale)
}

/// A page whose address is a secret: nobody keeps it, and nobody is told where somebody comes from.
pub fn secretive(mut answer: Response, policy: &'static str) -> Response {
    let own = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in own {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    answer
}

/// Its own script and the widget's, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

struct Words {
    lang: &'static str,
    dir: &'static str,
    opening: &'static str,
    open: &'static str,
    place: Lead,
    answers: Lead,
    retry: &'static str,
    gone_title: &'static str,
    gone: &'static str,
    shop: &'static str,
    write: &'static str,
    script: &'static str,
}

/// What is said of where the link leads: back to a place in line, or to answers.
struct Lead {
    title: &'static str,
    opened: &'static str,
    failed: &'static str,
}

const EN: Words = Words {
    lang: "en",
    dir: "ltr",
    opening: "Opening your chat…",
    open: "Open the chat",
    retry: "Try again",
    gone_title: "This link has expired",
    gone: "The conversation it led to has ended, or the link is too old. Start a new chat in the shop whenever you like.",
    shop: "To the shop",
    write: "Write an e-mail",
    script: "Please turn on JavaScript to open your chat.",
    place: Lead {
        title: "Your place in line",
        opened: "Your chat is open. Keep this page open until you have been served.",
        failed: "Your chat cannot be opened right now. You keep your place in line.",
    },
    answers: Lead {
        title: "Your conversation",
        opened: "Your chat is open.",
        failed: "Your chat cannot be opened right now. Nothing is lost.",
    },
};

const DE: Words = Words {
    lang: "de",
    dir: "ltr",
    opening: "Ihr Chat wird geöffnet …",
    open: "Chat öffnen",
    retry: "Noch einmal versuchen",
    gone_title: "Dieser Link ist abgelaufen",
    gone: "Das Gespräch ist beendet, oder der Link ist zu alt. Im Shop können Sie jederzeit einen neuen Chat beginnen.",
    shop: "Zum Shop",
    write: "E-Mail schreiben",
    script: "Bitte schalten Sie JavaScript ein, um Ihren Chat zu öffnen.",
    place: Lead {
        title: "Ihr Platz in der Warteschlange",
        opened: "Ihr Chat ist geöffnet. Lassen Sie diese Seite offen, bis Sie an der Reihe waren.",
        failed: "Ihr Chat lässt sich gerade nicht öffnen. Sie behalten Ihren Platz.",
    },
    answers: Lead {
        title: "Ihr Gespräch",
        opened: "Ihr Chat ist geöffnet.",
        failed: "Ihr Chat lässt sich gerade nicht öffnen. Nichts ist verloren.",
    },
};

const ZH_CN: Words = Words {
    lang: "zh-CN",
    dir: "ltr",
    opening: "正在打开您的对话…",
    open: "打开对话",
    retry: "重试",
    gone_title: "此链接已失效",
    gone: "该对话已结束，或链接已过期。您可以随时在商店中开始新的对话。",
    shop: "前往商店",
    write: "发送电子邮件",
    script: "请启用 JavaScript 以打开您的对话。",
    place: Lead {
        title: "您的排队位置",
        opened: "您的对话已打开。在得到接待之前，请保持此页面打开。",
        failed: "暂时无法打开您的对话。您的排队位置仍会保留。",
    },
    answers: Lead {
        title: "您的对话", opened: "您的对话已打开。", failed: "暂时无法打开您的对话。内容不会丢失。"
    },
};

const AR: Words = Words {
    lang: "ar",
    dir: "rtl",
    opening: "جارٍ فتح محادثتك…",
    open: "فتح المحادثة",
    retry: "إعادة المحاولة",
    gone_title: "انتهت صلاحية هذا الرابط",
    gone: "انتهت المحادثة أو انتهت مدة الرابط. يمكنك بدء محادثة جديدة في المتجر متى شئت.",
    shop: "إلى المتجر",
    write: "إرسال بريد إلكتروني",
    script: "يُرجى تفعيل JavaScript لفتح محادثتك.",
    place: Lead {
        title: "دورك في الطابور",
        opened: "محادثتك مفتوحة. أبقِ هذه الصفحة مفتوحة حتى تتم خدمتك.",
        failed: "تعذّر فتح محادثتك الآن. ما زلت محتفظًا بدورك.",
    },
    answers: Lead {
        title: "محادثتك", opened: "محادثتك مفتوحة.", failed: "تعذّر فتح محادثتك الآن. لم يُفقد شيء."
    },
};

fn words(locale: &str) -> &'static Words {
    match language(locale).as_str() {
        "de" => &DE,
        "zh" => &ZH_CN,
        "ar" => &AR,
        _ => &EN,
    }
}
