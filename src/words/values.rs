//! What values of the domain are called.

use super::{Arg, Key, ToArg, Word};
use crate::domain::conversation::State;
use crate::domain::mention::Called;
use crate::domain::people::{Role, Status};
use crate::domain::ticket;

macro_rules! words {
    ($kind:ty { $($value:pat => $key:literal),+ $(,)? }) => {
        impl From<$kind> for Key {
            fn from(value: $kind) -> Self {
                Self(match value { $($value => $key),+ })
            }
        }

        impl Word for $kind {
            fn key(&self) -> &str {
                Key::from(*self).0
            }
        }

        impl ToArg for $kind {
            fn to_arg(&self) -> Arg<'_> {
                Arg::Word(Key::from(*self).0)
            }
        }
    };
}

words!(Status {
    Status::Available => "status-available",
    Status::Busy => "status-busy",
    Status::Away => "status-away",
    Status::Offline => "status-offline",
});

words!(State {
    State::Waiting => "state-waiting",
    State::Active => "state-active",
    State::Closed => "state-closed",
    State::Ticketed => "state-mailed",
    State::Room => "state-room",
});

words!(Called {
    Called::InNote => "mention-came",
    Called::InRoom => "mention-came-room",
    Called::InTalk => "talk-came",
});

words!(Role {
    Role::Agent => "role-agent",
    Role::Supervisor => "role-supervisor",
    Role::Admin => "role-admin",
});

words!(ticket::Status {
    ticket::Status::Open => "ticket-open",
    ticket::Status::Pending => "ticket-pending",
    ticket::Status::Solved => "ticket-solved",
});
