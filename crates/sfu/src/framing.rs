//! Packets on a TCP connection: each with its length in front (RFC 4571).

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, Write};

use crate::types::Class;

/// The longest packet that is taken: what a UDP packet in a call may be, and then some. What says to be longer is no
/// peer of ours.
const FRAME_MAX: usize = 2_048;

/// Bytes that wait for a connection at most, the kernel's part not counted.
const OUTPUT_MAX: usize = 128 * 1024;

/// Of these, what pictures may take: about half a second of one. More would only delay what comes after.
const OUTPUT_VIDEO_MAX: usize = OUTPUT_MAX / 2;

/// Of these, what pictures and sound may take: feedback still comes through.
const OUTPUT_AUDIO_MAX: usize = OUTPUT_MAX / 4 * 3;

/// Frames of one write at most.
const WRITE_FRAMES: usize = 32;

/// The bytes of a length.
const HEADER: usize = 2;

/// What came is not framed as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadFrame;

/// What came of a packet that is not whole yet. Never longer than one packet.
#[derive(Default)]
pub(crate) struct Input {
    rest: Vec<u8>,
    has_spoken: bool,
}

impl Input {
    /// Takes bytes as they came and hands on each packet that is whole.
    ///
    /// # Errors
    /// When a packet is too long, or the first is no connection check: this is no peer.
    pub(crate) fn take(
        &mut self,
        bytes: &[u8],
        mut packet: impl FnMut(&[u8]),
    ) -> Result<(), BadFrame> {
        // Most reads begin and end with a packet: what is whole is not copied.
        let owned;
        let mut left = if self.rest.is_empty() {
            bytes
        } else {
            self.rest.extend_from_slice(bytes);
            owned = std::mem::take(&mut self.rest);
            owned.as_slice()
        };
        while let Some((header, after)) = left.split_first_chunk::<HEADER>() {
            let length = usize::from(u16::from_be_bytes(*header));
            if length > FRAME_MAX {
                return Err(BadFrame);
            }
            let Some((frame, after)) = after.split_at_checked(length) else {
                break;
            };
            if !self.has_spoken && !is_check(frame) {
                return Err(BadFrame);
            }
            self.has_spoken = true;
            left = after;
            if !frame.is_empty() {
                packet(frame);
            }
        }
        self.rest = left.to_vec();
        Ok(())
    }

    /// Whether a first packet came.
    pub(crate) fn has_spoken(&self) -> bool {
        self.has_spoken
    }
}

/// Whether it is a STUN binding request by its looks (RFC 8489 §5). Who it is from, the rooms find out.
fn is_check(frame: &[u8]) -> bool {
    const HEADER: usize = 20;
    const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
    const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
    frame.len() >= HEADER
        && frame[..2] == BINDING_REQUEST
        && frame[4..8] == COOKIE
        && usize::from(u16::from_be_bytes([frame[2], frame[3]])) + HEADER == frame.len()
}

/// Packets that wait for a connection, whole but for the first.
#[derive(Default)]
pub(crate) struct Output {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// What of the first frame is written.
    written: usize,
}

struct Frame {
    header: [u8; HEADER],
    packet: Vec<u8>,
}

