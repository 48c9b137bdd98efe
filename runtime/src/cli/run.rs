//! `journeyd run`: the daemon itself.

use std::io::IsTerminal as _;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::cli::logging::{self, LogFormat};
use crate::cli::{Data, Exit, complain, source};
use crate::clock::SystemClock;
use crate::daemon::{Daemon, Facing, Options, StartError};
use crate::deliver::connector::guard::Reach;
use crate::intake::certificates::CertificateFiles;
use crate::intake::{Limits, SPOOL, SPOOL_AFTER};
use crate::process::{OpenError, Progress};
use crate::reload::{ReloadError, Reloaded, Source};
use crate::secrets::Secrets;

/// Bytes in what people call a MB.
const MB: u64 = 1024 * 1024;

/// Run a project: take in events, decide, send
///
/// PROJECT is a folder of .journey files, a single one, or a compiled program.json. Mail is written to a folder until
/// journey.toml names a mail server, so nobody is mailed by accident. Stop it with Ctrl-C or SIGTERM; the next start goes
/// on exactly where this one ended.
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    /// The project, or its compiled program
    project: PathBuf,
    #[command(flatten)]
    data: Data,
    /// What the project was called before: needed once, where its name changed and the data stays
    #[arg(long, value_name = "NAME")]
    renamed_from: Option<String>,
    /// Where to listen for events
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787", value_parser = address)]
    listen: SocketAddr,
    /// The address under which people reach this daemon, for unsubscribe links
    #[arg(long, value_name = "URL", env = "JOURNEY_PUBLIC_URL", value_parser = public_url)]
    public_url: Option<String>,
    /// The certificate of the intake: a PEM file with its chain
    #[arg(
        long,
        value_name = "FILE",
        env = "JOURNEY_TLS_CERT",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate: a PEM file
    #[arg(
        long,
        value_name = "FILE",
        env = "JOURNEY_TLS_KEY",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,
    /// Certificate authorities of your own that mail servers and HTTP peers may use: a PEM file
    #[arg(long, value_name = "FILE", env = "JOURNEY_CA_BUNDLE")]
    ca_bundle: Option<PathBuf>,
    /// How many items a second each write key may send; no limit where it is left out
    #[arg(long, value_name = "N", env = "JOURNEY_RATE_LIMIT")]
    rate_limit: Option<u32>,
    /// How many MB may wait on disk that were answered and are not decided yet; with 0, requests wait instead
    #[arg(long, value_name = "MB", env = "JOURNEY_SPOOL_LIMIT", default_value_t = SPOOL / MB)]
    spool_limit: u64,
    /// With so many KB waiting to be decided, requests are written down, answered and decided later; with 0, all are
    #[arg(long, value_name = "KB", env = "JOURNEY_SPOOL_AFTER", default_value_t = SPOOL_AFTER)]
    spool_after: usize,
    /// Let connectors call addresses of this machine and of private networks
    #[arg(long)]
    allow_private_addresses: bool,
    /// How logs look
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log: LogFormat,
}

/// An address and a port, or the name of a machine and a port.
fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    found.ok_or_else(|| "write an address and a port, as in `127.0.0.1:8787`".to_owned())
}

/// An address that a link in a message can begin with.
fn public_url(text: &str) -> Result<String, String> {
    let is_address = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.query().is_none()
            && url.fragment().is_none()
    };
    let found = Url::parse(text).ok().filter(is_address);
    found.map(|_| text.to_owned()).ok_or_else(|| {
        "write the whole address under which people reach this daemon, as in `https://journeys.example.com`"
            .to_owned()
    })
}

