//! Handing mail to a server: an envelope and a message go in, how it ended comes out.
//!
//! Connections are kept and used again. lettre speaks the protocol; the steps of a mail are taken here, because only the
//! step at which a connection broke tells whether the server may have the mail. Where the server offers pipelining
//! (RFC 2920), all commands before the message travel together.

use std::fmt::Display;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::time::Instant;

use super::compose::Composed;
use super::smtp_url::{Server, Tls};
use super::stream;
use crate::deliver::attempt::Attempt;
use crate::deliver::reason::{Reason, quote};
use crate::deliver::tls::Trust;

/// How long a server may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To connect, encrypt, greet and log in.
    pub connect: Duration,
    /// To answer one command.
    pub command: Duration,
    /// To take the message and answer it; longer, because servers scan it first (RFC 5321 §4.5.3.2).
    pub message: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            command: Duration::from_mins(1),
            message: Duration::from_mins(3),
        }
    }
}

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
const SILENT: &str = "no answer in time";

/// How long a connection may lie idle and still be used. Servers and routers forget them after minutes, some silently.
const IDLE_LIMIT: Duration = Duration::from_mins(1);
/// The most connections kept open while nothing is sent.
const MAX_IDLE: usize = 64;

/// A mail server and the open connections to it.
pub struct Smtp {
    server: Server,
    hello: ClientId,
    timeouts: Timeouts,
    trust: Trust,
    /// Connections not in use, the last used at the end, and since when.
    idle: Mutex<Vec<(Instant, Connection)>>,
}

/// An open connection.
struct Connection {
    smtp: AsyncSmtpConnection,
    /// Whether the server takes several commands at once.
    pipelining: bool,
    /// Whether it cannot be used again.
    spent: bool,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Where a mail stopped.
enum Stopped {
    /// The connection broke, or the server fell silent, before it had any of the message.
    BeforeMessage(String),
    /// The server answered no.
    Answered(Answer),
    /// The connection broke, or the server fell silent, while it had the message.
    WithMessage(String),
}

/// A server's no.
struct Answer {
    code: String,
    said: String,
    /// Whether it will stay a no (5xx).
    permanent: bool,
    /// Whether the server closes the connection (421).
    closing: bool,
}

impl Answer {
    fn reason(&self, ours: &str) -> Reason {
        Reason::quoting(format!("{ours} ({})", self.code), &self.said)
    }
}

impl Smtp {
    /// A server that is connected to at the first mail, and believed where `trust` vouches for it.
    #[must_use]
    pub fn new(server: Server, timeouts: Timeouts, trust: Trust) -> Self {
        Self {
            server,
            hello: ClientId::default(),
            timeouts,
            trust,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Sends one mail.
    pub async fn send(&self, mail: &Composed) -> Attempt {
        // The server may have closed a connection that lay idle. As long as the message itself has not gone out it is
        // safe to start again on another.
        while let Some(mut connection) = self.take_idle() {
            match self.transmit(&mut connection, mail).await {
                Err(Stopped::BeforeMessage(_)) => {}
                Err(Stopped::Answered(answer)) if answer.closing => {}
                ended => return self.finish(connection, ended).await,
            }
        }
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(reason) => {
                // Nobody's data has left yet: an operator reads here why there is no connection.
                let none = format!("no connection to the mail server: {reason}");
                return Attempt::provider_down(Reason::ours(none));
            }
        };
        let ended = self.transmit(&mut connection, mail).await;
        self.finish(connection, ended).await
    }

    /// Says goodbye on all connections that are not in use.
    pub async fn close(&self) {
        while let Some(mut connection) = self.take_idle() {
            let goodbye = tokio::time::timeout(GOODBYE, connection.smtp.quit());
            let _unheard = goodbye.await.is_err();
        }
    }

    async fn finish(
        &self,
        mut connection: Connection,
        ended: Result<Response, Stopped>,
    ) -> Attempt {
        match ended {
            Ok(response) => {
                self.put_idle(connection);
                let said = quote(&response.message().collect::<Vec<_>>().join(" "));
                Attempt::done((!said.is_empty()).then_some(said))
            }
            Err(Stopped::Answered(answer)) => {
                let usable = !answer.closing && !connection.spent;
                if usable && self.command(&mut connection, Rset).await.is_ok() {
                    self.put_idle(connection);
                }
                if answer.permanent {
                    Attempt::refused(answer.reason("the mail server refused"))
                } else if answer.closing {
                    Attempt::provider_down(answer.reason("the mail server is closing"))
                } else {
                    Attempt::failed(answer.reason("the mail server said not now"))
                }
            }
            Err(Stopped::BeforeMessage(why)) => Attempt::provider_down(Reason::quoting(
                "the mail server went away before it had the message",
                &why,
            )),
            Err(Stopped::WithMessage(why)) => Attempt::unclear(Reason::quoting(
                "the mail server did not say whether it took the message",
                &why,
            )),
        }
    }

    async fn transmit(
        &self,
        connection: &mut Connection,
        mail: &Composed,
    ) -> Result<Response, Stopped> {
        let options = options(&connection.smtp, &mail.envelope)?;
        let from = Mail::new(mail.envelope.from().cloned(), options);
        let to = mail.envelope.to().iter().cloned();
        let to = to.map(|to| Rcpt::new(to, Vec::new()));
        if connection.pipelining {
            self.ask_at_once(connection, from, to.collect()).await?;
        } else {
            self.command(connection, from).await?;
            for to in to {
                self.command(connection, to).await?;
            }
            self.command(connection, Data).await?;
        }
        // The end of the message brings a line break of its own.
        let bytes = mail.bytes.strip_suffix(b"\r\n").unwrap_or(&mail.bytes);
        let message = async {
            match at_once(bytes) {
                Some(text) => connection.smtp.command(text).await,
                None => connection.smtp.message(bytes).await,
            }
        };
        match tokio::time::timeout(self.timeouts.message, message).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(answer(&error).map_or_else(
                || Stopped::WithMessage(error.to_string()),
                Stopped::Answered,
            )),
            Err(_) => Err(Stopped::WithMessage(SILENT.to_owned())),
        }
    }

