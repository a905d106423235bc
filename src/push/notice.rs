//! What a shopper is told, and where it leads.

use super::seal::PLAIN_MAX;
use crate::app::App;
use crate::conversations::site_by_id;
use crate::domain::id::SubscriptionId;
use crate::domain::site::Site;
use crate::domain::tongues::Table;
use crate::error::Result;
use crate::outbound;
use crate::presence::shoppers::{self, Presence};
use crate::store::push::{self as store, Answer, Browser, Push};
use crate::transcripts::one_line;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use url::Url;

/// Longest name of a shop and longest excerpt, in characters.
const NAME_MAX: usize = 80;
const TEXT_MAX: usize = 160;
/// How long a push service keeps it for a browser that is off, in seconds.
const TTL_S: i64 = 86_400;

/// One message for one browser, before it is sealed.
pub struct Notice {
    pub payload: Vec<u8>,
    pub browser: Browser,
    pub ttl_s: i64,
    /// Worth waking a telephone that saves its battery (RFC 8030, section 5.3).
    pub is_urgent: bool,
    pub topic: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    /// "You have a new answer from {}".
    new: &'static str,
}

static WORDS: LazyLock<Table<Words>> = LazyLock::new(|| Table::of_part("push"));

/// `None`: there is nothing to tell, or nobody to be told.
pub async fn notice(app: &App, push: &Push, subscription: SubscriptionId) -> Result<Option<Notice>> {
    let Some(answer) = store::answer(&app.db.read, push, subscription).await? else { return Ok(None) };
    if answer.text.is_none() || shoppers::of(app, push.conversation_id).await == Presence::Here {
        return Ok(None);
    }
    let site = site_by_id(app, push.site_id).await?;
    if !site.settings.notify.push {
        return Ok(None);
    }
    let payload = payload(&site, push, &answer);
    Ok(Some(Notice { payload, browser: answer.browser, ttl_s: TTL_S, is_urgent: false, topic: topic(push) }))
}

/// The message for the browser's worker, in JSON.
fn payload(site: &Site, push: &Push, answer: &Answer) -> Vec<u8> {
    let words = WORDS.of(&answer.locale);
    let short = |text: &str, most: usize| one_line(text).chars().take(most).collect::<String>();
    let title = words.new.replace("{}", &short(&site.name, NAME_MAX));
    let text = answer.text.as_deref().filter(|_| site.settings.notify.push_text);
    let notice = |url: &str| {
        json!({
            "title": title, "body": text.map(|text| short(text, TEXT_MAX)).unwrap_or_default(), "url": url,
            "tag": topic(push), "lang": words.lang, "dir": words.dir,
        })
    };
    let mut message = notice(&leads_to(site, answer)).to_string();
    if message.len() > PLAIN_MAX {
        message = notice(site.origins.first().map_or("", String::as_str)).to_string();
    }
    message.into_bytes()
}

/// Several for one conversation replace each other, at the push service (RFC 8030, section 5.4) and on the screen.
pub fn topic(push: &Push) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(push.conversation_id.0.as_bytes())[..16])
}

/// The page of the shop where the shopper was, without what a query may tell; its first origin where that is not known.
fn leads_to(site: &Site, answer: &Answer) -> String {
    let page = answer
        .page
        .as_deref()
        .and_then(|page| Url::parse(page).ok())
        .filter(|page| outbound::is_of(page, &site.origins));
    let Some(mut page) = page else { return site.origins.first().cloned().unwrap_or_default() };
    page.set_query(None);
    page.set_fragment(None);
    page.into()
}

#[cfg(test)]
mod tests {
    use super::{PLAIN_MAX, payload, topic};
    use crate::domain::id::{ConversationId, PushId, SiteId, SubscriptionId};
    use crate::store::push::{Answer, Browser, Push, To};
    use chrono::DateTime;
    use serde_json::Value;
    use uuid::Uuid;

    fn push() -> Push {
        Push {
            id: PushId(Uuid::nil()),
            site_id: SiteId(Uuid::nil()),
            conversation_id: ConversationId(Uuid::nil()),
            to: To::Shopper(SubscriptionId(Uuid::nil())),
            attempts: 1,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn answer(text: &str, page: Option<&str>) -> Answer {
        Answer {
            browser: Browser { endpoint: String::new(), p256dh: Vec::new(), auth: Vec::new() },
            locale: "de-AT".into(),
            text: Some(text.into()),
            page: page.map(Into::into),
        }
    }

    #[test]
    fn a_notification_tells_the_answer_only_where_the_shop_wants_it() {
        let mut site = crate::app::new_site("Tee & Zeug", vec!["https://shop.example".into()]);
        let read = |site: &_, answer: &_| serde_json::from_slice::<Value>(&payload(site, &push(), answer)).unwrap();
        let quiet = read(&site, &answer("geheim", None));
        assert_eq!(quiet["title"], "Sie haben eine neue Antwort von Tee & Zeug");
        assert_eq!(
            (&quiet["body"], &quiet["url"], &quiet["lang"]),
            (&"".into(), &"https://shop.example".into(), &"de".into())
        );
        site.settings.notify.push_text = true;
        assert_eq!(read(&site, &answer("eine\nAntwort", None))["body"], "eine Antwort");
        let long = payload(
            &site,
            &push(),
            &answer(&"😀".repeat(9_000), Some(&format!("https://shop.example/{}", "a".repeat(2_900)))),
        );
        assert!(long.len() <= PLAIN_MAX);
        assert!(topic(&push()).len() <= 32);
    }

    #[test]
    fn it_leads_to_a_page_of_the_shop_and_tells_no_query() {
        let site = crate::app::new_site("Shop", vec!["https://shop.example".into(), "https://www.shop.example".into()]);
        let leads = |page| {
            serde_json::from_slice::<Value>(&payload(&site, &push(), &answer("x", Some(page)))).unwrap()["url"].clone()
        };
        assert_eq!(leads("https://www.shop.example/lamp?token=1#x"), "https://www.shop.example/lamp");
        for strange in ["https://evil.example/", "javascript:alert(1)", "", "https://shop.example.evil.example/"] {
            assert_eq!(leads(strange), "https://shop.example", "{strange}");
        }
    }
}
