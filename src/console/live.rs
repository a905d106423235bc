//! The page's socket: what changes in the logs and lists a page shows, as operations on its HTML.
//!
//! Promises: each topic is authorised when it is asked for and again when the conversation changes hands; the entries of a
//! log arrive in order and without a gap, because every number is compared with the last one and the log is read where one is
//! missing; lists are drawn at most every 200 ms. May not: take commands, which are forms.

mod company;
mod looks;
mod ops;
mod peer;
mod reported;
mod rows;
mod said;
mod signals;
mod standing;
mod thread;
mod visits;

pub use ops::{Op, Ops};

use super::inbox::{List, View, Wish};
use super::rooms::Rooms;
use super::team::Wall;
use super::visitors;
use super::wall::{Subject, Watch};
use crate::app::{self, App};
use crate::auth::{SignedIn, session};
use crate::conversations;
use crate::domain::id::{ConnectionId, ConversationId, SiteId};
use crate::domain::mention::Called;
use crate::error::Result;
use crate::presence;
use crate::realtime::event::{Frame, Item, frame};
use crate::realtime::hub::{Listening, Topic};
use crate::realtime::mailbox::Mailbox;
use crate::shell::{Menu, offers};
use crate::store::{desk, people};
use crate::web::origin;
use crate::web::socket::{Closing, Life, Peer, close, code, drive, hello, limits};
use crate::words::{Key, ToArg};
use axum::extract::State;
use axum::extract::ws::{Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use company::Company;
use ops::bundle;
use rows::Rows;
use said::{Sub, Typing};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use thread::Thread;
use tokio::time::Instant;

/// Lists are drawn at most this often.
const CALM: Duration = Duration::from_millis(200);
/// Most topics of one page.
const TOPICS_MAX: usize = 16;

/// Opened by the console's own pages only: the cookie alone does not open it.
pub async fn open(
    State(app): State<Arc<App>>,
    who: SignedIn,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response> {
    origin::check_own(&app, &headers)?;
    let tasks = app.tasks.clone();
    Ok(limits(upgrade).on_upgrade(move |ws| tasks.track_future(run(app, who, ws))))
}

async fn run(app: Arc<App>, who: SignedIn, mut ws: WebSocket) {
    let agent = who.agent.id;
    let mailbox = Arc::new(Mailbox::new(ConnectionId(app::new_id())));
    let closing = match begin(&app, who, &mailbox, &mut ws).await {
        Ok(mut desk) => {
            metrics::gauge!("deskbell_sockets", "who" => "console").increment(1.0);
            let closing = drive(&app, &mut ws, &mailbox, &mut desk, Life::AGENT).await;
            metrics::gauge!("deskbell_sockets", "who" => "console").decrement(1.0);
            desk.goes().await;
            closing
        }
        Err(closing) => closing,
    };
    // It listens to nothing any more, which releasing looks at.
    tokio::join!(close(ws, closing), presence::release(&app, agent));
}

async fn begin(
    app: &Arc<App>,
    who: SignedIn,
    mailbox: &Arc<Mailbox>,
    ws: &mut WebSocket,
) -> std::result::Result<Desk, Closing> {
    let first = hello(ws, |text| Some(Utf8Bytes::from(text))).await?;
    let mut desk = Desk::new(app, who, mailbox).await.map_err(broken)?;
    presence::renew(app, desk.who.agent.id, mailbox.connection).await.map_err(broken)?;
    let mut out = vec![frame(&json!({ "ver": crate::shell::version() }))];
    desk.text(first, &mut out).await?;
    // What the first answer holds waits in the mailbox, so that it goes out like everything else.
    for frame in out {
        mailbox.push(Item::Frame { frame, lossy: false });
    }
    Ok(desk)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn broken(cause: crate::error::Error) -> Closing {
    tracing::warn!(error = cause.cause(), "a console socket could not be served");
    Closing { code: code::OVERLOAD, reason: "try again", retry_ms: Some(2_000) }
}

/// A change of nothing in particular.
fn look_again() -> Item {
    Item::Changed { site: SiteId(uuid::Uuid::nil()), conversation: ConversationId(uuid::Uuid::nil()) }
}

/// One page of an agent.
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that the page shows or does")]
struct Desk {
    app: Arc<App>,
    who: SignedIn,
    mailbox: Arc<Mailbox>,
    threads: Vec<Thread>,
    list: Option<(View, Wish)>,
    /// The rows of it that the page was told.
    rows: Rows,
    shows_wall: bool,
    shows_rooms: bool,
    /// The room that the page has open, also where it shows an older part of it.
    open_room: Option<ConversationId>,
    is_in_sight: bool,
    /// What is unread and how many wait, as the page was told it last.
    unread: Option<(Vec<desk::Unread>, i64)>,
    /// Something rang when it was last drawn.
    rings: bool,
    board: Option<Watch>,
    /// A drawing of the board is due soon.
    is_board_due: Arc<AtomicBool>,
    visitors: Option<visitors::Watch>,
    /// Who comes to the shops and goes, while the page shows it.
    visits: Vec<Listening>,
    /// And another when a wait comes to its target.
    is_turn_due: Arc<AtomicBool>,
    /// The menu of the agent's status, as the page was told last.
    menu: Option<Menu>,
    drawn_at: Option<Instant>,
    /// A drawing is due soon.
    is_due: Arc<AtomicBool>,
    /// Who comes and goes, while the page shows it.
    duty: Vec<Listening>,
    /// Who else has the conversations open that the page shows.
    company: Vec<Company>,
    _listening: Vec<Listening>,
}

impl Desk {
    async fn new(app: &Arc<App>, who: SignedIn, mailbox: &Arc<Mailbox>) -> Result<Self> {
        let sites = people::sites_of(&app.db.read, who.agent.id, who.agent.role).await?;
        let topics =
            sites.into_iter().map(Topic::Lists).chain([Topic::Agent(who.agent.id), Topic::Session(who.session)]);
        let mut listening: Vec<_> = topics.map(|topic| app.hub.listen(topic, mailbox)).collect();
        for topic in &mut listening {
            topic.heard().await;
        }
        Ok(Self {
            app: Arc::clone(app),
            who,
            mailbox: Arc::clone(mailbox),
            threads: Vec::new(),
            list: None,
            rows: Rows::default(),
            shows_wall: false,
            shows_rooms: false,
            open_room: None,
            is_in_sight: false,
            unread: None,
            rings: true,
            board: None,
            is_board_due: Arc::default(),
            is_turn_due: Arc::default(),
            visitors: None,
            visits: Vec::new(),
            menu: None,
            drawn_at: None,
            is_due: Arc::default(),
            duty: Vec::new(),
            company: Vec::new(),
            _listening: listening,
        })
    }

    /// Follows exactly these topics. What may not be seen is left out without a word.
    async fn subscribe(&mut self, subs: Vec<Sub>, out: &mut Vec<Frame>) -> Result<()> {
        // Kept until the new ones listen, so that nothing falls between the two.
        let _before = std::mem::take(&mut self.threads);
        (self.list, self.shows_wall, self.shows_rooms, self.board) = (None, false, false, None);
        (self.rows, self.visitors) = (Rows::default(), None);
        for sub in subs.into_iter().take(TOPICS_MAX) {
            match sub.topic.split_once(':') {
                Some(("list", list)) => {
                    let (view, wish) = list.split_once('?').unwrap_or((list, ""));
                    self.list = View::parse(view).map(|view| (view, Wish::parse(wish).unwrap_or_default()));
                }
                Some(("conv", id)) => {
                    let Ok(id) = id.parse() else { continue };
                    let thread = Thread::follow(&self.app, &self.who.agent, id, sub.after, &self.mailbox).await?;
                    let Some(mut thread) = thread else { continue };
                    if !thread.catch_up(&self.app, &self.who.agent, out).await? {
                        continue;
                    }
                    // The page may be older than this. Not at once: what it asked for comes first.
                    if !thread.is_room() {
                        self.mailbox.push(Item::Presence(id));
                    }
                    self.threads.push(thread);
                }
                Some(("rooms", open)) => (self.shows_rooms, self.open_room) = (true, open.parse().ok()),
                Some(("visitors", site)) => self.visitors = Some(visitors::Watch::new(site)),
                _ if sub.topic == "wall" => self.shows_wall = true,
                _ if self.who.agent.oversees() => self.board = Subject::parse(&sub.topic).map(Watch::new),
                _ => {}
            }
        }
        self.keep_company();
        self.tell_company_anew();
        self.hear_duty().await?;
        self.hear_visits().await?;
        self.draw(out).await?;
        self.draw_beside(out).await
    }

    async fn draw_calmly(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        let since = self.drawn_at.map_or(CALM, |at| app::instant() - at);
        if since >= CALM {
            return self.draw(out).await;
        }
        if !self.is_due.swap(true, Ordering::Relaxed) {
            let (mailbox, is_due) = (Arc::clone(&self.mailbox), Arc::clone(&self.is_due));
            self.app.tasks.spawn(async move {
                tokio::time::sleep(CALM.saturating_sub(since)).await;
                // Before the push: what changes from here on asks for a drawing of its own.
                is_due.store(false, Ordering::Relaxed);
                mailbox.push(look_again());
            });
        }
        Ok(())
    }

    async fn draw(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        let counts = desk::counts(&self.app.db.read, self.who.agent.id, self.who.agent.role).await?;
        let mut ops = Ops::default();
        for (name, count) in
            [("mine", counts.mine), ("unread", counts.unread), ("waiting", counts.waiting), ("rooms", counts.rooms)]
        {
            ops.push(Op::count(name, count));
        }
        self.tell_unread(counts, &mut ops).await?;
        let (app, agent, lang) = (&self.app, &self.who.agent, self.who.lang());
        let current = self.threads.first().map(|thread| thread.id);
        if let Some(list) = self.list {
            let list = List::read(app, agent, list, current, None).await?;
            self.rows.tell(lang, &list, &mut ops)?;
        }
        let offers = offers::ringing_at(app, lang, agent.id).await?;
        if !offers.is_empty() || self.rings {
            ops.push(Op::replace("#offers", offers::print(lang, &offers)?));
        }
        self.rings = !offers.is_empty();
        if self.shows_rooms {
            let rooms = Rooms::read(app, agent, self.open_room).await?;
            ops.push(Op::replace("#rooms", rooms.print(lang)?));
        }
        if self.shows_wall {
            let wall = Wall::read(app, &self.who).await?;
            ops.push(Op::replace("#wall", wall.print(lang)?));
        }
        standing::tell(lang, &mut self.menu, Menu::of(agent, counts.mine), &mut ops)?;
        out.push(bundle("list", None, &ops));
        self.drawn_at = Some(app::instant());
        conversations::delivered(app, agent.id).await
    }

    /// What changes at a conversation that the page shows.
    async fn of_thread(&mut self, id: ConversationId, item: &Item, out: &mut Vec<Frame>) -> Result<()> {
        let Some(thread) = self.threads.iter_mut().find(|thread| thread.id == id) else { return Ok(()) };
        match item {
            Item::Reached { upto, .. } => out.push(bundle(&thread::topic(id), None, &Ops::one(Op::reached(id, *upto)))),
            Item::Presence(_) => {
                thread.show_presence(&self.app, out).await?;
                thread.show_marks(&self.app, out).await?;
                // Nobody tells again of what was reported when that hint was lost.
                thread.show_reported(&self.app, &self.mailbox, out).await?;
            }
            _ => thread.show_reported(&self.app, &self.mailbox, out).await?,
        }
        Ok(())
    }

    async fn take(&mut self, item: Item, out: &mut Vec<Frame>) -> Result<()> {
        match item {
            Item::Event(published) => {
                let id = published.event.conversation;
                let Some(at) = self.threads.iter().position(|thread| thread.id == id) else { return Ok(()) };
                if !self.threads[at].deliver(&self.app, &self.who.agent, &published.event, out).await? {
                    self.threads.swap_remove(at);
                }
                self.hear_message(id, published.event.by, out)?;
            }
            Item::Signal(signal) => self.signal(&signal, out)?,
            Item::Colleague(said) => self.hear_colleague(&said, out)?,
            Item::Changed { .. } => {
                self.draw_calmly(out).await?;
                self.draw_beside(out).await?;
            }
            Item::Load(_) => self.draw_calmly(out).await?,
            Item::Unassigned { conversation, .. } => {
                self.look_at(conversation, out).await?;
                self.draw_calmly(out).await?;
            }
            Item::Assigned { given, by } => {
                let text = super::offers::came(&self.who, by.as_ref());
                self.call(given.conversation, &text, out).await?;
            }
            Item::Due(due) => {
                let text = self.who.lang().say(super::due::call(due.target, due.standing));
                self.call(due.conversation, &text, out).await?;
            }
            Item::Woken(conversation) => self.call(conversation, &self.who.lang().say("woken-call"), out).await?,
            Item::Mentioned { conversation, by, called } => {
                self.see_mentions().await?;
                // Two who look at their talk need no bell for each word.
                let is_read = called == Called::InTalk && self.looks_at(conversation);
                if !is_read {
                    let text = self.who.lang().say_with(Key::from(called).0, &[("name", by.to_arg())]);
                    out.push(bundle("list", None, &Ops::one(Op::call(conversation, &text))));
                }
                self.draw_calmly(out).await?;
            }
            Item::Offered(ringing) => {
                out.push(bundle("list", None, &Ops::one(Op::event("offered", ringing.id))));
                self.draw(out).await?;
            }
            Item::Standing => {
                self.who = session::load(&self.app, self.who.agent.id, self.who.session).await?;
                self.draw(out).await?;
            }
            Item::Wake | Item::Visits => self.draw_beside(out).await?,
            Item::Head { conversation, seq, .. } => self.compare(conversation, seq, out).await?,
            Item::Rights => self.look_again(out).await?,
            Item::Frame { frame, .. } => out.push(frame),
            Item::Presence(id) | Item::Reported(id) | Item::Reached { conversation: id, .. } => {
                self.of_thread(id, &item, out).await?;
            }
            Item::Asked(_) | Item::Spent(_) | Item::SignedOut | Item::Blocked => {}
        }
        Ok(())
    }

    /// Something calls for whoever is here, and the lists are others.
    async fn call(&mut self, conversation: ConversationId, text: &str, out: &mut Vec<Frame>) -> Result<()> {
        out.push(bundle("list", None, &Ops::one(Op::call(conversation, text))));
        self.draw_calmly(out).await
    }
}
