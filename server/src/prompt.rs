//! Connections that say nothing: until enough is heard to tell HTTP/1 from HTTP/2 no timer of the HTTP
//! library runs, so this one does. Without it a stranger holds a file for each silent connection, for ever.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::limits;

/// What an HTTP/2 client sends first (RFC 9113 section 3.4); the first other byte means HTTP/1.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Accepts as `inner` does, and cuts connections that do not begin to speak in time.
#[derive(Debug, Clone)]
pub struct PromptAcceptor<A>(pub A);

impl<A, I, S> Accept<I, S> for PromptAcceptor<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
{
    type Stream = Prompt<A::Stream>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let accepted = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            Ok((Prompt::new(stream), service))
        })
    }
}

/// A connection with a deadline for its first words.
#[derive(Debug)]
pub struct Prompt<I> {
    stream: I,
    /// How much of the preface was heard, and when patience ends; none once the version is known.
    waiting: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<I> Prompt<I> {
    fn new(stream: I) -> Self {
        Self {
            stream,
            waiting: Some((0, Box::pin(sleep(limits::HEAD_READ_TIMEOUT)))),
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        if let Some((heard, _)) = &mut self.waiting {
            let rest = &PREFACE[*heard..];
            *heard += bytes.len();
            if bytes.len() >= rest.len() || !rest.starts_with(bytes) {
                self.waiting = None;
            }
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Prompt<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        match polled {
            Poll::Ready(Ok(())) => self.hear(&buffer.filled()[before..]),
            Poll::Pending => {
                if let Some((_, patience)) = &mut self.waiting
                    && patience.as_mut().poll(context).is_ready()
                {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
            Poll::Ready(Err(_)) => {}
        }
        polled
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Prompt<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
