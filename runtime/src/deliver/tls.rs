//! One set of TLS settings for all outgoing connections: rustls with ring, trusting the web's certificate authorities and
//! those that the operator names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore};

/// Certificate authorities that are trusted beside those of the web.
#[derive(Debug, Clone, Default)]
pub struct Trust(Vec<CertificateDer<'static>>);

/// Why a bundle of authorities cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file.
    #[error("the authorities in `{}` cannot be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: pem::Error,
    },
    /// There is none in it.
    #[error("`{}` holds no certificate; it must be a PEM file with `BEGIN CERTIFICATE`", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// One of them cannot be used.
    #[error("a certificate in `{}` cannot be used: {source}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
}

impl Trust {
    /// Reads a PEM file of authorities.
    pub fn read(path: &Path) -> Result<Self, TrustError> {
        let unreadable = |source| TrustError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let read = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
        let authorities: Vec<_> = read.collect::<Result<_, _>>().map_err(unreadable)?;
        if authorities.is_empty() {
            return Err(TrustError::Empty {
                path: path.to_owned(),
            });
        }
        let trust = Self(authorities);
        trust.roots().map_err(|source| TrustError::Unusable {
            path: path.to_owned(),
            source,
        })?;
        Ok(trust)
    }

    /// The authorities that the operator named.
    pub(crate) fn own(&self) -> &[CertificateDer<'static>] {
        &self.0
    }

    fn roots(&self) -> Result<RootCertStore, rustls::Error> {
        let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        for authority in &self.0 {
            roots.add(authority.clone())?;
        }
        Ok(roots)
    }

    /// The settings. They are the same for mail and HTTP.
    pub(crate) fn client_config(&self) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.roots()?)
            .with_no_client_auth())
    }
}
