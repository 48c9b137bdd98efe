//! Who else sends mail into the sink: Postfix's `smtp-source` where it is installed, or else 50 raw connections that
//! write what the protocol allows at once.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::sink::Sink;

/// Connections, as many as a worker of ours has.
const SESSIONS: usize = 50;
/// Where Debian and others put it.
const PLACES: [&str; 3] = [
    "/usr/sbin/smtp-source",
    "/usr/bin/smtp-source",
    "/usr/local/sbin/smtp-source",
];

/// Sends messages of a size into the sink. Gives the name of who sent them, and messages per second.
pub(crate) fn send(sink: &Sink, messages: usize, bytes: usize) -> (&'static str, f64) {
    let before = sink.messages();
    let began = Instant::now();
    let installed = PLACES
        .iter()
        .find(|path| std::path::Path::new(path).exists());
    let who = if let Some(path) = installed {
        smtp_source(path, sink.address, messages, bytes);
        "smtp-source -d -s 50"
    } else {
        raw(sink.address, messages, bytes);
        "50 raw connections with pipelining"
    };
    sink.wait_for(before + messages);
    (who, messages as f64 / began.elapsed().as_secs_f64())
}

fn smtp_source(path: &str, to: SocketAddr, messages: usize, bytes: usize) {
    let status = Command::new(path)
        .args([
            "-d",
            "-s",
            &SESSIONS.to_string(),
            "-m",
            &messages.to_string(),
        ])
        .args(["-l", &bytes.to_string(), "-f", "hello@shop.example"])
        .args(["-t", "somebody@example.com", &format!("inet:{to}")])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

fn raw(to: SocketAddr, messages: usize, bytes: usize) {
    let line = "We have packed what you ordered with care, and it is on its way to you.\r\n";
    let text = format!(
        "Subject: reference\r\n\r\n{}.\r\n",
        line.repeat(bytes / line.len() + 1)
    );
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut sessions = tokio::task::JoinSet::new();
                for session in 0..SESSIONS {
                    let share = messages / SESSIONS + usize::from(session < messages % SESSIONS);
                    sessions.spawn(raw_session(to, share, text.clone()));
                }
                sessions.join_all().await;
            });
        });
    });
}

async fn raw_session(to: SocketAddr, messages: usize, text: String) {
    const HEAD: &[u8] =
        b"MAIL FROM:<hello@shop.example>\r\nRCPT TO:<somebody@example.com>\r\nDATA\r\n";
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = Vec::new();
    until(&mut stream, &mut answer, b"220 ").await;
    stream.write_all(b"EHLO bench\r\n").await.unwrap();
    until(&mut stream, &mut answer, b"250 ").await;
    for _ in 0..messages {
        stream.write_all(HEAD).await.unwrap();
        until(&mut stream, &mut answer, b"354 ").await;
        stream.write_all(text.as_bytes()).await.unwrap();
        until(&mut stream, &mut answer, b"250 ").await;
    }
}

/// Reads until a whole line that starts so.
async fn until(stream: &mut TcpStream, answer: &mut Vec<u8>, start: &[u8]) {
    answer.clear();
    loop {
        assert!(stream.read_buf(answer).await.unwrap() > 0);
        let mut lines = answer.split_inclusive(|byte| *byte == b'\n');
        if lines.any(|line| line.starts_with(start) && line.ends_with(b"\n")) {
            return;
        }
    }
}
