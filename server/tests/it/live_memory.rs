//! An idle socket costs little: the library's own buffers would be 18 times as much.

use std::process::Command;
use std::sync::Arc;

use deskside_db::Dialect;

use crate::durability_process::{Place, Process};
use crate::support::{Actor, Desk, Socket, Wire, run};

/// Sockets of one case at most.
const EACH: usize = 16;
/// Sockets before memory is looked at, and those counted: together below the usual 1024 open files.
const BEFORE: usize = 6 * EACH;
const COUNTED: usize = 30 * EACH;
/// What each may add. Unoptimized about 12 KiB; with the library's buffers it would be over 130.
const BYTES_MAX: u64 = 24 * 1024;

#[test]
fn an_idle_socket_takes_little_memory() {
    run(
        Dialect::Sqlite,
        |_| {},
        async |_: &mut Desk| {
            let place = Place::new();
            let mut env = Command::new("env");
            // One connection, so that what it keeps of the database is there once.
            env.arg("DESKSIDE_DATABASE__READERS=1");
            let process = Process::first_under(env, &place).await;
            let ada = process.administrator(&Arc::new(Wire::new())).await;
            let mut guests = Vec::new();
            for number in 0..(BEFORE + COUNTED) / EACH {
                let case = ada.create_case(&format!("Case {number}")).await;
                let guest = ada.guest_of(&case).await;
                guest.get(&format!("/guest/cases/{case}")).await.expect(200);
                guests.push((guest, case));
            }
            let (first, counted) = guests.split_at(BEFORE / EACH);
            let warm = open(first).await;
            let before = process.memory();
            let more = open(counted).await;
            assert_eq!((warm.len(), more.len()), (BEFORE, COUNTED));
            let each = process.memory().saturating_sub(before) / COUNTED as u64;
            assert!(each < BYTES_MAX, "{each} bytes for each idle socket");
            assert!(each > 1024, "{each} bytes: that measures nothing");
        },
    );
}

/// All sockets that these guests may have, greeted.
async fn open(guests: &[(Actor, String)]) -> Vec<Socket> {
    let mut sockets = Vec::new();
    for (guest, case) in guests {
        for _ in 0..EACH {
            let mut socket = guest
                .live(&format!("/guest/cases/{case}/live"))
                .await
                .unwrap();
            socket.next_of("hello").await;
            sockets.push(socket);
        }
    }
    sockets
}
