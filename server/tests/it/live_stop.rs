//! The real program, asked to stop: everyone who is connected hears of it before it ends.

use std::sync::Arc;

use deskside_db::Dialect;
use futures_util::future::join_all;

use crate::durability_process::{Place, Process};
use crate::support::{Desk, Wire, run};

/// Guests with this many sockets each.
const GUESTS: usize = 12;
const EACH: usize = 15;

#[test]
fn a_program_that_stops_says_goodbye_to_every_socket() {
    run(
        Dialect::Sqlite,
        |_| {},
        async |_: &mut Desk| {
            let place = Place::new();
            let process = Process::first(&place).await;
            let ada = process.administrator(&Arc::new(Wire::new())).await;
            let mut sockets = vec![ada.live("/live").await.unwrap()];
            for number in 0..GUESTS {
                let case = ada.create_case(&format!("Case {number}")).await;
                let guest = ada.guest_of(&case).await;
                for _ in 0..EACH {
                    let path = format!("/guest/cases/{case}/live");
                    sockets.push(guest.live(&path).await.unwrap());
                }
            }
            for socket in &mut sockets {
                socket.next_of("hello").await;
            }
            let hearing = join_all(sockets.iter_mut().map(|socket| async {
                socket.next_of("goodbye").await;
                socket.closed().await
            }));
            let (stopped, codes) = futures_util::join!(process.stop(), hearing);
            assert!(stopped.success(), "{stopped}");
            assert!(codes.iter().all(|code| *code == 1012), "{codes:?}");
        },
    );
}