impl Run {
    pub(super) fn run(&self) -> Exit {
        logging::start(self.log);
        let program = match source::load(&self.project) {
            Ok(program) => program,
            Err(error) => {
                complain(error);
                return Exit::Problems;
            }
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        match runtime {
            Ok(runtime) => {
                let exit = runtime.block_on(self.serve(program));
                // A start that was interrupted may still be at work; what it has not committed never happened.
                runtime.shutdown_background();
                exit
            }
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    async fn serve(&self, program: journey_ir::Program) -> Exit {
        // Listened to from the start, so that a signal during a long start is not lost.
        let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hang_up)) = (
            signal(SignalKind::terminate()),
            signal(SignalKind::interrupt()),
            signal(SignalKind::hangup()),
        ) else {
            complain("signals cannot be listened to");
            return Exit::Failed;
        };
        let options = Options {
            program,
            renamed_from: self.renamed_from.clone(),
            data: self.data.data.clone(),
            listen: self.listen,
            public_url: self.public_url.clone(),
            secrets: Secrets::Environment,
            reach: if self.allow_private_addresses {
                Reach::Everywhere
            } else {
                Reach::Public
            },
            clock: Arc::new(SystemClock),
            environment: |name| std::env::var(name).ok(),
            facing: self.facing(),
        };
        // In a task of its own: opening a large store takes a while, and can be interrupted at any time.
        let starting = tokio::spawn(async move {
            let mut progress = |at: Progress| {
                let Progress { done, total } = at;
                tracing::info!(
                    done,
                    total,
                    "deploy.counting_again: events are taken meanwhile"
                );
            };
            Daemon::start(options, &mut progress).await
        });
        let started = tokio::select! {
            started = starting => started,
            _ = terminate.recv() => return Exit::Fine,
            _ = interrupt.recv() => return Exit::Fine,
        };
        let daemon = match started {
            Ok(Ok(daemon)) => daemon,
            Ok(Err(error)) => {
                let exit = exit_of(&error);
                complain(error);
                return exit;
            }
            Err(error) => {
                complain(error);
                return Exit::Failed;
            }
        };
        self.greet(&daemon);
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => {
                    let reloader = Arc::clone(&daemon.reloader);
                    tokio::spawn(async move { tell(reloader.reload().await) });
                }
            }
        }
        tracing::info!("daemon.stopping");
        if daemon.stop().await {
            tracing::info!("daemon.stopped");
        } else {
            tracing::warn!(
                "daemon.stopped_early: what was under way is taken up at the next start"
            );
        }
        Exit::Fine
    }

    /// Says where it listens and how to send a first event. A made key is shown once, on a terminal, and never logged.
    fn greet(&self, daemon: &Daemon) {
        let address = daemon.address;
        tracing::info!(%address, data = %self.data.data.display(), "daemon.listening");
        let encrypted = self.tls_cert.is_some();
        if !address.ip().is_loopback() && !encrypted {
            tracing::warn!(
                "EXPOSED WITHOUT TLS: other machines reach the intake, and everybody in between reads keys and people's \
                 data. Set --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy with TLS"
            );
        }
        if let Some(key) = &daemon.made {
            let scheme = if encrypted { "https" } else { "http" };
            let data = self.data.data.display();
            super::say(format_args!(
                "A write key was made. It is shown only now; `journeyd keys` makes others. Send an event:\n\n  \
                 curl {scheme}://{address}/v1/identify -u {key}: -d '{{\"userId\":\"u1\",\"traits\":{{}}}}'\n\n\
                 See what became of it:\n\n  journeyd contact u1 --data {data}\n\n",
            ));
        }
    }

    fn facing(&self) -> Facing {
        let certificate = self.tls_cert.clone().zip(self.tls_key.clone());
        let project = self.project.clone();
        Facing {
            certificate: certificate.map(|(chain, key)| CertificateFiles { chain, key }),
            authorities: self.ca_bundle.clone(),
            // What is printed elsewhere, such as into the log of a service, is kept there for anybody to read.
            shows_keys: std::io::stdout().is_terminal(),
            limits: Limits {
                rate: self.rate_limit,
                spool: self.spool_limit.saturating_mul(MB),
                spool_after: self.spool_after,
                ..Limits::default()
            },
            source: Some(Source::new(move || source::again(&project))),
        }
    }
}

/// Tells what a restart may mend, such as an address that is taken, from what somebody has to change first.
const fn exit_of(error: &StartError) -> Exit {
    match error {
        StartError::OtherProject(_)
        | StartError::Equipment(_)
        | StartError::Keys(_)
        | StartError::Open(OpenError::Program(_) | OpenError::Link(_)) => Exit::Problems,
        _ => Exit::Failed,
    }
}

/// Says how reading again after a signal went.
fn tell(done: Result<Reloaded, ReloadError>) {
    match done {
        Ok(reloaded) => {
            super::report(&reloaded.warnings);
            let changed = reloaded.changed;
            tracing::info!(changed, "daemon.read_again");
        }
        Err(error) => {
            let reason = gist(&error.to_string());
            tracing::error!(%reason, "daemon.reload_refused: the running program goes on");
            super::report(format_args!("{error}\n"));
        }
    }
}

/// What a report says first, without its drawings: the code of the first problem and its sentence, or the first line.
fn gist(report: &str) -> String {
    let mut lines = report.lines().map(str::trim).filter(|it| !it.is_empty());
    let first = lines.next().unwrap_or_default();
    let sentence = lines.next().and_then(|line| line.strip_prefix('×'));
    sentence.map_or_else(
        || first.to_owned(),
        |sentence| format!("{first}: {}", sentence.trim()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_a_port_and_may_be_a_name() {
        assert_eq!(address("127.0.0.1:1").unwrap().port(), 1);
        assert!(address("localhost:8787").unwrap().ip().is_loopback());
        assert!(address("localhost").is_err());
        assert!(address("").is_err());
    }

    #[test]
    fn the_gist_of_a_report_is_one_line_without_drawings() {
        let report = "J0001 unknown-event\n\n  × `purchas` is no event\n    ╭─[a.journey:2:14]\n";
        assert_eq!(gist(report), "J0001 unknown-event: `purchas` is no event");
        assert_eq!(
            gist("\na.json is no program\nat all"),
            "a.json is no program"
        );
        assert_eq!(gist(""), "");
    }

    #[test]
    fn a_public_address_is_whole() {
        for right in [
            "https://j.example.com",
            "http://127.0.0.1:8787/",
            "https://example.kr/journey",
        ] {
            assert_eq!(public_url(right).as_deref(), Ok(right));
        }
        for wrong in [
            "",
            "foo",
            "foo:8787",
            "j.example.com",
            "/journey",
            "https://",
            "mailto:a@b.c",
            "https://a.b/?x=1",
        ] {
            let told = public_url(wrong).unwrap_err();
            assert!(
                told.contains("https://journeys.example.com"),
                "{wrong}: {told}"
            );
        }
    }
}
