//! The loop of a worker: what gives the rooms their time and their packets.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::Rooms;
use crate::lag::{Lag, Meter};
use crate::port::Port;
use crate::reports::Reports;
use crate::types::OfferError;
use crate::wake::Woken;
use crate::worker::Command;

/// Commands of one turn at most: an answer may take milliseconds, and packets wait meanwhile.
const COMMANDS_A_TURN: usize = 8;

/// The longest wait, so that housekeeping comes around.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// The loop and all it works on.
pub(crate) struct Driver<'a> {
    port: &'a mut Port,
    rooms: Rooms,
    reports: &'a mut Reports,
    lag: &'a Lag,
    meter: Meter,
    commands: &'a Receiver<Command>,
    woken: &'a Woken,
}

impl<'a> Driver<'a> {
    /// A loop over rooms that are new.
    pub(crate) fn new(
        port: &'a mut Port,
        rooms: Rooms,
        reports: &'a mut Reports,
        lag: &'a Lag,
        commands: &'a Receiver<Command>,
        woken: &'a Woken,
    ) -> Driver<'a> {
        Driver {
            port,
            rooms,
            reports,
            lag,
            meter: Meter::new(Instant::now()),
            commands,
            woken,
        }
    }

    /// Runs until told to stop.
    pub(crate) fn run(mut self) {
        loop {
            let due = self
                .rooms
                .next_timeout()
                .map_or(WAIT_MAX, |at| at.saturating_duration_since(Instant::now()))
                .min(WAIT_MAX);
            let mut fds = [PollFd::new(self.woken, PollFlags::IN)];
            let timeout = Timespec::try_from(due).ok();
            let _ = poll(&mut fds, timeout.as_ref());
            self.woken.take();
            let now = Instant::now();
            if !self.obey(now) {
                return;
            }
            self.rooms.timeout(now);
            while let Some(report) = self.rooms.report() {
                self.reports.push(report);
            }
            self.reports.tell();
            self.meter.count(now, Duration::ZERO, self.lag);
        }
    }

    /// Does what it is told. False: to stop.
    fn obey(&mut self, now: Instant) -> bool {
        for _ in 0..COMMANDS_A_TURN {
            match self.commands.try_recv() {
                Ok(Command::Join {
                    room,
                    peer,
                    offer,
                    ask,
                }) => {
                    if ask.is_over() {
                        continue;
                    }
                    let crowded = self.reports.is_full()
                        || (self.meter.is_late() && !self.reports.has_room(room));
                    let answer = if crowded {
                        Err(OfferError::Unavailable)
                    } else {
                        self.rooms.join(now, room, peer, &offer)
                    };
                    let joined = answer.is_ok();
                    while let Some(report) = self.rooms.report() {
                        self.reports.push(report);
                    }
                    if joined {
                        self.reports.joined(room, peer);
                    }
                    if !ask.answer(answer) && joined {
                        self.rooms.leave(now, room, peer);
                    }
                }
                Ok(Command::Offer {
                    room,
                    peer,
                    offer,
                    ask,
                }) => {
                    if !ask.is_over() {
                        let answer = self.rooms.offer(now, room, peer, &offer);
                        ask.answer(answer);
                    }
                }
                Ok(Command::Leave { room, peer }) => self.rooms.leave(now, room, peer),
                Ok(Command::Close { room }) => self.rooms.close(now, room),
                Ok(Command::Stop) | Err(TryRecvError::Disconnected) => return false,
                #[cfg(test)]
                Ok(Command::Fault) => panic!("a fault, as asked for"),
                Err(TryRecvError::Empty) => break,
            }
        }
        true
    }
}
