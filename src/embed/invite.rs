//! The invitation to chat, as the module that the loader fetches when time alone may have made a rule true. It says nothing
//! where nobody is there to answer.

use super::answer as script;
use crate::app::App;
use crate::domain::site::Site;
use crate::domain::widget::{Rule, in_language, script_text};
use crate::error::Result;
use crate::presence::shop::Look;
use crate::store::staffing;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

const INVITE: &str = include_str!(concat!(env!("OUT_DIR"), "/invite.js"));
const NOBODY: &str = "export default()=>{}";
const CACHE: &str = "max-age=60";

/// Most moments at which a page looks again.
const LOOKS: u32 = 30;

/// Language, direction, what is said where the shop has no words of its own, and the name of the button that closes it.
const WORDS: [(&str, &str, &str, &str); 12] = [
    ("en", "ltr", "Any questions? We are here to help.", "Close"),
    ("de", "ltr", "Haben Sie Fragen? Wir helfen gern.", "Schließen"),
    ("fr", "ltr", "Une question ? Nous sommes là pour vous aider.", "Fermer"),
    ("es", "ltr", "¿Tiene alguna pregunta? Estamos aquí para ayudarle.", "Cerrar"),
    ("it", "ltr", "Ha domande? Siamo qui per aiutarla.", "Chiudi"),
    ("pt-BR", "ltr", "Tem alguma dúvida? Estamos aqui para ajudar.", "Fechar"),
    ("ru", "ltr", "Есть вопросы? Мы готовы помочь.", "Закрыть"),
    ("ar", "rtl", "هل لديك سؤال؟ نحن هنا لمساعدتك.", "إغلاق"),
    ("ja", "ltr", "ご質問はありませんか。お手伝いします。", "閉じる"),
    ("ko", "ltr", "궁금한 점이 있으신가요? 도와드리겠습니다.", "닫기"),
    ("zh-CN", "ltr", "有什么问题吗？我们随时为您服务。", "关闭"),
    ("zh-TW", "ltr", "有任何問題嗎？我們隨時為您服務。", "關閉"),
];

pub async fn answer(app: &App, site: &Site, locale: &str, request: &HeaderMap) -> Result<Response> {
    let rules = &site.settings.invitation;
    let text = if !rules.is_empty() && is_somebody_there(app, site).await? {
        module(site, rules, locale)
    } else {
        NOBODY.to_owned()
    };
    Ok(script(text, request, CACHE))
}

/// Whatever the shop calls open: nobody is invited to an empty desk.
async fn is_somebody_there(app: &App, site: &Site) -> Result<bool> {
    if !Look::at(app, site).await?.openness(None).is_open {
        return Ok(false);
    }
    Ok(!staffing::staffed_teams(&app.db.read, site.id, app.clock.now()).await?.is_empty())
}

fn module(site: &Site, rules: &[Rule], locale: &str) -> String {
    let look = &site.settings.appearance;
    let (_, dir, usual, close) = words(locale).or_else(|| words(&look.locale)).unwrap_or(WORDS[0]);
    let own = in_language(&site.settings.words, locale).map(|words| words.invitation.as_str());
    let place = format!(
        "position:fixed;bottom:{}px;{}:{}px;display:grid;grid:auto/1fr auto;gap:12px;box-sizing:border-box;max-width:min(260px,50vw);padding:12px;\
         border-radius:14px;background:Canvas;color-scheme:var(--s);color:CanvasText;font:15px/1.4 system-ui;\
         box-shadow:0 6px 24px #0003;direction:{dir}",
        u32::from(look.y) + 68,
        if look.side == "left" { "left" } else { "right" },
        look.x
    );
    let given = json!({
        "key": format!("deskbell.{}.", site.public_key), "waits": waits(rules), "close": close, "place": place,
        "text": own.filter(|text| !text.is_empty()).unwrap_or(usual),
    });
    INVITE.replacen("__HOLDS__", &condition(site, rules), 1).replacen(
        "__INVITE__",
        &given.to_string().replace('<', "\\u003c"),
        1,
    )
}

fn words(wanted: &str) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    let language = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let exact = WORDS.iter().find(|(tag, ..)| tag.eq_ignore_ascii_case(wanted));
    exact.or_else(|| WORDS.iter().find(|(tag, ..)| language(tag) == language(wanted))).copied()
}

/// All rules as one function. The visit's beginning is kept only where a rule asks for it.
fn condition(site: &Site, rules: &[Rule]) -> String {
    let any = rules.iter().map(Rule::condition).collect::<Vec<_>>().join("||");
    if rules.iter().all(|rule| rule.visit_s == 0) {
        return format!("((c,t,k)=>{any})");
    }
    let began = format!("sessionStorage[{}]", script_text(&format!("deskbell.{}.visit", site.public_key)));
    format!("((c,t,k)=>{{let v=Date.now()-({began}??=Date.now()-t);return {any}}})")
}

/// How long after this module came each rule may hold because of the time, in milliseconds.
fn waits(rules: &[Rule]) -> Vec<u32> {
    let first = rules.iter().map(Rule::due_ms).min().unwrap_or_default();
    // Timers may be early by a millisecond.
    let mut waits: Vec<u32> = rules.iter().map(|rule| rule.due_ms() - first + 20).collect();
    let longest = rules.iter().map(|rule| rule.visit_s * 1000).max().unwrap_or_default();
    let step = (longest / LOOKS).max(10_000);
    waits.extend((1..=longest.div_ceil(step)).map(|n| n * step));
    waits.sort_unstable();
    waits.dedup();
    waits
}

#[cfg(test)]
mod tests {
    use super::{WORDS, condition, module, waits, words};
    use crate::app::new_site;
    use crate::domain::widget::{Rule, Words};

    #[test]
    fn a_page_looks_again_when_time_may_have_made_a_rule_true() {
        let rules = [Rule { page_s: 30, ..Rule::default() }, Rule { page_s: 10, ..Rule::default() }];
        assert_eq!(waits(&rules), [20, 20_020]);
        let long = [Rule { visit_s: 3600, ..Rule::default() }];
        let looks = waits(&long);
        assert!(looks.len() <= 32 && *looks.last().unwrap() >= 3_600_000, "{looks:?}");
    }

    #[test]
    fn the_module_is_in_the_page_s_language_and_holds_no_markup() {
        let mut site = new_site("Shop", vec![]);
        let own = Words { invitation: "</script>Fragen? $& __HOLDS__".into(), ..Words::default() };
        site.settings.words.insert("de".into(), own);
        let rules = [Rule { visit_s: 60, page: "/cart".into(), ..Rule::default() }];
        let german = module(&site, &rules, "de-AT");
        assert!(german.contains("\\u003c/script>Fragen? $& __HOLDS__") && !german.contains("</script>"));
        assert!(module(&site, &rules, "ar").contains("direction:rtl"));
        assert!(module(&site, &rules, "xx").contains(WORDS[0].2));
        assert!(condition(&site, &rules).contains(".visit\"]??="));
        assert!(!condition(&site, &[Rule::default()]).contains("sessionStorage"));
        assert_eq!(words("zh-TW").map(|it| it.3), Some("關閉"));
    }
}
