use super::{Finding, judge};
use crate::outbound::Fetched;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use url::Url;

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const OTHER: &str = "BBBBBBBBBBBBBBBBBBBBBB";
const OURS: &str = "https://chat.example";

fn answer(html: &str, headers: &[(&str, &str)]) -> Fetched {
    let mut all = HeaderMap::new();
    for (name, value) in [("content-type", "text/html; charset=utf-8")].iter().chain(headers) {
        all.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let url = Url::parse("https://shop.example/").unwrap();
    Fetched { url, status: StatusCode::OK, headers: all, body: html.as_bytes().to_vec() }
}

fn found(html: &str, headers: &[(&str, &str)]) -> Vec<Finding> {
    judge(&answer(html, headers), KEY, OURS)
}

fn tag(key: &str) -> String {
    format!("<script async src=\"{OURS}/w/{key}.js\"></script>")
}

#[test]
fn the_snippet_is_found_however_it_is_put_there() {
    for html in [
        tag(KEY),
        format!("<p>{}<script>x</script></p>", tag(KEY)),
        format!("<SCRIPT SRC='//chat.example/w/{KEY}.js?v=1'></SCRIPT>"),
        format!("<base href={OURS}/><script src=w/{KEY}.js></script>"),
        format!("<script>var s=document.createElement('script');s.src='{OURS}/w/{KEY}.js';</script>"),
        format!("<script src=/_chat/w/{KEY}.js></script>"),
    ] {
        assert_eq!(found(&html, &[]), [Finding::Works], "{html}");
    }
}

#[test]
fn what_is_wrong_with_it_is_told() {
    let cases = [
        (String::new(), Finding::NotFound),
        (format!("<!-- {} -->", tag(KEY)), Finding::NotFound),
        (format!("<script src={OURS}/w/panel.js></script>"), Finding::NotFound),
        (format!("<textarea>{}</textarea>", tag(KEY)), Finding::NotFound),
        (tag(KEY).repeat(2), Finding::Several(2)),
        (tag(OTHER), Finding::WrongKey(OTHER.into())),
        (tag(KEY).replace("chat.example", "old.example"), Finding::OtherAddress("https://old.example".into())),
    ];
    for (html, finding) in cases {
        assert_eq!(found(&html, &[]), [finding], "{html}");
    }
    assert_eq!(found(&(tag(KEY) + &tag(OTHER)), &[]), [Finding::Works], "another shop's beside it is none of ours");
}

#[test]
fn policies_of_header_and_page_are_each_asked() {
    let line = |directive, line: &str, is_meta| Finding::Forbidden { directive, line: line.into(), is_meta };
    let header = [("content-security-policy", "default-src 'self'; frame-src *, frame-src 'none'")];
    assert_eq!(
        found(&tag(KEY), &header),
        [
            line("script-src", "script-src 'self' https://chat.example", false),
            line("frame-src", "frame-src https://chat.example", false)
        ]
    );
    let meta = format!("<meta http-equiv=Content-Security-Policy content=\"script-src 'self'\">{}", tag(KEY));
    assert_eq!(found(&meta, &[]), [line("script-src", "script-src 'self' https://chat.example", true)]);
    assert_eq!(found(&tag(KEY), &[("content-security-policy-report-only", "default-src 'none'")]), [Finding::Works]);
    assert_eq!(found(&tag(KEY), &[("cross-origin-embedder-policy", "require-corp")]), [Finding::Embedding]);
}

#[test]
fn what_is_no_page_is_not_searched() {
    let mut gone = answer(&tag(KEY), &[]);
    gone.status = StatusCode::NOT_FOUND;
    assert_eq!(judge(&gone, KEY, OURS), [Finding::Status(404)]);
    let json = answer(&tag(KEY), &[("content-type", "application/json")]);
    assert_eq!(judge(&json, KEY, OURS), [Finding::NotHtml("application/json".into())]);
}
