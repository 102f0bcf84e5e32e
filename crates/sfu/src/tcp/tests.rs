//! Connections of peers and of strangers, on the loopback interface.

use std::io::Write;
use std::net::Ipv4Addr;

use socket2::{Domain, Socket, Type};

use super::*;
use crate::types::Class;

/// A connection check by its looks, framed.
const CHECK: [u8; 22] = [
    0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
];

struct World {
    tcp: Tcp,
    start: Instant,
    to: SocketAddr,
}

impl World {
    fn new() -> World {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("binds");
        listener.set_nonblocking(true).expect("a socket");
        let to = listener.local_addr().expect("bound");
        let start = Instant::now();
        let tcp = Tcp::new(vec![listener], start);
        World { tcp, start, to }
    }

    /// Connects and sends; returns once it was read.
    fn connect(&mut self, bytes: &[u8]) -> (TcpStream, usize) {
        let mut client = TcpStream::connect(self.to).expect("connects");
        client.write_all(bytes).expect("writes");
        wait(&self.tcp.listeners[0]);
        self.tcp.accept(self.start);
        let address = client.local_addr().expect("bound");
        let packets = self.read(address, bytes.len());
        (client, packets)
    }

    /// Waits for bytes from there and reads them; returns how many packets they were.
    fn read(&mut self, address: SocketAddr, bytes: usize) -> usize {
        let mut packets = 0;
        if bytes > 0 && self.tcp.connections.contains_key(&address) {
            wait(&self.tcp.connections[&address].stream);
            self.tcp.read(address, self.start, |_| packets += 1);
        }
        packets
    }

    fn open(&self) -> usize {
        self.tcp.connections.len()
    }
}

/// Waits until there is something to read or accept.
fn wait(socket: &impl AsFd) {
    let mut fds = [rustix::event::PollFd::new(
        socket,
        rustix::event::PollFlags::IN,
    )];
    rustix::event::poll(&mut fds, None).expect("polls");
}

#[test]
fn who_says_nothing_sensible_is_closed_soon() {
    let mut world = World::new();
    let (_silent, _) = world.connect(&[]);
    let (_half, packets) = world.connect(&CHECK[..9]);
    assert_eq!(packets, 0);
    let (_web, packets) = world.connect(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(packets, 0);
    assert_eq!(world.open(), 3);
    world.tcp.flush();
    assert_eq!(world.open(), 2);
    let almost = FIRST_CHECK_MAX
        .checked_sub(Duration::from_millis(1))
        .expect("longer");
    world.tcp.tidy(world.start + almost, |_| false);
    assert_eq!(world.open(), 2);
    world.tcp.tidy(world.start + FIRST_CHECK_MAX, |_| false);
    assert_eq!(world.open(), 0);
}

#[test]
fn what_no_living_peer_uses_is_closed_later() {
    let mut world = World::new();
    let (used, packets) = world.connect(&CHECK);
    assert_eq!(packets, 1);
    let (_spare, _) = world.connect(&CHECK);
    let living = used.local_addr().expect("bound");
    for second in 1..=60 {
        let now = world.start + Duration::from_secs(second);
        world.tcp.tidy(now, |address| address == living);
        let open = if second < 30 { 2 } else { 1 };
        assert_eq!(world.open(), open, "after {second} s");
    }
    world
        .tcp
        .tidy(world.start + Duration::from_secs(95), |_| false);
    assert_eq!(world.open(), 0);
}

#[test]
fn one_address_does_not_take_all() {
    let mut world = World::new();
    let clients: Vec<TcpStream> = (0..CONNECTIONS_PER_ADDRESS_MAX + 10)
        .map(|_| world.connect(&[]).0)
        .collect();
    assert_eq!(world.open(), CONNECTIONS_PER_ADDRESS_MAX);
    drop(clients);
}

#[test]
fn strangers_give_way_and_peers_do_not() {
    let mut world = World::new();
    let (used, _) = world.connect(&CHECK);
    let living = used.local_addr().expect("bound");
    // From many addresses, which all of 127/8 is.
    let connect = |world: &mut World, number: usize| {
        let ip = Ipv4Addr::new(127, 1, (number / 32) as u8, 1);
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket
            .bind(&SocketAddr::from((ip, 0)).into())
            .expect("binds");
        socket.connect(&world.to.into()).expect("connects");
        wait(&world.tcp.listeners[0]);
        world.tcp.accept(world.start);
        TcpStream::from(socket)
    };
    let mut strangers: Vec<TcpStream> = (1..CONNECTIONS_MAX + 5)
        .map(|number| connect(&mut world, number))
        .collect();
    assert_eq!(world.open(), CONNECTIONS_MAX);
    // So far none has had the time to show what it is.
    let refused = strangers.pop().and_then(|stream| stream.local_addr().ok());
    assert!(!refused.is_some_and(|address| world.tcp.connections.contains_key(&address)));

    world.start += UNUSED_GIVES_WAY;
    world.tcp.tidy(world.start, |address| address == living);
    for number in 0..10 {
        let new = connect(&mut world, number);
        let new = new.local_addr().expect("bound");
        assert!(world.tcp.connections.contains_key(&new));
    }
    assert_eq!(world.open(), CONNECTIONS_MAX);
    assert!(world.tcp.connections.contains_key(&living));
}

#[test]
fn an_ipv6_network_is_one_client() {
    let [a, b, c] = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"]
        .map(|text| client(text.parse().expect("an address")));
    assert_eq!(a, b);
    assert_ne!(a, c);
}

#[test]
fn a_reader_that_stalls_keeps_its_sound_and_loses_pictures() {
    let mut world = World::new();
    let (mut client, _) = world.connect(&CHECK);
    let destination = client.local_addr().expect("bound");
    let packet = |class, first| Outgoing {
        protocol: Protocol::Tcp,
        destination,
        bytes: vec![first; 1_000],
        class,
    };
    // Far more than the buffers of both ends take.
    while world.tcp.dropped == 0 {
        world.tcp.push(packet(Class::Video, 1));
        world.tcp.flush();
    }
    world.tcp.dropped = 0;
    for _ in 0..10 {
        world.tcp.push(packet(Class::Audio, 2));
    }
    assert_eq!(world.tcp.take_dropped(), 0);

    client.set_nonblocking(true).expect("a socket");
    let (mut got, mut buffer) = (Vec::new(), vec![0; 65_536]);
    while !world.tcp.connections[&destination].output.is_empty() {
        world.tcp.flush();
        wait(&client);
        let read = client.read(&mut buffer).expect("reads");
        got.extend_from_slice(&buffer[..read]);
    }
    while !got.len().is_multiple_of(1_002) {
        let read = client.read(&mut buffer).unwrap_or_default();
        got.extend_from_slice(&buffer[..read]);
    }
    let frames = || got.chunks(1_002);
    assert!(frames().all(|frame| frame[..2] == 1_000u16.to_be_bytes()));
    assert_eq!(frames().filter(|frame| frame[2] == 2).count(), 10);
    assert_eq!(world.open(), 1);
}
