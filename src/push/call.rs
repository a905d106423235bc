//! What an agent is told, and where it leads.

use super::notice::{Notice, topic};
use super::seal::PLAIN_MAX;
use crate::app::App;
use crate::domain::alert::What;
use crate::domain::id::BrowserId;
use crate::domain::people::Status;
use crate::error::Result;
use crate::store::push::Push;
use crate::store::push::agents::{self as store, Call};
use crate::store::{mentions, people};
use crate::transcripts::one_line;
use crate::words::{Key, Lang, ToArg};
use chrono::{DateTime, Utc};
use serde_json::json;

/// Longest name and longest excerpt, in characters.
const NAME_MAX: usize = 80;
const TEXT_MAX: usize = 160;
/// How long a push service keeps it for a browser that is off, in seconds: a shopper who wrote an hour ago has gone on.
const MESSAGE_TTL_S: i64 = 3_600;
const MENTION_TTL_S: i64 = 86_400;

/// `None`: there is nothing to tell, or they are not to be disturbed any more.
pub async fn notice(app: &App, push: &Push, (browser, what): (BrowserId, What)) -> Result<Option<Notice>> {
    let now = app.clock.now();
    let Some(call) = store::call(&app.db.read, push, (browser, what), now).await? else { return Ok(None) };
    let is_at_work = matches!(Status::of(call.available, call.off_as), Status::Available | Status::Busy);
    let Some(text) = call.text.as_deref().filter(|_| is_at_work && !call.is_looking) else { return Ok(None) };
    if what == What::Mention && !may_see(app, push, &call).await? {
        return Ok(None);
    }
    let ttl_s = match what {
        What::Message => MESSAGE_TTL_S,
        What::Mention => MENTION_TTL_S,
        What::Offer => call.until.map_or(0, |until| left_s(until, now)),
    };
    let payload = payload(push, what, &call, text);
    Ok(Some(Notice { payload, browser: call.browser, ttl_s, is_urgent: what != What::Mention, topic: topic(push) }))
}

fn left_s(until: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (until - now).num_seconds().max(0)
}

/// Whoever may not open the conversation any more is not told of it, now or later.
async fn may_see(app: &App, push: &Push, call: &Call) -> Result<bool> {
    let (db, agent, conversation) = (&app.db.read, call.agent_id, push.conversation_id);
    let may = people::may_see(db, agent, call.role, conversation).await?.is_some();
    if !may {
        mentions::seen(db, agent, (conversation, i64::MAX), app.clock.now()).await?;
    }
    Ok(may)
}

/// The message for the console's worker, in JSON. Whoever wants nothing shown of what was written is told no name either.
fn payload(push: &Push, what: What, call: &Call, text: &str) -> Vec<u8> {
    let lang = call.locale.as_deref().and_then(Lang::named).unwrap_or_default();
    let is_discreet = call.prefs.is_discreet;
    let short = |text: &str, most: usize| one_line(text).chars().take(most).collect::<String>();
    let known = short(call.name.as_deref().unwrap_or_default(), NAME_MAX);
    let name = if known.is_empty() { lang.say("visitor") } else { known };
    let title = match what {
        What::Message if is_discreet => lang.say("alert-message-plain"),
        What::Message => lang.say_with("alert-message", &[("name", name.to_arg())]),
        What::Offer if is_discreet => lang.say("alert-offer-plain"),
        What::Offer => lang.say_with("alert-offer", &[("name", name.to_arg())]),
        What::Mention => lang.say_with(Key::from(call.called).0, &[("name", name.to_arg())]),
    };
    let body = if is_discreet { String::new() } else { short(text, TEXT_MAX) };
    let message = |body: &str| {
        json!({
            "title": title, "body": body, "url": format!("/console/c/{}", push.conversation_id),
            "tag": push.conversation_id, "lang": lang.tag(), "dir": lang.dir(),
        })
        .to_string()
    };
    let whole = message(&body);
    if whole.len() > PLAIN_MAX { message("") } else { whole }.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Call, PLAIN_MAX, payload};
    use crate::domain::alert::What;
    use crate::domain::id::{AgentId, BrowserId, ConversationId, PushId, SiteId};
    use crate::domain::mention::Called;
    use crate::domain::people::{Role, Status};
    use crate::domain::prefs::Prefs;
    use crate::store::push::{Browser, Push, To};
    use chrono::DateTime;
    use serde_json::Value;
    use uuid::Uuid;

    fn told(what: What, name: Option<&str>, is_discreet: bool, locale: &str, text: &str) -> Value {
        let push = Push {
            id: PushId(Uuid::nil()),
            site_id: SiteId(Uuid::nil()),
            conversation_id: ConversationId(Uuid::nil()),
            to: To::Agent(BrowserId(Uuid::nil()), what),
            attempts: 1,
            created_at: DateTime::UNIX_EPOCH,
        };
        let call = Call {
            browser: Browser { endpoint: String::new(), p256dh: Vec::new(), auth: Vec::new() },
            agent_id: AgentId(Uuid::nil()),
            role: Role::Agent,
            available: true,
            off_as: Status::Busy,
            locale: Some(locale.into()),
            prefs: Prefs { is_discreet, ..Prefs::default() },
            is_looking: false,
            name: name.map(str::to_owned),
            called: Called::InNote,
            text: None,
            until: None,
        };
        let message = payload(&push, what, &call, text);
        assert!(message.len() <= PLAIN_MAX);
        serde_json::from_slice(&message).unwrap()
    }

    #[test]
    fn who_wants_nothing_shown_is_told_neither_name_nor_text() {
        let open = told(What::Message, Some("Li Wei"), false, "en", "how\ntall?");
        assert_eq!(open["title"], "Li Wei writes");
        assert_eq!((&open["body"], &open["dir"]), (&"how tall?".into(), &"ltr".into()));
        assert_eq!(open["url"], format!("/console/c/{}", Uuid::nil()));
        for what in [What::Message, What::Offer, What::Mention] {
            let told = told(what, Some("secret"), true, "ar", "secret").to_string();
            assert_eq!(told.contains("secret"), what == What::Mention, "{told}");
        }
        let nobody = told(What::Offer, Some("\n"), false, "de", "");
        assert!(nobody["title"].as_str().unwrap().contains("Besucher"), "{nobody}");
        told(What::Message, Some(&"😀".repeat(9_000)), false, "zh-CN", &"😀".repeat(9_000));
    }
}
