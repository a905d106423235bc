//! What a page says, what it is told, and its heartbeat.

use super::said::Said;
use super::{Desk, broken, look_again};
use crate::error::Error;
use crate::presence;
use crate::realtime::event::{Frame, Item, frame};
use crate::store::in_time;
use crate::web::socket::{Closing, Flow, Peer, again_soon, code};
use axum::extract::ws::Utf8Bytes;
use serde_json::json;

impl Peer for Desk {
    async fn text(&mut self, text: Utf8Bytes, out: &mut Vec<Frame>) -> Flow {
        let Ok(said) = serde_json::from_str::<Said>(&text) else {
            return Err(Closing::new(code::PROTOCOL, "this frame is not in the contract"));
        };
        if let Some(subs) = said.sub {
            self.subscribe(subs, out).await.map_err(broken)?;
        }
        if let Some(typing) = said.typing
            && let Err(error) = in_time(self.typing(&typing)).await
        {
            tracing::debug!(error = error.cause(), "typing not shown");
        }
        if said.input
            && let Err(error) = in_time(presence::touch(&self.app, self.who.agent.id)).await
        {
            tracing::debug!(error = error.cause(), "input not noted");
        }
        if let Some(visible) = said.visible
            && let Err(error) = in_time(self.come_into_sight(visible)).await
        {
            tracing::debug!(error = error.cause(), "whether a page is in sight was not noted");
        }
        if said.probe {
            out.push(frame(&json!({ "alive": true })));
        }
        Ok(())
    }

    async fn item(&mut self, item: Item, out: &mut Vec<Frame>) -> Flow {
        let again = item.clone();
        match in_time(self.take(item, out)).await {
            // What was shown already is remembered as shown: taking it again shows the rest.
            Err(Error::Unavailable { .. }) => {
                again_soon(&self.app, &self.mailbox, again);
                Ok(())
            }
            Err(Error::SignIn) => Err(Closing::new(code::AUTHENTICATION, "signed out")),
            taken => {
                self.keep_company();
                taken.map_err(broken)
            }
        }
    }

    async fn alive(&mut self) -> Flow {
        match in_time(self.look_who()).await {
            Ok(()) => {}
            Err(Error::SignIn) => return Err(Closing::new(code::AUTHENTICATION, "signed out")),
            // The page stays, and the next heartbeat asks again.
            Err(error @ Error::Unavailable { .. }) => {
                tracing::warn!(error = error.cause(), "session not checked, lease not renewed");
            }
            Err(error) => return Err(broken(error)),
        }
        self.pass_company();
        // What only the passing of time changes, and what was not heard: a wall looks again at each heartbeat.
        let looks_again = self.shows_wall || self.shows_rooms || self.board.is_some() || self.visitors.is_some();
        if looks_again || self.rings {
            self.mailbox.push(look_again());
        }
        Ok(())
    }
}
