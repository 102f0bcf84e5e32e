//! The SFU on real sockets of the loopback interface.

mod client;
mod flood;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use client::{Client, join_only};
use deskside_sfu::{
    Announce, GoneWhy, OfferError, Options, PeerId, PortChoice, Report, RoomId, RoomReport, Sfu,
    StartError,
};
use str0m::net::Protocol;
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(number))
}

fn peer(number: u128) -> PeerId {
    PeerId(Uuid::from_u128(number))
}

/// An SFU that this machine alone reaches.
fn local() -> Options {
    Options {
        listen: LOCALHOST,
        ..Options::default()
    }
}

/// Waits until it is told that the peer is gone.
async fn gone(reports: &mut Receiver<Report>, who: PeerId) -> GoneWhy {
    let told = async {
        loop {
            let report = reports.recv().await.expect("the workers run");
            match report.what {
                RoomReport::Gone { peer, why } if peer == who => return why,
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told)
        .await
        .expect("the peer goes")
}

#[tokio::test]
async fn two_exchange_sound_and_pictures_by_any_way() {
    let (sfu, _reports) = Sfu::start(local()).unwrap();
    let to = sfu.addresses()[0];
    let ways = [
        [Protocol::Udp, Protocol::Udp],
        [Protocol::Tcp, Protocol::Tcp],
        [Protocol::Udp, Protocol::Tcp],
    ];
    for (number, [one, two]) in (0u128..).zip(ways) {
        let mut one = Client::join(&sfu, room(number), peer(10 * number + 1), one, to).await;
        let mut two = Client::join(&sfu, room(number), peer(10 * number + 2), two, to).await;
        assert_eq!(one.more(25).await.from, Some(to));
        assert_eq!(two.more(25).await.from, Some(to));
    }
    sfu.stop().await;
}

#[tokio::test]
async fn each_peer_is_answered_from_the_address_that_it_asked() {
    let mut ips = vec![
        Ipv4Addr::new(127, 0, 0, 7).into(),
        Ipv4Addr::new(127, 0, 0, 8).into(),
    ];
    // A machine without IPv6 announces none.
    if UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        ips.push(IpAddr::V6(Ipv6Addr::LOCALHOST));
    }
    let announce = ips.iter().copied().map(Announce::Ip).collect();
    let (sfu, _reports) = Sfu::start(Options {
        announce,
        ..Options::default()
    })
    .unwrap();
    let addresses = sfu.addresses();
    assert_eq!(
        addresses.iter().map(SocketAddr::ip).collect::<Vec<_>>(),
        ips
    );
    assert!(
        addresses
            .iter()
            .all(|address| address.port() == addresses[0].port())
    );

    let mut first = Client::join(&sfu, room(1), peer(1), Protocol::Udp, addresses[0]).await;
    for (number, &to) in (2..).zip(&addresses) {
        let mut other = Client::join(&sfu, room(1), peer(number), Protocol::Udp, to).await;
        assert_eq!(
            other.more(10).await.from.map(|from| from.port()),
            Some(to.port())
        );
        first.more(10).await;
        drop(other);
        sfu.leave(room(1), peer(number));
    }
    sfu.stop().await;
}

#[tokio::test]
async fn rooms_live_on_several_workers() {
    let options = Options {
        workers: 2,
        ..local()
    };
    let (sfu, mut reports) = Sfu::start(options).unwrap();
    let ports: Vec<u16> = sfu.addresses().iter().map(SocketAddr::port).collect();
    assert_eq!(ports.len(), 2);
    assert_ne!(ports[0], ports[1]);
    for number in 0..4 {
        let to = sfu.addresses()[number as usize % 2];
        let mut one =
            Client::join(&sfu, room(number), peer(10 * number + 1), Protocol::Udp, to).await;
        let mut two =
            Client::join(&sfu, room(number), peer(10 * number + 2), Protocol::Udp, to).await;
        one.more(10).await;
        two.more(10).await;
        sfu.close(room(number));
        assert_eq!(
            gone(&mut reports, peer(10 * number + 2)).await,
            GoneWhy::Left
        );
    }
    sfu.stop().await;
}

#[tokio::test]
async fn a_pair_goes_on_while_strangers_flood_the_port() {
    let (sfu, mut reports) = Sfu::start(local()).unwrap();
    let to = sfu.addresses()[0];
    let mut one = Client::join(&sfu, room(1), peer(1), Protocol::Udp, to).await;
    let mut two = Client::join(&sfu, room(1), peer(2), Protocol::Tcp, to).await;
    one.more(10).await;
    two.more(10).await;

    let garbage = flood::garbage(to);
    let half_open = flood::half_open(to);
    let slow = flood::slow(to);
    one.more(50).await;
    two.more(50).await;
    assert!(garbage.sent() > 1_000);
    assert!(
        half_open.closed_at_once() > 0,
        "an address that has connected too often is turned away"
    );
    // A command is answered in the middle of it.
    assert!(join_only(&sfu, room(2), peer(3)).await.is_ok());
    sfu.leave(room(2), peer(3));
    assert_eq!(gone(&mut reports, peer(3)).await, GoneWhy::Left);
    assert!(slow.sent() > 0);
    drop((garbage, half_open, slow));
    one.more(10).await;
    two.more(10).await;
    sfu.stop().await;
}

#[tokio::test]
async fn stopping_ends_the_threads_and_frees_the_port() {
    let (sfu, mut reports) = Sfu::start(local()).unwrap();
    let to = sfu.addresses()[0];
    let mut one = Client::join(&sfu, room(1), peer(1), Protocol::Udp, to).await;
    one.until(|far| far.connected).await;
    let clone = sfu.clone();
    sfu.stop().await;
    assert!(matches!(
        join_only(&clone, room(1), peer(2)).await,
        Err(OfferError::Unavailable)
    ));
    clone.leave(room(1), peer(1));
    drop(one);
    // What was told before may still be there; then nothing more can come.
    while reports.recv().await.is_some() {}

    let port = PortChoice::Fixed(to.port());
    let (again, _reports) = Sfu::start(Options { port, ..local() }).unwrap();
    assert_eq!(again.addresses(), [to]);
    again.stop().await;
}

#[tokio::test]
async fn dropping_the_handle_ends_the_threads_too() {
    let (sfu, mut reports) = Sfu::start(local()).unwrap();
    drop(sfu);
    assert_eq!(reports.recv().await, None);
}

#[tokio::test]
async fn a_port_is_the_same_for_both_protocols_or_refused() {
    let taken = TcpListener::bind((LOCALHOST, 0)).unwrap();
    let number = taken.local_addr().unwrap().port();
    let fixed = Sfu::start(Options {
        port: PortChoice::Fixed(number),
        ..local()
    });
    assert!(matches!(fixed, Err(StartError::Port { port, .. }) if port == number));
    let preferred = Options {
        port: PortChoice::Preferred(number),
        ..local()
    };
    let (sfu, _reports) = Sfu::start(preferred).unwrap();
    let to = sfu.addresses()[0];
    assert_ne!(to.port(), number);
    assert!(UdpSocket::bind(to).is_err());
    assert!(TcpListener::bind(to).is_err());
    sfu.stop().await;
}

#[tokio::test]
async fn forwarded_addresses_are_told_as_they_are() {
    let outside: SocketAddr = "203.0.113.9:7000".parse().unwrap();
    let announce = vec![Announce::Address(outside)];
    let (sfu, _reports) = Sfu::start(Options {
        announce,
        ..Options::default()
    })
    .unwrap();
    assert_eq!(sfu.addresses(), [outside]);
    let answer = join_only(&sfu, room(1), peer(1)).await.unwrap();
    let candidates: Vec<&str> = answer
        .lines()
        .filter(|line| line.contains("candidate:"))
        .collect();
    assert!(
        candidates
            .iter()
            .any(|line| line.contains(" udp ") && line.contains("203.0.113.9 7000"))
    );
    assert!(
        candidates
            .iter()
            .any(|line| line.contains(" tcp ") && line.contains("tcptype passive"))
    );
    sfu.stop().await;
}

#[tokio::test]
async fn offers_that_cannot_be_answered_are_refused() {
    let (sfu, _reports) = Sfu::start(local()).unwrap();
    assert_eq!(
        sfu.offer(room(1), peer(1), &client::offer()).await,
        Err(OfferError::Gone)
    );
    for offer in [
        "",
        "v=0\r\n",
        &"a=rtpmap:200 x\r\n".repeat(5_000),
        &"x".repeat(1 << 20),
    ] {
        let refused = sfu.join(room(1), peer(1), offer).await;
        assert!(
            matches!(refused, Err(OfferError::Invalid(_))),
            "{refused:?}"
        );
    }
    assert!(join_only(&sfu, room(1), peer(1)).await.is_ok());
    sfu.stop().await;
}

#[tokio::test]
async fn who_stops_waiting_leaves_no_one_behind() {
    let (sfu, _reports) = Sfu::start(local()).unwrap();
    let offer = client::offer();
    {
        // Asked, and given up before the answer could be taken.
        let mut join = std::pin::pin!(sfu.join(room(1), peer(1), &offer));
        assert!(is_pending_once(join.as_mut()).await);
    }
    // Commands are obeyed in order: this one comes after.
    assert!(join_only(&sfu, room(1), peer(2)).await.is_ok());
    assert_eq!(
        sfu.offer(room(1), peer(1), &offer).await,
        Err(OfferError::Gone)
    );
    sfu.stop().await;
}

/// Polls once; whether the future is not ready.
async fn is_pending_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
    })
    .await
}

#[tokio::test]
async fn an_idle_worker_is_not_late() {
    let (sfu, _reports) = Sfu::start(local()).unwrap();
    assert!(join_only(&sfu, room(1), peer(1)).await.is_ok());
    assert!(sfu.lag() < Duration::from_secs(1));
    sfu.stop().await;
}
