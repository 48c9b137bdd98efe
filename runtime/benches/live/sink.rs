//! A mail server that takes everything, forgets it, and remembers only when the end of each message was here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How long nothing may arrive before something is called lost.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug)]
struct Taken {
    began: Instant,
    /// When the message to the address of that number was here, in nanoseconds since the beginning; 0 before.
    stamps: Vec<AtomicU64>,
    messages: AtomicUsize,
    bytes: AtomicUsize,
}

/// The server, on a thread of its own.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    taken: Arc<Taken>,
}

impl Sink {
    /// A server that stamps messages to addresses with numbers below `stamps`.
    pub(crate) fn start(stamps: usize) -> Self {
        let taken = Arc::new(Taken {
            began: Instant::now(),
            stamps: (0..stamps).map(|_| AtomicU64::new(0)).collect(),
            messages: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
        });
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&taken);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&shared)));
                }
            });
        });
        Self { address, taken }
    }

    /// How many messages were taken.
    pub(crate) fn messages(&self) -> usize {
        self.taken.messages.load(Ordering::Relaxed)
    }

    /// How many bytes of messages were taken.
    pub(crate) fn bytes(&self) -> usize {
        self.taken.bytes.load(Ordering::Relaxed)
    }

    /// Waits until so many messages are here.
    pub(crate) fn wait_for(&self, messages: usize) {
        let mut last = (self.messages(), Instant::now());
        while last.0 < messages {
            std::thread::sleep(Duration::from_millis(1));
            let now = self.messages();
            if now > last.0 {
                last = (now, Instant::now());
            }
            assert!(
                last.1.elapsed() < PATIENCE,
                "only {now} of {messages} messages came"
            );
        }
    }

    /// When the message to the address of that number was here.
    pub(crate) fn stamp(&self, number: usize) -> Option<Instant> {
        let nanos = self.taken.stamps.get(number)?.load(Ordering::Relaxed);
        (nanos > 0).then(|| self.taken.began + Duration::from_nanos(nanos))
    }
}

/// Commands are answered until `DATA`, then a message is read until its end, and so on.
async fn serve(mut stream: TcpStream, taken: Arc<Taken>) {
    let _late = stream.set_nodelay(true);
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut answers = Vec::new();
    let mut number = None;
    if stream.write_all(b"220 sink\r\n").await.is_err() {
        return;
    }
    let mut in_message = false;
    while matches!(stream.read_buf(&mut buffer).await, Ok(read) if read > 0) {
        if in_message {
            if !buffer.ends_with(b"\r\n.\r\n") {
                continue;
            }
            let nanos = taken.began.elapsed().as_nanos() as u64;
            if let Some(stamp) = number.and_then(|number: usize| taken.stamps.get(number)) {
                stamp.store(nanos, Ordering::Relaxed);
            }
            taken.messages.fetch_add(1, Ordering::Relaxed);
            taken.bytes.fetch_add(buffer.len(), Ordering::Relaxed);
            in_message = false;
            buffer.clear();
            answers.extend_from_slice(b"250 2.0.0 taken\r\n");
        } else {
            while let Some(end) = buffer.windows(2).position(|two| two == b"\r\n") {
                let line: Vec<u8> = buffer.drain(..end + 2).collect();
                let answer: &[u8] = match line.get(..4).unwrap_or_default() {
                    b"EHLO" => b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
                    b"RCPT" => {
                        number = number_in(&line);
                        b"250 2.1.5 yes\r\n"
                    }
                    b"DATA" => {
                        in_message = true;
                        b"354 go ahead\r\n"
                    }
                    b"QUIT" => b"221 bye\r\n",
                    _ => b"250 2.0.0 yes\r\n",
                };
                answers.extend_from_slice(answer);
            }
        }
        if stream.write_all(&answers).await.is_err() {
            return;
        }
        answers.clear();
    }
}

/// The number in an address.
fn number_in(line: &[u8]) -> Option<usize> {
    let digits = line
        .iter()
        .skip_while(|byte| !byte.is_ascii_digit())
        .take_while(|byte| byte.is_ascii_digit());
    digits.fold(None, |number, digit| {
        Some(number.unwrap_or(0) * 10 + usize::from(digit - b'0'))
    })
}
