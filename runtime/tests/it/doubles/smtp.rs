//! A mail server that follows a script. Each connection follows the next plan; the last plan serves all further ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// What the server does at a stage: `greeting`, `EHLO`, `AUTH`, `STARTTLS`, `MAIL`, `RCPT`, `DATA`, `message`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reaction {
    /// Answers this.
    Say(&'static str),
    /// Answers this, byte by byte.
    Drip(&'static str),
    /// Answers one byte now and then, and never a whole line.
    Trickle,
    /// Closes the connection.
    Drop,
    /// Resets the connection.
    Reset,
    /// Says nothing, and keeps the connection.
    Hang,
}

/// How the server behaves on one connection, where it does not simply accept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    reactions: Vec<(&'static str, VecDeque<Reaction>)>,
    offers: Vec<&'static str>,
}

impl Plan {
    pub(crate) fn accept() -> Self {
        Self::default()
    }

    /// The next time the stage is reached.
    pub(crate) fn at(mut self, stage: &'static str, reaction: Reaction) -> Self {
        match self.reactions.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, queue)) => queue.push_back(reaction),
            None => self.reactions.push((stage, VecDeque::from([reaction]))),
        }
        self
    }

    /// An extension in the answer to EHLO.
    pub(crate) fn offering(mut self, extension: &'static str) -> Self {
        self.offers.push(extension);
        self
    }

    fn take(&mut self, stage: &str) -> Option<Reaction> {
        let (_, queue) = self
            .reactions
            .iter_mut()
            .find(|(known, _)| *known == stage)?;
        queue.pop_front()
    }
}

/// What the server saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Connected,
    Command(String),
    Message(String),
    Closed,
}

pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    seen: mpsc::UnboundedReceiver<Seen>,
}

impl SmtpServer {
    pub(crate) async fn start(plans: impl IntoIterator<Item = Plan>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, seen) = mpsc::unbounded_channel();
        let plans = Arc::new(Mutex::new(plans.into_iter().collect::<VecDeque<_>>()));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let plan = {
                    let mut plans = plans.lock().unwrap();
                    if plans.len() > 1 {
                        plans.pop_front().unwrap()
                    } else {
                        plans.front().cloned().unwrap_or_default()
                    }
                };
                tokio::spawn(serve(stream, plan, tell.clone()));
            }
        });
        Self { port, seen }
    }

    /// Everything seen so far.
    pub(crate) fn seen(&mut self) -> Vec<Seen> {
        let mut seen = Vec::new();
        while let Ok(next) = self.seen.try_recv() {
            seen.push(next);
        }
        seen
    }

    /// Waits for the next thing.
    pub(crate) async fn next(&mut self) -> Seen {
        self.seen.recv().await.unwrap()
    }

    /// The messages among everything seen so far.
    pub(crate) fn messages(&mut self) -> Vec<String> {
        let message = |seen| match seen {
            Seen::Message(text) => Some(text),
            _ => None,
        };
        self.seen().into_iter().filter_map(message).collect()
    }
}

async fn serve(stream: TcpStream, mut plan: Plan, tell: mpsc::UnboundedSender<Seen>) {
    // The test may be over before the connection is.
    let tell = move |seen| drop(tell.send(seen));
    stream.set_nodelay(true).unwrap();
    tell(Seen::Connected);
    let mut stream = BufReader::new(stream);
    if react(&mut stream, plan.take("greeting"), "220 double ready").await {
        while let Some(line) = read_line(&mut stream).await {
            let verb = line.split(' ').next().unwrap_or_default().to_uppercase();
            tell(Seen::Command(line));
            let hello = hello(&plan);
            let usual = match verb.as_str() {
                "EHLO" => hello.as_str(),
                "DATA" => "354 go ahead",
                "QUIT" => "221 bye",
                "AUTH" => "235 welcome",
                "STARTTLS" => "454 not now",
                _ => "250 fine",
            };
            let reaction = plan.take(&verb);
            let refused = matches!(reaction, Some(Reaction::Say(text)) if !text.starts_with('3'));
            if !react(&mut stream, reaction, usual).await || verb == "QUIT" {
                break;
            }
            if verb == "DATA" && !refused {
                let Some(message) = read_message(&mut stream).await else {
                    break;
                };
                tell(Seen::Message(message));
                if !react(&mut stream, plan.take("message"), "250 2.0.0 queued as A1").await {
                    break;
                }
            }
        }
    }
    tell(Seen::Closed);
}

fn hello(plan: &Plan) -> String {
    let mut lines: Vec<_> = plan
        .offers
        .iter()
        .map(|offer| format!("250-{offer}"))
        .collect();
    lines.insert(0, "250-double".to_owned());
    lines.push("250 8BITMIME".to_owned());
    lines.join("\r\n")
}

/// Does what the plan says. Says whether the connection goes on.
async fn react(stream: &mut BufReader<TcpStream>, reaction: Option<Reaction>, usual: &str) -> bool {
    let stream = stream.get_mut();
    match reaction {
        None => stream
            .write_all(format!("{usual}\r\n").as_bytes())
            .await
            .is_ok(),
        Some(Reaction::Say(text)) => stream
            .write_all(format!("{text}\r\n").as_bytes())
            .await
            .is_ok(),
        Some(Reaction::Drip(text)) => {
            for byte in format!("{text}\r\n").bytes() {
                stream.write_all(&[byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
            true
        }
        Some(Reaction::Trickle) => loop {
            if stream.write_all(b"2").await.is_err() {
                return false;
            }
            tokio::time::sleep(Duration::from_secs(10)).await;
        },
        Some(Reaction::Drop) => false,
        Some(Reaction::Reset) => {
            stream.set_zero_linger().unwrap();
            false
        }
        Some(Reaction::Hang) => std::future::pending().await,
    }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end().to_owned()),
    }
}

/// Reads up to the lone dot.
async fn read_message(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut message = String::new();
    loop {
        let start = message.len();
        match stream.read_line(&mut message).await {
            Ok(0) | Err(_) => return None,
            Ok(_) if &message[start..] == ".\r\n" => {
                message.truncate(start);
                return Some(message);
            }
            Ok(_) => {}
        }
    }
}
