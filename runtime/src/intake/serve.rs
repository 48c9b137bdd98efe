//! Connections: what arrives at an address or at the control socket is accepted, encrypted where a certificate is set, and
//! handed to the routes with a note of the door it came by. Nothing is waited for without end.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::certificates::Certificates;
use super::door::Door;

/// The control socket, inside the data folder.
pub const CONTROL_SOCKET: &str = "control.sock";
/// How many connections may be open at once. More wait to be accepted.
const MOST_CONNECTIONS: usize = 8_192;
/// How long a client may take to encrypt.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long a client may take to send the head of a request, and how long a connection may lie idle.
const HEAD_TIME: Duration = Duration::from_secs(75);
/// How large the head of a request may be, in bytes.
const MOST_HEAD: usize = 64 * 1024;
/// How long accepting rests after the system refused: it has run out of something.
const REST: Duration = Duration::from_millis(50);

/// Everything that accepts connections.
#[derive(Debug)]
pub struct Doors {
    /// The network.
    pub network: TcpListener,
    /// The certificate for the network; in clear where there is none.
    pub certificates: Option<Arc<Certificates>>,
    /// The control socket, where the system has one.
    pub control: Option<UnixListener>,
}

/// Opens the control socket of a data folder that this process alone writes.
pub fn control_socket(data: &Path) -> io::Result<UnixListener> {
    let path = data.join(CONTROL_SOCKET);
    // What is there was left by a daemon that was killed: the folder's lock is ours.
    if let Err(error) = std::fs::remove_file(&path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves until `stop` says so; then connections finish what they have begun.
pub async fn serve(doors: Doors, app: Router, mut stop: watch::Receiver<bool>) -> io::Result<()> {
    let Doors {
        network,
        certificates,
        control,
    } = doors;
    let config = certificates.map(|all| all.server_config()).transpose();
    let tls = config.map_err(io::Error::other)?.map(TlsAcceptor::from);
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            break;
        };
        let connection = Connection {
            app: app.clone(),
            watcher: graceful.watcher(),
            _permit: permit,
        };
        tokio::select! {
            accepted = network.accept() => match accepted {
                Ok((stream, from)) => {
                    tokio::spawn(connection.begin(stream, from, tls.clone()));
                }
                Err(error) => refused(&error).await,
            },
            accepted = accept_control(control.as_ref()) => match accepted {
                Ok(stream) => {
                    tokio::spawn(connection.answer(stream, Door::Control));
                }
                Err(error) => refused(&error).await,
            },
            () = stopped(&mut stop) => break,
        }
    }
    drop((network, control));
    graceful.shutdown().await;
    Ok(())
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the daemon itself is gone.
    let _gone = stop.wait_for(|stop| *stop).await.is_err();
}

async fn accept_control(control: Option<&UnixListener>) -> io::Result<tokio::net::UnixStream> {
    match control {
        Some(control) => Ok(control.accept().await?.0),
        None => std::future::pending().await,
    }
}

async fn refused(error: &io::Error) {
    tracing::warn!(%error, "intake.accept_failed");
    tokio::time::sleep(REST).await;
}

/// One connection to be.
struct Connection {
    app: Router,
    watcher: Watcher,
    // Gives its place back when the connection is over.
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    async fn begin(self, stream: TcpStream, from: SocketAddr, tls: Option<TlsAcceptor>) {
        // Answers are small, and waiting to fill a packet would only delay them. Where it cannot be set they are late.
        let _late = stream.set_nodelay(true).is_err();
        let Some(tls) = tls else {
            return self.answer(stream, Door::Network(from)).await;
        };
        // Whoever does not get through the handshake has nothing to be told.
        if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
            self.answer(stream, Door::Network(from)).await;
        }
    }

    async fn answer<I>(self, stream: I, door: Door)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let app = self.app;
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(door);
            app.clone().oneshot(request)
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(MOST_HEAD)
            .serve_connection(TokioIo::new(stream), service);
        // A connection that breaks is the client's affair; it tries again.
        let _broken = self.watcher.watch(connection).await.is_err();
    }
}
