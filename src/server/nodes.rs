//! The other nodes: what they tell goes to whom it concerns on this one.

use crate::app::{self, App};
use crate::config::Roles;
use crate::domain::id::ConnectionId;
use crate::realtime::Line;
use crate::realtime::event::Item;
use crate::realtime::hub::{Listening, Topic};
use crate::realtime::mailbox::Mailbox;
use std::sync::Arc;

/// Listens to the other nodes until the server stops.
pub fn follow(app: &Arc<App>, line: Line) {
    let (roles, duties, hub) = (app.config.roles, duties(app), app.hub.clone());
    let weak = Arc::downgrade(app);
    let hear = move |topic, item| {
        if let Some(app) = weak.upgrade() {
            hear(&app, roles, topic, &item);
        }
    };
    app.tasks.spawn(tell_what_is_spent(Arc::clone(app)));
    let stopping = app.stopping.clone();
    app.tasks.spawn(async move {
        line.run(stopping, hear, move || hub.topics(), app::random_below).await;
        drop(duties);
    });
}

async fn tell_what_is_spent(app: Arc<App>) {
    let mut news = app.paces.tell_others();
    loop {
        let spent = tokio::select! {
            () = app.stopping.cancelled() => return,
            spent = news.recv() => spent,
        };
        let Some(spent) = spent else { return };
        app.hub.tell_others(Topic::Paces, &Item::Spent(spent));
    }
}

/// A node with a queue or with letters to send hears when there is work for it, and each what is used up elsewhere. Nothing is ever put into the mailbox.
fn duties(app: &App) -> Vec<Listening> {
    let mailbox = Arc::new(Mailbox::new(ConnectionId(app::new_id())));
    let roles = app.config.roles;
    let topics = [(roles.queue, Topic::Queue), (roles.mail, Topic::Mail), (true, Topic::Paces)];
    let ours = topics.into_iter().filter(|(is_ours, _)| *is_ours);
    ours.map(|(_, topic)| app.hub.listen(topic, &mailbox)).collect()
}

fn hear(app: &App, roles: Roles, topic: Topic, item: &Item) {
    match (topic, item) {
        (Topic::Queue, Item::Asked(conversation)) => app.signals.ask_position(*conversation),
        (Topic::Queue, _) => app.signals.queue.notify_one(),
        (Topic::Mail, _) => app.signals.mail.notify_one(),
        (_, Item::Spent(spent)) => app.paces.learn(*spent, app::instant()),
        // Places in line: a node with a queue of its own tells them itself.
        (_, Item::Frame { .. }) if roles.queue => {}
        _ => app.hub.tell_here(topic, item),
    }
}