impl Output {
    /// Puts a packet behind the others. False: it is dropped, for there are too many.
    pub(crate) fn push(&mut self, class: Class, packet: Vec<u8>) -> bool {
        let max = match class {
            Class::Control => OUTPUT_MAX,
            Class::Audio => OUTPUT_AUDIO_MAX,
            Class::Video => OUTPUT_VIDEO_MAX,
        };
        let Ok(length) = u16::try_from(packet.len()) else {
            return false;
        };
        let size = HEADER + packet.len();
        if self.bytes + size > max {
            return false;
        }
        self.bytes += size;
        self.frames.push_back(Frame {
            header: length.to_be_bytes(),
            packet,
        });
        true
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Writes until nothing waits or the connection takes no more.
    ///
    /// # Errors
    /// When the connection is broken.
    pub(crate) fn write(&mut self, mut connection: impl Write) -> io::Result<()> {
        while !self.frames.is_empty() {
            match connection.write_vectored(&self.slices()) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => self.advance(written),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn slices(&self) -> Vec<IoSlice<'_>> {
        let mut skip = self.written;
        let mut slices = Vec::with_capacity(2 * WRITE_FRAMES);
        for frame in self.frames.iter().take(WRITE_FRAMES) {
            for part in [frame.header.as_slice(), &frame.packet] {
                let part = &part[skip.min(part.len())..];
                if !part.is_empty() {
                    slices.push(IoSlice::new(part));
                }
                skip = skip.saturating_sub(HEADER);
            }
            skip = 0;
        }
        slices
    }

    fn advance(&mut self, written: usize) {
        self.written += written;
        self.bytes -= written;
        while let Some(frame) = self.frames.front() {
            let size = HEADER + frame.packet.len();
            if self.written < size {
                break;
            }
            self.written -= size;
            self.frames.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check() -> Vec<u8> {
        let mut frame = vec![0x00, 0x01, 0x00, 0x04, 0x21, 0x12, 0xA4, 0x42];
        frame.extend([7; 16]);
        frame
    }

    fn framed(packets: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for packet in packets {
            bytes.extend((packet.len() as u16).to_be_bytes());
            bytes.extend(packet);
        }
        bytes
    }

    #[test]
    fn packets_are_found_however_the_bytes_come() {
        let packets = vec![
            check(),
            vec![1; 1_200],
            vec![],
            vec![2; 3],
            vec![3; FRAME_MAX],
        ];
        let bytes = framed(&packets);
        for size in [1, 2, 3, 7, 24, 1_000, bytes.len()] {
            let mut input = Input::default();
            let mut got = Vec::new();
            for part in bytes.chunks(size) {
                let taken = input.take(part, |packet| got.push(packet.to_vec()));
                assert_eq!(taken, Ok(()));
                assert!(input.rest.len() < HEADER + FRAME_MAX);
            }
            let whole: Vec<_> = packets.iter().filter(|packet| !packet.is_empty()).collect();
            assert_eq!(got.iter().collect::<Vec<_>>(), whole, "in parts of {size}");
        }
    }

    #[test]
    fn what_is_no_peer_is_refused() {
        let mut long = framed(&[check()]);
        long.extend((FRAME_MAX as u16 + 1).to_be_bytes());
        let mut wrong_length = check();
        wrong_length[3] = 8;
        for bytes in [
            b"GET / HTTP/1.1\r\n".to_vec(),
            vec![0x16, 0x03, 0x01, 0x02],
            framed(&[vec![]]),
            framed(&[vec![0; 20]]),
            framed(&[wrong_length]),
            long,
        ] {
            let mut input = Input::default();
            assert_eq!(input.take(&bytes, |_| {}), Err(BadFrame), "{bytes:?}");
        }
    }

    /// Takes a few bytes at each call, then none for one.
    struct Slow {
        got: Vec<u8>,
        step: usize,
        blocks: bool,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.write_vectored(&[IoSlice::new(bytes)])
        }

        fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            self.blocks = !self.blocks;
            if self.blocks {
                return Err(ErrorKind::WouldBlock.into());
            }
            let all: Vec<u8> = slices
                .iter()
                .flat_map(|slice| slice.iter().copied())
                .collect();
            let taken = all.len().min(self.step);
            self.got.extend(&all[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_slow_connection_gets_whole_packets_in_order() {
        let packets: Vec<Vec<u8>> = (0..40u8).map(|n| vec![n; usize::from(n) * 3]).collect();
        for step in [1, 2, 3, 5, 301, 100_000] {
            let mut output = Output::default();
            for packet in &packets {
                assert!(output.push(Class::Audio, packet.clone()));
            }
            let mut slow = Slow {
                got: Vec::new(),
                step,
                blocks: false,
            };
            while !output.is_empty() {
                output.write(&mut slow).expect("writes");
            }
            assert_eq!(slow.got, framed(&packets), "{step} at a time");
            assert_eq!((output.bytes, output.written), (0, 0));
        }
    }

    #[test]
    fn pictures_are_dropped_before_sound_and_sound_before_feedback() {
        let mut output = Output::default();
        let mut fill = |class| {
            (0..)
                .take_while(|_| output.push(class, vec![0; 1_000]))
                .count()
        };
        let counts = [Class::Video, Class::Audio, Class::Control].map(&mut fill);
        assert_eq!(counts, [65, 33, 32]);
        assert_eq!(
            [Class::Video, Class::Audio, Class::Control].map(&mut fill),
            [0; 3]
        );
        assert!(output.bytes <= OUTPUT_MAX);
    }
}
