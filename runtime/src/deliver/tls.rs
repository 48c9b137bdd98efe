//! One set of TLS settings for all outgoing connections: rustls with ring, trusting the web's certificate authorities.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// The settings. They are the same for mail and HTTP.
pub(crate) fn client_config() -> Result<ClientConfig, rustls::Error> {
    let roots = webpki_roots::TLS_SERVER_ROOTS
        .iter()
        .cloned()
        .collect::<RootCertStore>();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
