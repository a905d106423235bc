//! A connection that is not waited for without end: whoever takes nothing of what they asked for is left.

use crate::app;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// So long a connection may take none of the bytes that wait for it. Sockets of chats are given up sooner by their own pings.
const TAKES_NOTHING: Duration = Duration::from_mins(1);

pub struct Patient {
    stream: TcpStream,
    /// Only while something waits, so that silent connections carry no timer.
    patience: Option<Pin<Box<Sleep>>>,
    most: Duration,
}

impl Patient {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, patience: None, most: TAKES_NOTHING }
    }

    fn waited<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.patience = None;
            return written;
        }
        let most = self.most;
        let fresh = || Box::pin(tokio::time::sleep_until(app::instant() + most));
        match self.patience.get_or_insert_with(fresh).as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.waited(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.waited(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::Patient;
    use std::io::ErrorKind;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    async fn pair(most: Duration) -> (Patient, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (here, _) = listener.accept().await.unwrap();
        (Patient { most, ..Patient::new(here) }, there)
    }

    #[tokio::test]
    async fn whoever_takes_nothing_is_left_and_whoever_takes_a_little_is_not() {
        let (mut here, there) = pair(Duration::from_millis(50)).await;
        let much = vec![0; 64 * 1024 * 1024];
        let error = here.write_all(&much).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        drop(there);
        let (mut here, mut there) = pair(Duration::from_secs(20)).await;
        let reading = async {
            let mut buffer = vec![0; 1024 * 1024];
            let mut read = 0;
            while read < much.len() {
                read += there.read(&mut buffer).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(here.write_all(&much), reading);
        written.unwrap();
    }
}
