//! Newtyped ids, so that a site can never be passed where a shopper is meant.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    SiteId,
    TeamId,
    AgentId,
    CannedId,
    MacroId,
    ShopperId,
    ConversationId,
    EventId,
    /// Made by the client when the person presses send; the same message sent again carries the same one.
    ClientId,
    /// One socket.
    ConnectionId,
    /// One signed-in browser or API client of an agent.
    SessionId,
    LetterId,
    /// An address of another program that is told what happens.
    WebhookId,
    /// Random, unlike the others: it is part of an address that people are given.
    FileId,
    /// A browser that agreed to notifications.
    SubscriptionId,
    /// A browser of one of the staff that agreed to notifications.
    BrowserId,
    /// One notification to one browser.
    PushId,
    TagId,
    /// That contacts were merged or separated.
    ChangeId,
    BlockId,
    /// One running server process.
    NodeId,
    /// Which history of the database this is; a restore from backup begins another.
    Epoch,
}
