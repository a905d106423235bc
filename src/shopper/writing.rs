//! A shopper's message on its way into a conversation, into one that has just ended as well where the message asks for it.

use super::verbs::{Caller, refuse};
use crate::app::App;
use crate::conversations::{self, Act, Said};
use crate::domain::conversation::Refusal;
use crate::domain::id::{ClientId, ConversationId, ShopperId};
use crate::error::Result;
use crate::realtime::event::{Frame, Item};
use crate::realtime::mailbox::Mailbox;
use crate::store::append::Outcome;
use crate::store::in_time;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Where the answer is to wait for its turn.
const AWAY: Refusal = Refusal::Unavailable(Duration::from_secs(2));

/// A message that came too late for its conversation.
struct Late {
    app: Arc<App>,
    shopper: ShopperId,
    act: Act,
    said: Said,
    ip: IpAddr,
    by_link: bool,
}

impl Late {
    async fn reopen(&self) -> Result<Outcome> {
        conversations::reopen(&self.app, (&self.act, self.shopper), &self.said, (self.ip, self.by_link)).await
    }
}

impl Caller {
    fn late(&self, act: Act, said: Said) -> Late {
        let by_link = self.only.is_some();
        Late { app: Arc::clone(&self.app), shopper: self.shopper, act, said, ip: self.ip, by_link }
    }

    /// Without waiting: what is left to say comes through the mailbox, as the acknowledgement does in its place among the
    /// events.
    pub fn post(&self, mailbox: &Arc<Mailbox>, to: ConversationId, (cid, reopen): (ClientId, bool), said: &Said) {
        let (act, answers, mailbox) = (self.act(to, Some(cid)), self.for_answers(), Arc::clone(mailbox));
        let late = reopen.then(|| self.late(act.clone(), said.clone()));
        conversations::post(&self.app, &act, said, move |outcome| {
            let push = move |frame: Option<Frame>| {
                if let Some(frame) = frame {
                    mailbox.push(Item::Frame { frame, lossy: false });
                }
            };
            match (outcome, late) {
                (Outcome::Refused(Refusal::Closed), Some(late)) => {
                    let tasks = late.app.tasks.clone();
                    tasks.spawn(async move {
                        let reopened = in_time(late.reopen()).await;
                        push(
                            reopened.map_or_else(|_| Some(refuse(cid, &AWAY)), |outcome| answers.answer(cid, outcome)),
                        );
                    });
                }
                (outcome, _) => push(answers.answer(cid, outcome)),
            }
        });
    }

    /// Waits for the answer.
    pub async fn post_and_wait(
        &self,
        to: ConversationId,
        (cid, reopen): (ClientId, bool),
        said: &Said,
    ) -> Result<Option<Frame>> {
        let act = self.act(to, Some(cid));
        let outcome = match conversations::post_and_wait(&self.app, &act, said).await {
            Outcome::Refused(Refusal::Closed) if reopen => self.late(act, said.clone()).reopen().await?,
            outcome => outcome,
        };
        Ok(self.for_answers().answer(cid, outcome))
    }

    /// Where nothing is open: into what ended last, if that was lately. `None`: something new is to be opened.
    pub async fn reopen_latest(&self, cid: ClientId, said: &Said) -> Result<Option<Outcome>> {
        let Some(id) = self.latest(None).await? else { return Ok(None) };
        let outcome = self.late(self.act(id, Some(cid)), said.clone()).reopen().await?;
        Ok(Some(outcome).filter(|outcome| !matches!(outcome, Outcome::Refused(Refusal::Closed))))
    }
}
