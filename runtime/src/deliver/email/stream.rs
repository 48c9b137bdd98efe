//! A connection to a mail server: its name and port go in, a stream that sends at once comes out.
//!
//! lettre's own connections wait for the other side's acknowledgement between two small writes (Nagle's algorithm),
//! which costs 44 ms per mail. The streams made here do not.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::deliver::tls;

/// Connects without encryption.
pub(super) async fn plain(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Connects, encrypted from the first byte.
pub(super) async fn encrypted(host: &str, port: u16) -> io::Result<Encrypted> {
    let config = tls::client_config().map_err(io::Error::other)?;
    encrypted_by(config, host, port).await
}

async fn encrypted_by(config: ClientConfig, host: &str, port: u16) -> io::Result<Encrypted> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let stream = plain(host, port).await?;
    let connector = TlsConnector::from(Arc::new(config));
    Ok(Encrypted(connector.connect(name, stream).await?))
}

/// An encrypted stream, in the form lettre takes streams.
#[derive(Debug)]
pub(super) struct Encrypted(TlsStream<TcpStream>);

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lettre::transport::smtp::client::AsyncSmtpConnection;
    use lettre::transport::smtp::extension::ClientId;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use rustls::{RootCertStore, ServerConfig};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    /// A certificate of its own for `localhost`, until 2120.
    const CERTIFICATE: &[u8] = include_bytes!("../../../tests/certificates/localhost.der");
    const KEY: &[u8] = include_bytes!("../../../tests/certificates/localhost.key.der");

    /// A mail server that speaks TLS from the first byte, for one greeting.
    async fn server() -> u16 {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_slice(CERTIFICATE)],
                PrivateKeyDer::try_from(KEY.to_vec()).unwrap(),
            )
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            // A client that does not trust us ends the handshake.
            let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
                return;
            };
            stream.write_all(b"220 ready\r\n").await.unwrap();
            let mut hello = [0; 64];
            let _length = stream.read(&mut hello).await.unwrap();
            stream.write_all(b"250 secret\r\n").await.unwrap();
            stream.flush().await.unwrap();
        });
        port
    }

    #[tokio::test]
    async fn mail_is_spoken_inside_tls_with_a_trusted_server() {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_slice(CERTIFICATE)).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = encrypted_by(config, "localhost", server().await).await;
        let stream = Box::new(stream.unwrap());
        let hello = ClientId::default();
        let connection = AsyncSmtpConnection::connect_with_transport(stream, &hello).await;
        assert_eq!(connection.unwrap().server_info().name(), "secret");
    }

    #[tokio::test]
    async fn a_server_nobody_vouches_for_is_not_spoken_to() {
        let error = encrypted("localhost", server().await).await.unwrap_err();
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}
