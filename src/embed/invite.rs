//! The invitation to chat, as the module that the loader fetches when time alone may have made a rule true. It says nothing
//! where nobody is there to answer.

use super::answer as script;
use crate::app::App;
use crate::domain::site::Site;
use crate::domain::tongues::Table;
use crate::domain::widget::{Rule, in_language, script_text};
use crate::error::Result;
use crate::presence::shop::Look;
use crate::store::staffing;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::sync::LazyLock;

const INVITE: &str = include_str!(concat!(env!("OUT_DIR"), "/invite.js"));
const NOBODY: &str = "export default()=>{}";
const CACHE: &str = "max-age=60";

/// Most moments at which a page looks again.
const LOOKS: u32 = 30;

/// What is said where the shop has no words of its own, and the name of the button that closes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    text: &'static str,
    close: &'static str,
}

static WORDS: LazyLock<Table<Words>> = LazyLock::new(|| Table::of_part("invitation"));

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
    let words = WORDS.find(locale).unwrap_or_else(|| WORDS.of(&look.locale));
    let (dir, close) = (words.dir, words.close);
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
        "text": own.filter(|text| !text.is_empty()).unwrap_or(words.text),
    });
    INVITE.replacen("__HOLDS__", &condition(site, rules), 1).replacen(
        "__INVITE__",
        &given.to_string().replace('<', "\\u003c"),
        1,
    )
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

/// The ages of a page at which each rule may hold because of the time, in milliseconds.
fn waits(rules: &[Rule]) -> Vec<u32> {
    // Timers may be early by a millisecond.
    let mut waits: Vec<u32> = rules.iter().map(|rule| rule.due_ms() + 20).collect();
    let longest = rules.iter().map(|rule| rule.visit_s * 1000).max().unwrap_or_default();
    let step = (longest / LOOKS).max(10_000);
    waits.extend((1..=longest.div_ceil(step)).map(|n| n * step + 20));
    waits.sort_unstable();
    waits.dedup();
    waits
}

#[cfg(test)]
mod tests {
    use super::{WORDS, condition, module, waits};
    use crate::app::new_site;
    use crate::domain::widget::{Rule, Words};

    #[test]
    fn a_page_looks_again_when_time_may_have_made_a_rule_true() {
        let rules = [Rule { page_s: 30, ..Rule::default() }, Rule { page_s: 10, ..Rule::default() }];
        assert_eq!(waits(&rules), [10_020, 30_020]);
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
        assert!(module(&site, &rules, "xx").contains(WORDS.of("en").text));
        assert!(condition(&site, &rules).contains(".visit\"]??="));
        assert!(!condition(&site, &[Rule::default()]).contains("sessionStorage"));
        assert!(module(&site, &rules, "zh-TW").contains("關閉"));
    }
}