    /// Sends all commands before the message together, and reads what the server says to each.
    async fn ask_at_once(
        &self,
        connection: &mut Connection,
        from: Mail,
        to: Vec<Rcpt>,
    ) -> Result<(), Stopped> {
        let mut commands = from.to_string();
        for to in &to {
            commands.push_str(&to.to_string());
        }
        commands.push_str(&Data.to_string());
        let mut refused = self.command(connection, commands).await.err();
        for _ in &to {
            if !matches!(refused, None | Some(Stopped::Answered(_))) {
                break;
            }
            let said = self.next_answer(connection).await.err();
            refused = refused.or(said);
        }
        match refused {
            None => self.next_answer(connection).await.map(drop),
            Some(Stopped::Answered(answer)) => {
                // A server that now waits for the message all the same must not get one.
                let waits = self.next_answer(connection).await;
                connection.spent = !matches!(waits, Err(Stopped::Answered(_)));
                Err(Stopped::Answered(answer))
            }
            broken => Err(broken.unwrap_or_else(|| Stopped::BeforeMessage(SILENT.to_owned()))),
        }
    }

    async fn command<C: Display>(
        &self,
        connection: &mut Connection,
        command: C,
    ) -> Result<Response, Stopped> {
        self.in_time(connection.smtp.command(command)).await
    }

    async fn next_answer(&self, connection: &mut Connection) -> Result<Response, Stopped> {
        self.in_time(connection.smtp.read_response()).await
    }

    async fn in_time(
        &self,
        asking: impl Future<Output = Result<Response, SmtpError>>,
    ) -> Result<Response, Stopped> {
        match tokio::time::timeout(self.timeouts.command, asking).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(answer(&error).map_or_else(
                || Stopped::BeforeMessage(error.to_string()),
                Stopped::Answered,
            )),
            Err(_) => Err(Stopped::BeforeMessage(SILENT.to_owned())),
        }
    }

