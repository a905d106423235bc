//! What a Content-Security-Policy says about the widget: its script, and the frame of its panel (CSP Level 3, sections 6.7).

use url::Url;

/// What each use falls back to, the nearest first.
const USES: [(&str, &[&str]); 2] = [
    ("script-src", &["script-src-elem", "script-src", "default-src"]),
    ("frame-src", &["frame-src", "child-src", "default-src"]),
];

/// The directives of one policy that forbid the widget, and what each has to be.
pub fn objections(policy: &str, page: &Url, ours: &str, has_nonce: bool) -> Vec<(&'static str, String)> {
    let directives = directives(policy);
    let Ok(ours_url) = Url::parse(ours) else { return Vec::new() };
    let mut objections = Vec::new();
    for (what, names) in USES {
        let find = |name: &&str| directives.iter().find(|(known, _)| known == *name);
        let Some((name, sources)) = names.iter().find_map(find) else { continue };
        let allows = sources.iter().any(|source| is_matched(source, &ours_url, page));
        let is_script = what == "script-src";
        let by_nonce = is_script && has_nonce && sources.iter().any(|source| source.starts_with("'nonce-"));
        // With it, what is named by its address counts for nothing.
        let is_strict = is_script && sources.contains(&"'strict-dynamic'");
        if by_nonce || (allows && !is_strict) {
            continue;
        }
        let name = if name == "default-src" || name == "child-src" { what } else { name.as_str() };
        objections.push((what, line(name, sources, ours, is_strict)));
    }
    objections
}

/// The directive as it has to be.
fn line(name: &str, sources: &[&str], ours: &str, is_strict: bool) -> String {
    let kept = sources.iter().filter(|source| !source.eq_ignore_ascii_case("'none'")).copied();
    let line = std::iter::once(name).chain(kept).collect::<Vec<_>>().join(" ");
    if is_strict {
        // Only a nonce helps: the page makes it anew for each answer.
        return format!("{line}   with the page's nonce on the snippet: <script async nonce=\"…\" src=…>");
    }
    format!("{line} {ours}")
}

/// Name and sources; the first of a name counts.
fn directives(policy: &str) -> Vec<(String, Vec<&str>)> {
    let mut directives: Vec<(String, Vec<&str>)> = Vec::new();
    for directive in policy.split(';') {
        let mut words = directive.split_ascii_whitespace();
        let Some(name) = words.next().map(str::to_ascii_lowercase) else { continue };
        if !directives.iter().any(|(known, _)| *known == name) {
            directives.push((name, words.collect()));
        }
    }
    directives
}

fn is_matched(source: &str, ours: &Url, page: &Url) -> bool {
    let source = source.to_ascii_lowercase();
    match source.as_str() {
        "*" => matches!(ours.scheme(), "http" | "https") || ours.scheme() == page.scheme(),
        "'self'" => ours.origin() == page.origin(),
        _ if source.starts_with('\'') => false,
        _ => match source.strip_suffix(':') {
            Some(scheme) => is_scheme(scheme, ours.scheme()),
            None => is_host(&source, ours, page),
        },
    }
}

/// What is allowed in clear is allowed over TLS.
fn is_scheme(allowed: &str, asked: &str) -> bool {
    allowed == asked || (allowed == "http" && asked == "https")
}

fn is_host(source: &str, ours: &Url, page: &Url) -> bool {
    let (scheme, rest) = source.split_once("://").map_or((None, source), |(scheme, rest)| (Some(scheme), rest));
    if !is_scheme(scheme.unwrap_or(page.scheme()), ours.scheme()) {
        return false;
    }
    let (host_port, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    // Only the whole site helps: script and frame are under paths of their own.
    if !path.is_empty() {
        return false;
    }
    let (host, port) = match host_port.rsplit_once(':') {
        Some((host, port)) if port == "*" || port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(port)),
        _ => (host_port, None),
    };
    let asked = ours.host_str().unwrap_or_default();
    let is_host = match host.strip_prefix("*.") {
        Some(domain) => asked.strip_suffix(domain).is_some_and(|sub| sub.len() > 1 && sub.ends_with('.')),
        None => host == asked || host == "*",
    };
    let is_port = match port {
        Some("*") => true,
        Some(port) => ours.port_or_known_default().is_some_and(|asked| asked.to_string() == port),
        None => ours.port().is_none(),
    };
    is_host && is_port
}

#[cfg(test)]
mod tests {
    use super::objections;
    use url::Url;

    fn asked(policy: &str, has_nonce: bool) -> Vec<(&'static str, String)> {
        objections(policy, &Url::parse("https://shop.example/a").unwrap(), "https://chat.example", has_nonce)
    }

    #[test]
    fn what_lets_the_widget_through_is_not_objected_to() {
        for policy in [
            "",
            ";;",
            "img-src 'none'",
            "default-src *",
            "default-src https:",
            "default-src http:",
            "script-src 'self' https://chat.example; frame-src https://chat.example",
            "SCRIPT-SRC 'self' HTTPS://CHAT.example; child-src chat.example:443; default-src 'none'",
            "script-src *.example; frame-src https://*.example:*",
            "script-src-elem chat.example; script-src 'none'; frame-src *",
            "script-src chat.example; script-src 'none'; frame-src chat.example; frame-src 'none'",
        ] {
            assert_eq!(asked(policy, false), [], "{policy}");
        }
        assert_eq!(asked("script-src 'nonce-a' 'strict-dynamic'; frame-src chat.example", true), []);
    }

    #[test]
    fn what_keeps_it_out_is_told_with_the_line_that_lets_it_in() {
        let both = asked("default-src 'none'", false);
        assert_eq!(
            both,
            [
                ("script-src", "script-src https://chat.example".into()),
                ("frame-src", "frame-src https://chat.example".into())
            ]
        );
        let cases = [
            ("script-src 'self'; frame-src *", "script-src 'self' https://chat.example"),
            (
                "script-src-elem 'self' cdn.example; frame-src *",
                "script-src-elem 'self' cdn.example https://chat.example",
            ),
            ("default-src 'self'; script-src *", "frame-src 'self' https://chat.example"),
            ("child-src 'none'", "frame-src https://chat.example"),
            ("frame-src http://chat.example:8080", "frame-src http://chat.example:8080 https://chat.example"),
            ("frame-src https://chat.example/other/", "frame-src https://chat.example/other/ https://chat.example"),
            ("frame-src *.chat.example", "frame-src *.chat.example https://chat.example"),
            ("frame-src notchat.example", "frame-src notchat.example https://chat.example"),
            ("script-src 'nonce-a'; frame-src *", "script-src 'nonce-a' https://chat.example"),
        ];
        for (policy, line) in cases {
            let lines: Vec<_> = asked(policy, false).into_iter().map(|(_, line)| line).collect();
            assert_eq!(lines, [line], "{policy}");
        }
        let strict = asked("script-src 'strict-dynamic' https://chat.example; frame-src *", false);
        assert!(strict.len() == 1 && strict[0].1.contains("nonce"), "{strict:?}");
    }
}
