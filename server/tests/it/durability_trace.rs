//! No answer leaves before its data is on the disk: read from a trace of the server's system calls.

use std::process::Command;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::durability_process::{Place, Process};
use crate::support::{Desk, Wire, run};
use deskside_db::Dialect;

/// Messages sent, several at once, so that some share a commit.
const MESSAGES: usize = 24;
const AT_ONCE: usize = 8;

#[test]
fn no_message_leaves_before_it_is_on_the_disk() {
    run(
        Dialect::Sqlite,
        |_| {},
        async |_: &mut Desk| {
            let place = Place::new();
            let file = place.folder.path().join("trace");
            let mut strace = Command::new("strace");
            strace
                .args(["-f", "-qq", "-yy", "-s", "9000", "-o"])
                .arg(&file)
                .args([
                    "-e",
                    "trace=fdatasync,fsync,write,pwrite64,writev,sendto,sendmsg",
                    "-e",
                    "signal=none",
                ]);
            let version = Command::new("strace").arg("-V").output();
            assert!(
                version.is_ok(),
                "the Debian package strace is needed: {version:?}"
            );
            let allowed = Command::new("strace")
                .args(["-qq", "-o", "/dev/null", "true"])
                .output()
                .unwrap();
            assert!(
                allowed.status.success(),
                "this machine does not allow tracing (ptrace), which this test cannot do without: {}",
                String::from_utf8_lossy(&allowed.stderr)
            );

            let process = Process::first_under(strace, &place).await;
            let ada = process.administrator(&Arc::new(Wire::new())).await;
            let case = ada.create_case("Nick Evans").await;
            let mut live = ada.live("/live").await.unwrap();
            live.next_of("hello").await;
            let marks: Vec<String> = (0..MESSAGES)
                .map(|number| format!("mark-{number:02}-of-the-trace"))
                .collect();
            for some in marks.chunks(AT_ONCE) {
                join_all(some.iter().map(|mark| ada.send(&case, mark))).await;
            }
            for _ in &marks {
                live.next_event("message.sent").await;
            }
            assert!(process.stop().await.success());

            let text = std::fs::read_to_string(&file).unwrap();
            let calls = parse(&text);
            let mut syncs = Vec::new();
            for mark in &marks {
                syncs.push(sync_before_leaving(&calls, mark));
            }
            syncs.dedup();
            assert!(
                syncs.len() < MESSAGES,
                "no two messages shared a commit, so that was not seen"
            );
        },
    );
}

/// A system call: the lines of the trace where it was entered and where it returned.
struct Call {
    thread: u32,
    name: String,
    arguments: String,
    entered: usize,
    returned: usize,
    succeeded: bool,
}

/// Reads a trace of several threads: a call that another thread interrupts stands on two lines.
fn parse(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let (thread, rest) = line.split_once(' ').expect("a thread");
        let thread: u32 = thread.parse().expect("a thread's number");
        let rest = rest.trim_start();
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let (_, result) = resumed.split_once(" resumed>").expect("the rest of a call");
            let open = calls
                .iter_mut()
                .rev()
                .find(|call| call.thread == thread && call.returned == usize::MAX);
            let call = open.unwrap_or_else(|| panic!("nothing to resume: {line}"));
            call.returned = at;
            call.succeeded = succeeded(result);
            continue;
        }
        if rest.starts_with(['+', '-']) {
            // A thread's end, or a signal.
            continue;
        }
        let (name, arguments) = rest
            .split_once('(')
            .unwrap_or_else(|| panic!("no call: {line}"));
        let unfinished = rest.ends_with("<unfinished ...>");
        calls.push(Call {
            thread,
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            entered: at,
            returned: if unfinished { usize::MAX } else { at },
            succeeded: !unfinished && succeeded(rest),
        });
    }
    calls
}

fn succeeded(text: &str) -> bool {
    let result = text.rsplit(" = ").next().unwrap_or_default();
    result.trim().parse::<i64>().is_ok_and(|result| result >= 0)
}

/// Makes sure that a message left (as the 201 and as a live frame) only after an fdatasync of the log had
/// returned that began after all of the message's data was written. Where that fdatasync stands.
fn sync_before_leaving(calls: &[Call], mark: &str) -> usize {
    let is_log = |call: &Call| call.arguments.contains("deskside.db-wal>");
    let written = calls
        .iter()
        .find(|call| call.name == "pwrite64" && is_log(call) && call.arguments.contains(mark))
        .unwrap_or_else(|| panic!("{mark} was never written to the log"));
    assert!(written.succeeded, "{mark}: {}", written.name);
    // The one thread that writes goes on with the rest of the commit, and then waits for the disk.
    let mut after = calls
        .iter()
        .filter(|call| call.thread == written.thread && call.entered > written.returned);
    let sync = after
        .find(|call| !(call.name == "pwrite64" && is_log(call)))
        .unwrap_or_else(|| panic!("nothing follows the write of {mark}"));
    assert!(
        ["fdatasync", "fsync"].contains(&sync.name.as_str()) && is_log(sync),
        "{mark}: after its write came {}({}",
        sync.name,
        sync.arguments
    );
    assert!(sync.succeeded, "{mark}: the disk failed");

    let leaving: Vec<&Call> = calls
        .iter()
        .filter(|call| call.arguments.contains("<TCP") && call.arguments.contains(mark))
        .collect();
    let answers = leaving
        .iter()
        .filter(|call| call.arguments.contains("HTTP/1.1 201"))
        .count();
    assert_eq!(answers, 1, "{mark}: its answer is not in the trace");
    assert!(
        leaving.len() >= 2,
        "{mark}: its live frame is not in the trace"
    );
    for call in leaving {
        assert!(
            call.entered > sync.returned,
            "{mark} left at line {} by {}, and was on the disk only at line {}",
            call.entered,
            call.name,
            sync.returned
        );
    }
    sync.returned
}
