//! Load from one thread: requests are built once, and only their numbers are written anew each time, so that what is
//! measured is the server and not whoever asks.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::numbers::Numbers;
use crate::sink::Sink;

/// Stands in a template for the number of a contact.
const CONTACT: &str = "@@@@@@@@";
/// Stands in a template for the same contact once more.
const AGAIN: &str = "%%%%%%%%";
/// Stands in a template for a number that comes once.
const SERIAL: &str = "#########";
/// How often a serial number can be drawn per connection.
const SERIALS: usize = 1_000_000;

/// A request with places for numbers.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    contacts: Vec<usize>,
    /// One for each contact, or none.
    again: Vec<usize>,
    serials: Vec<usize>,
}

impl Template {
    /// A `POST` of a body in which `@@@@@@@@` stands for contacts, `%%%%%%%%` for the same contact once more, and
    /// `#########` for serial numbers.
    pub(crate) fn post(path: &str, body: &str) -> Self {
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic a2V5Og==\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let places = |mark| text.match_indices(mark).map(|(at, _)| at).collect();
        Self {
            contacts: places(CONTACT),
            again: places(AGAIN),
            serials: places(SERIAL),
            bytes: text.into_bytes(),
        }
    }

    /// The request with these numbers in it.
    pub(crate) fn fill(
        &mut self,
        mut contact: impl FnMut() -> usize,
        mut serial: impl FnMut() -> usize,
    ) -> &[u8] {
        for at in &self.contacts {
            digits(&mut self.bytes[*at..*at + CONTACT.len()], contact());
        }
        for (from, to) in self.contacts.iter().zip(&self.again) {
            self.bytes.copy_within(*from..*from + CONTACT.len(), *to);
        }
        for at in &self.serials {
            digits(&mut self.bytes[*at..*at + SERIAL.len()], serial());
        }
        &self.bytes
    }
}

fn digits(place: &mut [u8], mut number: usize) {
    for byte in place.iter_mut().rev() {
        *byte = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Which contacts requests are about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Contacts {
    /// One after the other.
    InOrder,
    /// Any of so many.
    Random(usize),
}

/// How many events may be on their way to becoming mails.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) sink: Sink,
    pub(crate) most: usize,
    /// How many mails there are to be, once everything that was sent has become one.
    pub(crate) expected: Arc<AtomicUsize>,
}

impl Window {
    async fn enter(&self) {
        while self.expected.load(Ordering::Relaxed) >= self.sink.messages() + self.most {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.expected.fetch_add(1, Ordering::Relaxed);
    }
}

/// So many connections that send each time they were answered.
#[derive(Debug, Clone)]
pub(crate) struct Closed {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    /// Requests per connection.
    pub(crate) each: usize,
    pub(crate) template: Template,
    pub(crate) contacts: Contacts,
    /// Tells apart the serial numbers of several runs.
    pub(crate) run: usize,
    /// Where there is one, each waits for it, too.
    pub(crate) window: Option<Window>,
}

/// How long a run took, and what of it this side's own thread took of a processor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    pub(crate) wall: Duration,
    pub(crate) client: Duration,
}

impl Closed {
    /// Runs on a thread of its own.
    pub(crate) fn run(self) -> Took {
        std::thread::scope(|scope| scope.spawn(|| self.here()).join().unwrap())
    }

    fn here(&self) -> Took {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let began = Instant::now();
        runtime.block_on(async {
            let mut clients = tokio::task::JoinSet::new();
            for client in 0..self.connections {
                clients.spawn(self.clone().client(client));
            }
            clients.join_all().await;
        });
        Took {
            wall: began.elapsed(),
            client: thread_time(),
        }
    }

    async fn client(mut self, client: usize) {
        let mut stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut numbers = Numbers(client as u64 + 1);
        let mut serial = (self.run * self.connections + client) * SERIALS;
        let each = self.template.contacts.len() * self.each;
        let mut in_order = client * each..;
        let mut answer = [0; 4096];
        for _ in 0..self.each {
            if let Some(window) = &self.window {
                window.enter().await;
            }
            let contact = || match self.contacts {
                Contacts::InOrder => in_order.next().unwrap(),
                Contacts::Random(of) => numbers.below(of),
            };
            let request = self.template.fill(contact, || {
                serial += 1;
                serial
            });
            stream.write_all(request).await.unwrap();
            let read = stream.read(&mut answer).await.unwrap();
            let said = &answer[..read];
            assert!(
                said.starts_with(b"HTTP/1.1 200"),
                "{}",
                String::from_utf8_lossy(said)
            );
        }
    }
}

/// Sends one request per `1 / rate` seconds, whatever the server does: request `n` is about contact `n`. Gives when each
/// was to be sent. Answers are read when the connection's turn comes again.
pub(crate) fn open(
    address: SocketAddr,
    template: &Template,
    rate: f64,
    requests: usize,
    run: usize,
) -> Vec<Instant> {
    const CONNECTIONS: usize = 64;
    let mut template = template.clone();
    let mut streams: Vec<TcpStream> = (0..CONNECTIONS)
        .map(|_| {
            let stream = TcpStream::connect(address).unwrap();
            stream.set_nodelay(true).unwrap();
            stream
        })
        .collect();
    let began = Instant::now() + Duration::from_millis(50);
    let mut planned = Vec::with_capacity(requests);
    for n in 0..requests {
        let at = began + Duration::from_secs_f64(n as f64 / rate);
        if let Some(wait) = at.checked_duration_since(Instant::now()) {
            std::thread::sleep(wait);
        }
        let stream = &mut streams[n % CONNECTIONS];
        drain(stream);
        let request = template.fill(|| n, || run * SERIALS + n);
        stream.write_all(request).unwrap();
        planned.push(at);
    }
    for stream in &mut streams {
        stream
            .set_read_timeout(Some(Duration::from_millis(200)))
            .unwrap();
        let mut last = [0; 4096];
        // The last answers only have to be let out.
        let _read = stream.read(&mut last);
    }
    planned
}

fn drain(stream: &mut TcpStream) {
    let mut answers = [0; 4096];
    stream.set_nonblocking(true).unwrap();
    match stream.read(&mut answers) {
        Ok(read) => assert!(answers[..read].starts_with(b"HTTP/1.1 200")),
        Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
    }
    stream.set_nonblocking(false).unwrap();
}

/// What this thread has taken of a processor so far.
fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

/// What all threads of this process have taken so far.
pub(crate) fn process_time() -> Duration {
    const TICKS: f64 = 100.0;
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    Duration::from_secs_f64(ticks / TICKS)
}
