//! Encryption both ways with an authority of our own: mail servers by STARTTLS and from the first byte, and the intake.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use journeyd::clock::ManualClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::attempt::Attempt;
use journeyd::deliver::connector::guard::Reach;
use journeyd::deliver::email::{Fragment, Letter, Server, Smtp, Timeouts, compose};
use journeyd::deliver::tls::Trust;
use journeyd::intake::certificates::CertificateFiles;
use journeyd::secrets::Secrets;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::doubles::NOON;
use crate::shop::{MONDAY, program};

fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
    folder.join(name)
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(file("server.pem")).unwrap();
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(file("server.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Speaks SMTP until the client leaves; gives back the message.
async fn converse<S>(stream: S, greet: bool) -> String
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let (read, mut write) = tokio::io::split(stream);
    let mut lines = BufReader::new(read).lines();
    if greet {
        write.write_all(b"220 ready\r\n").await.unwrap();
    }
    let mut message = String::new();
    let mut inside = false;
    while let Ok(Some(line)) = lines.next_line().await {
        let answer: &[u8] = if inside {
            if line != "." {
                message.push_str(&line);
                continue;
            }
            inside = false;
            b"250 queued\r\n"
        } else if line == "DATA" {
            inside = true;
            b"354 go on\r\n"
        } else {
            b"250 fine\r\n"
        };
        write.write_all(answer).await.unwrap();
    }
    message
}

/// A mail server that encrypts after STARTTLS.
async fn starttls_server() -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 ready\r\n").await.unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let offers = b"250-localhost\r\n250 STARTTLS\r\n";
        stream.write_all(offers).await.unwrap();
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        assert_eq!(line, "STARTTLS\r\n");
        stream.write_all(b"220 begin\r\n").await.unwrap();
        match acceptor().accept(stream.into_inner()).await {
            Ok(stream) => converse(stream, false).await,
            Err(_) => "(no handshake)".to_owned(),
        }
    });
    (port, served)
}

/// A mail server that encrypts from the first byte.
async fn encrypted_server() -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        match acceptor().accept(stream).await {
            Ok(stream) => converse(stream, true).await,
            Err(_) => "(no handshake)".to_owned(),
        }
    });
    (port, served)
}

async fn mail_to(url: &str, trust: Trust) -> Attempt {
    let mail = compose(&Letter {
        key: "00ff",
        from: "Shop <hello@mail.example.kr>",
        reply_to: None,
        to: "minji@example.com",
        subject: "Hello",
        body: vec![Fragment::Markdown("A secret between us.\n")],
        language: "en",
        date: NOON,
        stop: None,
    })
    .unwrap();
    let server = Server::parse(url, &Secrets::fixed([])).unwrap();
    let smtp = Smtp::new(server, Timeouts::default(), trust);
    let attempt = smtp.send(&mail).await;
    smtp.close().await;
    attempt
}

#[tokio::test]
async fn mail_is_encrypted_by_starttls_with_a_server_an_own_authority_vouches_for() {
    let trust = Trust::read(&file("ca.pem")).unwrap();
    let (port, served) = starttls_server().await;
    let url = format!("smtp://localhost:{port}?tls=required");
    let attempt = mail_to(&url, trust).await;
    assert!(matches!(attempt, Attempt::Done { .. }), "{attempt:?}");
    assert!(served.await.unwrap().contains("A secret between us."));
}

#[tokio::test]
async fn mail_is_encrypted_from_the_first_byte_with_a_server_an_own_authority_vouches_for() {
    let trust = Trust::read(&file("ca.pem")).unwrap();
    let (port, served) = encrypted_server().await;
    let attempt = mail_to(&format!("smtps://localhost:{port}"), trust).await;
    assert!(matches!(attempt, Attempt::Done { .. }), "{attempt:?}");
    assert!(served.await.unwrap().contains("A secret between us."));
}

#[tokio::test]
async fn a_mail_server_nobody_vouches_for_gets_no_mail() {
    let (port, served) = starttls_server().await;
    let url = format!("smtp://localhost:{port}?tls=required");
    let attempt = mail_to(&url, Trust::default()).await;
    assert!(matches!(attempt, Attempt::Failed { .. }), "{attempt:?}");
    assert_eq!(served.await.unwrap(), "(no handshake)");
    let (port, served) = encrypted_server().await;
    let attempt = mail_to(&format!("smtps://localhost:{port}"), Trust::default()).await;
    assert!(matches!(attempt, Attempt::Failed { .. }), "{attempt:?}");
    assert_eq!(served.await.unwrap(), "(no handshake)");
}

#[test]
fn a_bundle_without_a_certificate_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("ca.pem");
    std::fs::write(&path, "nothing").unwrap();
    let error = Trust::read(&path).unwrap_err().to_string();
    assert!(error.contains("holds no certificate"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_intake_speaks_tls_where_a_certificate_is_set_and_reads_it_again() {
    let root = tempfile::tempdir().unwrap();
    let files = CertificateFiles {
        chain: root.path().join("chain.pem"),
        key: root.path().join("key.pem"),
    };
    std::fs::copy(file("server.pem"), &files.chain).unwrap();
    std::fs::copy(file("server.key.pem"), &files.key).unwrap();
    let daemon = Daemon::start(
        Options {
            program: program(),
            renamed_from: None,
            data: root.path().join("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            secrets: Secrets::fixed([]),
            reach: Reach::Public,
            clock: Arc::new(ManualClock::at(MONDAY)),
            environment: |_| None,
            facing: Facing {
                certificate: Some(files.clone()),
                ..Facing::default()
            },
        },
        &mut |_| {},
    )
    .await
    .unwrap();
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_file_iter(file("ca.pem")).unwrap() {
        roots.add(authority.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(daemon.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, stream).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // In clear nothing is answered.
    let mut clear = TcpStream::connect(daemon.address).await.unwrap();
    clear.write_all(request).await.unwrap();
    let mut bytes = Vec::new();
    let _broken = clear.read_to_end(&mut bytes).await.is_err();
    assert!(!bytes.starts_with(b"HTTP"), "{bytes:?}");
    // A certificate that cannot be read leaves the old one in place.
    let certificates = daemon.reloader.certificates.clone().unwrap();
    assert!(certificates.read_again().is_ok());
    std::fs::write(&files.chain, "broken").unwrap();
    assert!(certificates.read_again().is_err());
    assert!(daemon.stop().await);
}
