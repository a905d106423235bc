//! The generator's clock and the ids it makes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;
use uuid::{Builder, Uuid};

#[expect(clippy::disallowed_methods, reason = "a client measures with its own clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// A random conversation id, for peers that let the client choose it.
#[expect(clippy::disallowed_methods, reason = "a client makes its own ids")]
pub fn new_id() -> Uuid {
    Uuid::new_v4()
}

/// Makes a UUIDv7 for each message that carries the message's index in its last 32 bits, so that an answer leads
/// straight back to its place on the board.
pub struct Cids {
    run: [u8; 6],
    began: Duration,
    at: Instant,
}

impl Cids {
    #[expect(clippy::disallowed_methods, reason = "a client reads its own wall clock")]
    pub fn new() -> Self {
        let random = new_id().into_bytes();
        let run = [random[0], random[1], random[2], random[3], random[4], random[5]];
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { run, began, at: now() }
    }

    pub fn of(&self, index: u32) -> Uuid {
        let mut tail = [0; 10];
        tail[..6].copy_from_slice(&self.run);
        tail[6..].copy_from_slice(&index.to_be_bytes());
        let wall = self.began + self.at.elapsed();
        Builder::from_unix_timestamp_millis(u64::try_from(wall.as_millis()).unwrap_or(u64::MAX), &tail).into_uuid()
    }
}

/// The index that [`Cids::of`] hid in a cid.
pub fn index_in(cid: &str) -> Option<u32> {
    u32::from_str_radix(cid.get(cid.len().checked_sub(8)?..)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{Cids, index_in};

    #[test]
    fn a_cid_is_a_uuid_v7_and_remembers_its_index() {
        let cids = Cids::new();
        for index in [0, 1, 77, u32::MAX] {
            let cid = cids.of(index);
            assert_eq!(cid.get_version_num(), 7);
            assert_eq!(index_in(&cid.to_string()), Some(index));
        }
    }
}
