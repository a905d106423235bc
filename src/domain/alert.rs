//! What may call an agent who does not look at the console.

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum What {
    /// A shopper wrote in a chat of theirs, and nobody has seen it.
    Message,
    /// A chat rings at them.
    Offer,
    /// A colleague's note calls them by name.
    Mention,
}

impl What {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Offer => "offer",
            Self::Mention => "mention",
        }
    }
}
