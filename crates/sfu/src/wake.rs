//! Waking a thread that waits for its sockets.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// The end that wakes.
pub(crate) struct Waker(UnixStream);

/// The end that is waited for.
pub(crate) struct Woken(UnixStream);

/// A connected pair.
///
/// # Errors
/// When no descriptor is left.
pub(crate) fn pair() -> io::Result<(Waker, Woken)> {
    let (waker, woken) = UnixStream::pair()?;
    waker.set_nonblocking(true)?;
    woken.set_nonblocking(true)?;
    Ok((Waker(waker), Woken(woken)))
}

impl Waker {
    /// Wakes the other end. A full pipe has a wake in it already; a closed one has no one to wake.
    pub(crate) fn wake(&self) {
        loop {
            match (&self.0).write(&[1]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => return,
            }
        }
    }
}

impl Woken {
    /// Takes all wakes. What they were for is to be looked at afterwards, not before.
    pub(crate) fn take(&self) {
        let mut bytes = [0; 64];
        loop {
            match (&self.0).read(&mut bytes) {
                Ok(read) if read == bytes.len() => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => return,
            }
        }
    }
}

impl AsFd for Woken {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
