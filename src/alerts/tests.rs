use super::{Call, may_mail, wants_mail, wants_push};
use crate::domain::alert::What;
use crate::domain::id::{AgentId, ConversationId, SiteId};
use crate::domain::people::Status;
use crate::domain::prefs::Prefs;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2026-11-26T09:00:00Z".parse().unwrap()
}

fn ago(seconds: i64) -> DateTime<Utc> {
    now() - TimeDelta::seconds(seconds)
}

/// A message that came so many seconds ago to somebody who is here, and looks elsewhere.
fn call(seconds: i64) -> Call {
    Call {
        agent_id: AgentId(Uuid::nil()),
        what: What::Message,
        site_id: SiteId(Uuid::nil()),
        conversation_id: ConversationId(Uuid::nil()),
        since: ago(seconds),
        upto: 7,
        email: "ana@shop.example".into(),
        prefs: Prefs::default(),
        available: true,
        off_as: Status::Busy,
        here_until: Some(now() + TimeDelta::seconds(20)),
        is_looking: false,
        has_browser: true,
        pushed_upto: 0,
        pushed_at: None,
        mailed_upto: 0,
        read_upto: 3,
    }
}

fn status(call: Call, status: Status) -> Call {
    Call { available: status == Status::Available, off_as: status, ..call }
}

#[test]
fn a_notification_waits_for_whoever_is_here_and_not_for_whoever_is_not() {
    let pushed = |call: &Call| wants_push(call, now());
    assert!(!pushed(&call(29)) && pushed(&call(30)), "here, and out of sight");
    assert!(!pushed(&Call { is_looking: true, ..call(600) }), "a page is in sight");
    assert!(pushed(&Call { here_until: None, ..call(0) }), "never here");
    assert!(pushed(&Call { here_until: Some(ago(5)), ..call(0) }), "gone");
    assert!(!pushed(&Call { here_until: Some(ago(4)), ..call(0) }), "a page that is loaded again");
    assert!(!pushed(&Call { has_browser: false, ..call(60) }));
    let prefs = |push_after_s| Prefs { push_after_s, ..Prefs::default() };
    assert!(!pushed(&Call { prefs: prefs(0), here_until: None, ..call(600) }), "switched off");
    assert!(pushed(&Call { prefs: prefs(10), ..call(10) }));
    for (chosen, is_told) in
        [(Status::Available, true), (Status::Busy, true), (Status::Away, false), (Status::Offline, false)]
    {
        for what in [What::Message, What::Offer, What::Mention] {
            assert_eq!(pushed(&status(Call { what, ..call(60) }, chosen)), is_told, "{what:?} {chosen:?}");
        }
    }
}

#[test]
fn what_rings_does_not_wait_and_what_was_told_is_told_again_after_a_minute_where_there_is_more() {
    let pushed = |call: &Call| wants_push(call, now());
    assert!(pushed(&Call { what: What::Offer, ..call(0) }));
    assert!(!pushed(&Call { what: What::Offer, is_looking: true, ..call(0) }));
    assert!(!pushed(&Call { pushed_upto: 7, pushed_at: Some(ago(600)), ..call(900) }), "told");
    assert!(!pushed(&Call { pushed_upto: 6, pushed_at: Some(ago(59)), ..call(900) }), "a moment ago");
    assert!(pushed(&Call { pushed_upto: 6, pushed_at: Some(ago(60)), ..call(900) }));
    assert!(pushed(&Call { pushed_upto: 3, pushed_at: Some(ago(9)), ..call(60) }), "that was seen");
}

#[test]
fn a_letter_is_for_all_that_is_unseen_and_disturbs_whoever_is_away_for_their_own_chats_alone() {
    let mailed = |call: &Call| may_mail(call) && wants_mail(call, now());
    assert!(!mailed(&call(299)) && mailed(&call(300)));
    assert!(mailed(&Call { is_looking: true, ..call(300) }), "in sight, and not seen");
    assert!(!mailed(&Call { mailed_upto: 5, ..call(900) }), "more came, and nobody has looked since the letter");
    assert!(mailed(&Call { mailed_upto: 3, ..call(900) }), "seen since");
    assert!(!mailed(&Call { what: What::Offer, ..call(900) }));
    assert!(mailed(&Call { what: What::Mention, read_upto: 0, ..call(300) }));
    assert!(!mailed(&Call { what: What::Mention, read_upto: 0, mailed_upto: 7, ..call(900) }));
    assert!(mailed(&Call { what: What::Mention, read_upto: 0, mailed_upto: 6, ..call(900) }), "another note");
    let off = Prefs { mail_after_min: 0, ..Prefs::default() };
    assert!(!mailed(&Call { prefs: off, ..call(9_000) }));
    for chosen in [Status::Away, Status::Offline] {
        assert!(mailed(&status(call(300), chosen)), "their own chat");
        assert!(!mailed(&status(Call { what: What::Mention, ..call(300) }, chosen)));
    }
}
