//! What another node committed, and then died before it could tell anybody; and a database that hangs at one place.

use super::{Desk, eventually};
use deskbell::app;
use deskbell::domain::event::{Author, Draft, Kind};
use deskbell::domain::id::{ConversationId, EventId, TeamId};
use deskbell::store::conversations::{Effect, Move, RecallRule, apply};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};
use uuid::Uuid;

fn draft(kind: Kind, data: Option<Value>) -> Draft {
    let id = EventId(app::new_id());
    Draft {
        id,
        cid: None,
        kind,
        by: Author::System,
        by_name: String::new(),
        body: None,
        data,
        files: Vec::new(),
        internal: false,
        oversees: false,
    }
}

impl Desk {
    async fn commit_untold(&self, chat: &str, draft: Draft, effect: Effect) {
        let conversation = ConversationId(chat.parse().unwrap());
        let at = self.app.clock.now();
        let step = Move { site: self.site.id, conversation, draft, generation: None, at, effect };
        apply(&self.app.db, step).await.unwrap();
    }

    pub async fn close_untold(&self, chat: &str) {
        let draft = draft(Kind::Closed, Some(json!({ "reason": "idle" })));
        self.commit_untold(chat, draft, Effect::Close { transcript_to: None }).await;
    }

    /// Handed over to a team, with a note for it.
    pub async fn transfer_untold(&self, chat: &str, team: TeamId, note: &str) {
        let note = Draft { body: Some(note.to_owned()), internal: true, ..draft(Kind::Note, None) };
        self.commit_untold(chat, draft(Kind::Transferred, None), Effect::ToLine { team: Some(team), note: Some(note) })
            .await;
    }

    pub async fn recall_untold(&self, chat: &str, event: &str) {
        let (target, rule) = (event.parse().unwrap(), RecallRule { may_recall_any: true, written_after: None });
        let draft = draft(Kind::Recalled, Some(json!({ "target": event })));
        self.commit_untold(chat, draft, Effect::Recall { target, rule, instead: None }).await;
    }

    /// From now on reading this event takes longer than anybody waits, until [`Desk::let_go`].
    pub async fn hold(&self, event: &str) {
        let statements = "create table held (event uuid);
            create function is_read(event uuid) returns boolean language plpgsql as $$ begin
                if exists (select from held h where h.event = $1) then perform pg_sleep(4); end if;
                return true;
            end $$;
            alter table events rename to events_stored;
            create view events as select * from events_stored where is_read(id)";
        self.app.db.read.execute(statements).await.unwrap();
        let event = event.parse::<Uuid>().unwrap();
        sqlx::query("insert into held values ($1)").bind(event).execute(&self.app.db.read).await.unwrap();
    }

    /// Once somebody waits for the held event: whoever reads it after this does not.
    pub async fn let_go(&self) {
        self.waiting("wait_event = 'PgSleep'", "").await;
        sqlx::query("delete from held").execute(&self.app.db.read).await.unwrap();
    }

    /// Until a statement that begins like this waits for a lock; gives the process that runs it.
    pub async fn waits_for_lock(&self, statement: &str) -> i32 {
        self.waiting("wait_event_type = 'Lock'", statement).await
    }

    async fn waiting(&self, reason: &str, statement: &str) -> i32 {
        let query = format!(
            "select pid from pg_stat_activity where datname = current_database() and {reason} and starts_with(query, $1) limit 1"
        );
        eventually(&format!("somebody waits: {statement}"), async || {
            let asked = sqlx::query_scalar(AssertSqlSafe(query.clone())).bind(statement);
            asked.fetch_optional(&self.app.db.read).await.unwrap()
        })
        .await
    }
}
