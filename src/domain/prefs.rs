//! How somebody of the staff likes their console.

use serde::{Deserialize, Serialize};

/// What calls them, each with a sound of its own.
pub const SOUNDS: [&str; 4] = ["offer", "chat", "message", "queue"];

/// How long a reply is held back, in seconds, so that it can be taken back before it leaves; 0: not at all.
pub const HOLDS: [u8; 3] = [0, 3, 5];

/// How many seconds nobody has seen something before a browser of theirs is sent a notification; 0: never.
pub const PUSHES: [u16; 5] = [0, 10, 30, 60, 120];

/// How many minutes before they are written to; 0: never.
pub const MAILS: [u16; 5] = [0, 2, 5, 15, 30];

#[expect(clippy::struct_excessive_bools, reason = "each is one box to tick")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prefs {
    /// Keys without Ctrl or Alt do something (WCAG 2.1.4: they can be switched off).
    pub keys: bool,
    /// Enter sends; else Ctrl+Enter does.
    pub enter_sends: bool,
    /// Of [`HOLDS`].
    pub hold_s: u8,
    /// Of [`SOUNDS`]: those that are heard.
    pub sounds: Vec<String>,
    /// The browser shows a notification while nobody looks at the console.
    pub notifies: bool,
    /// And what it shows says nothing of what was written.
    pub is_discreet: bool,
    /// Of [`PUSHES`].
    pub push_after_s: u16,
    /// Of [`MAILS`].
    pub mail_after_min: u16,
}

impl Default for Prefs {
    fn default() -> Self {
        Self {
            keys: true,
            enter_sends: true,
            hold_s: 0,
            sounds: SOUNDS.map(str::to_owned).to_vec(),
            notifies: false,
            is_discreet: false,
            push_after_s: 30,
            mail_after_min: 5,
        }
    }
}

impl Prefs {
    pub fn hears(&self, sound: &str) -> bool {
        self.sounds.iter().any(|heard| heard == sound)
    }
}