    /// Connects, encrypts and logs in. Whatever goes wrong here goes wrong for every mail alike, a wrong password too.
    async fn connect(&self) -> Result<Connection, String> {
        let opened = tokio::time::timeout(self.timeouts.connect, self.open());
        match opened.await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(OpenError::Io(error))) => Err(error.to_string()),
            Ok(Err(OpenError::Smtp(error))) => Err(quote(&error.to_string())),
            Ok(Err(OpenError::NoTls)) => Err(
                "it does not offer STARTTLS; use `smtps://`, or add `?tls=none` to send without encryption".to_owned(),
            ),
            Err(_) => Err(SILENT.to_owned()),
        }
    }

    async fn open(&self) -> Result<Connection, OpenError> {
        let Server { host, port, .. } = &self.server;
        let stream: Box<dyn AsyncTokioStream> = match self.server.tls {
            Tls::Implicit => Box::new(stream::encrypted(&self.trust, host, *port).await?),
            Tls::Required | Tls::IfOffered | Tls::Never => {
                Box::new(stream::plain(host, *port).await?)
            }
        };
        let mut connection =
            AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await?;
        match self.server.tls {
            Tls::Required if !connection.can_starttls() => return Err(OpenError::NoTls),
            Tls::Required | Tls::IfOffered if connection.can_starttls() => {
                let mut parameters = TlsParameters::builder(host.clone());
                for authority in self.trust.own() {
                    let authority = Certificate::from_der(authority.to_vec())?;
                    parameters = parameters.add_root_certificate(authority);
                }
                let parameters = parameters.build_rustls()?;
                connection.starttls(parameters, &self.hello).await?;
            }
            Tls::Implicit | Tls::Required | Tls::IfOffered | Tls::Never => {}
        }
        if let Some(credentials) = &self.server.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        // lettre keeps of the server's extensions only those that it knows.
        let hello = connection.command(Ehlo::new(self.hello.clone())).await?;
        let mut offers = hello.message();
        Ok(Connection {
            pipelining: offers.any(|offer| offer.eq_ignore_ascii_case("PIPELINING")),
            smtp: connection,
            spent: false,
        })
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, connection) = idle.pop()?;
        if since.elapsed() < IDLE_LIMIT {
            return Some(connection);
        }
        // The others lie idle even longer.
        idle.clear();
        None
    }

    fn put_idle(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE && !connection.smtp.has_broken() {
            idle.push((Instant::now(), connection));
        }
    }
}

/// Why a connection could not be opened.
enum OpenError {
    Io(io::Error),
    Smtp(SmtpError),
    NoTls,
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<SmtpError> for OpenError {
    fn from(error: SmtpError) -> Self {
        Self::Smtp(error)
    }
}

/// A message with its end, for one write; `None` where it is no text. A line that starts with a dot gets another one
/// (RFC 5321 §4.5.2).
fn at_once(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut message = text.replace("\r\n.", "\r\n..");
    if message.starts_with('.') {
        message.insert(0, '.');
    }
    message.push_str("\r\n.\r\n");
    Some(message)
}

/// What has to be said about a mail with letters beyond ASCII.
fn options(
    connection: &AsyncSmtpConnection,
    envelope: &Envelope,
) -> Result<Vec<MailParameter>, Stopped> {
    let offers = |extension| connection.server_info().supports_feature(extension);
    let mut options = Vec::new();
    let addresses = envelope.from().into_iter().chain(envelope.to());
    if !addresses.map(AsRef::<str>::as_ref).all(str::is_ascii) {
        if !offers(Extension::SmtpUtfEight) {
            return Err(Stopped::Answered(Answer {
                code: "no SMTPUTF8".to_owned(),
                said: "it cannot write to addresses with letters beyond ASCII".to_owned(),
                permanent: true,
                closing: false,
            }));
        }
        options.push(MailParameter::SmtpUtfEight);
        if offers(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
    }
    Ok(options)
}

/// What the server said, if the error is an answer of the server.
fn answer(error: &SmtpError) -> Option<Answer> {
    let code = error.status()?.to_string();
    let words = std::error::Error::source(error).map(ToString::to_string);
    Some(Answer {
        said: words.unwrap_or_default(),
        permanent: error.is_permanent(),
        closing: code == "421",
        code,
    })
}
