//! How much of a request's body may come, and how slowly: an upload that trickles or never ends is ended here.

use crate::app;
use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::Stream;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// In each span at least so many bytes come.
const SPAN: Duration = Duration::from_secs(10);
const LEAST: u64 = 8 * 1024;
/// Most bytes given that nobody has read yet: whoever reads a form keeps a part's head until it ends, if it ever does.
const UNREAD_MAX: u64 = 512 * 1024;

/// Why a body was cut off. Multipart readers wrap errors in their own, so that it is also noted here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    TooSlow,
    TooLong,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::TooSlow { "too slow" } else { "too long" })
    }
}

impl std::error::Error for Cut {}

/// What became of a body, for whoever only sees that reading it failed.
#[derive(Clone, Default)]
pub struct Noted(Arc<Notes>);

#[derive(Default)]
struct Notes {
    cut: AtomicU8,
    read: AtomicU64,
}

impl Noted {
    pub fn cut(&self) -> Option<Cut> {
        match self.0.cut.load(Ordering::Relaxed) {
            1 => Some(Cut::TooSlow),
            2 => Some(Cut::TooLong),
            _ => None,
        }
    }

    /// So many bytes of the body were read to some purpose.
    pub fn read(&self, bytes: usize) {
        self.0.read.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

struct Metered {
    body: BodyDataStream,
    left: u64,
    given: u64,
    /// Readers of forms take all there is before they look at any of it: they are given one piece at a time.
    is_turn_over: bool,
    /// Bytes since the span began.
    came: u64,
    until: Pin<Box<Sleep>>,
    noted: Noted,
}

/// The body, cut off after `most` bytes or when it comes too slowly.
pub fn metered(body: Body, most: u64) -> (Body, Noted) {
    let noted = Noted::default();
    let until = Box::pin(tokio::time::sleep_until(app::instant() + SPAN));
    let metered = Metered {
        body: body.into_data_stream(),
        left: most,
        given: 0,
        is_turn_over: false,
        came: 0,
        until,
        noted: noted.clone(),
    };
    (Body::from_stream(metered), noted)
}

impl Metered {
    fn cut(&self, cut: Cut) -> Cut {
        self.noted.0.cut.store(if cut == Cut::TooSlow { 1 } else { 2 }, Ordering::Relaxed);
        cut
    }

    /// `true`: a span has ended in which too little came.
    fn is_slow(&mut self, now: Instant, cx: &mut Context<'_>) -> bool {
        while self.until.as_mut().poll(cx).is_ready() {
            if self.came < LEAST {
                return true;
            }
            self.came = 0;
            self.until.as_mut().reset(now + SPAN);
        }
        false
    }
}

impl Stream for Metered {
    type Item = Result<Bytes, axum::BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_slow(app::instant(), cx) {
            return Poll::Ready(Some(Err(self.cut(Cut::TooSlow).into())));
        }
        if std::mem::take(&mut self.is_turn_over) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(match ready!(Pin::new(&mut self.body).poll_next(cx)) {
            Some(Ok(bytes)) => {
                let size = bytes.len() as u64;
                (self.came, self.given, self.is_turn_over) = (self.came + size, self.given + size, true);
                let unread = self.given.saturating_sub(self.noted.0.read.load(Ordering::Relaxed));
                match self.left.checked_sub(size).filter(|_| unread <= UNREAD_MAX) {
                    Some(left) => {
                        self.left = left;
                        Some(Ok(bytes))
                    }
                    None => Some(Err(self.cut(Cut::TooLong).into())),
                }
            }
            Some(Err(error)) => Some(Err(error.into())),
            None => None,
        })
    }
}
