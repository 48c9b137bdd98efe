//! Reading the project again while the daemon runs: the folder is compiled, compared with the running program, and taken
//! over between two commits, or refused with the compiler's own words. What is refused changes nothing.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use journey_engine::{LinkError, Program};
use journey_ir as ir;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::deliver::{Courier, Current, Equipment, EquipmentError};
use crate::intake::certificates::{CertificateError, Certificates};
use crate::intake::keyring::{self, KeyringError};
use crate::intake::keys::Keys;
use crate::process::{DeployError, Fate, Handle};
use crate::project::{self, OtherProject};

/// A program, and what the compiler warns of.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The program.
    pub program: ir::Program,
    /// Warnings as people read them; empty where there is none.
    pub warnings: String,
}

/// Compiles the project again, or says what is wrong with it.
#[derive(Clone)]
pub struct Source(Arc<dyn Fn() -> Result<Compiled, String> + Send + Sync>);

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source(…)")
    }
}

impl Source {
    /// A source that compiles like this.
    pub fn new(compile: impl Fn() -> Result<Compiled, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(compile))
    }
}

/// What reading again did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reloaded {
    /// Whether the program is another one than before.
    pub changed: bool,
    /// Whether it runs now; not where only the plan was asked for.
    pub running: bool,
    /// What becomes of each journey, by name.
    pub journeys: Vec<Fate>,
    /// What the compiler warns of.
    pub warnings: String,
}

/// Why everything stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// This daemon was started without a project.
    #[error("this daemon was started without a project that could be read again")]
    NoSource,
    /// The compiler's report.
    #[error("{0}")]
    Problems(String),
    /// It is another project than the one that runs.
    #[error(transparent)]
    OtherProject(#[from] OtherProject),
    /// The channels.
    #[error(transparent)]
    Equipment(#[from] EquipmentError),
    /// The program cannot be executed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The process refuses.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyringError),
    /// The certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// What the daemon keeps at hand for reading again.
#[derive(Debug)]
pub struct Reloader {
    /// Asks the process.
    pub handle: Handle,
    /// Compiles the project.
    pub source: Option<Source>,
    /// The courier of the moment.
    pub current: Arc<Current>,
    /// What a new courier needs.
    pub equipment: Equipment,
    /// The data folder.
    pub data: PathBuf,
    /// The environment, for keys.
    pub environment: fn(&str) -> Option<String>,
    /// The certificate of the intake.
    pub certificates: Option<Arc<Certificates>>,
    /// The keys of the moment.
    pub keys: RwLock<Arc<Keys>>,
    /// The hash of the program that runs. Held while another is taken over, so that two never cross.
    pub running: Mutex<String>,
}

impl Reloader {
    /// The keys of the moment.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the keys again. Says which variables of the environment took the place of keys of the folder.
    pub fn read_keys(&self) -> Result<Vec<&'static str>, KeyringError> {
        let kept = keyring::read(&self.data)?;
        let mut keys = kept.clone();
        for warning in keys.take_environment(self.environment) {
            tracing::warn!("{warning}");
        }
        let taken = keys.taken_in_place_of(&kept);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(taken)
    }

    /// Says what reading the project again would do. Changes nothing.
    pub async fn plan(&self) -> Result<Reloaded, ReloadError> {
        let running = self.running.lock().await;
        let compiled = self.compile().await?;
        self.courier(&compiled.program)?;
        Ok(Reloaded {
            changed: compiled.program.hash() != *running,
            running: false,
            journeys: self.handle.plan(compiled.program).await?,
            warnings: compiled.warnings,
        })
    }

    /// Reads keys, certificate and project again.
    pub async fn reload(&self) -> Result<Reloaded, ReloadError> {
        let mut running = self.running.lock().await;
        self.read_keys()?;
        if let Some(certificates) = &self.certificates {
            certificates.read_again()?;
        }
        let compiled = self.compile().await?;
        let hash = compiled.program.hash();
        if hash == *running {
            return Ok(Reloaded {
                changed: false,
                running: true,
                journeys: self.handle.plan(compiled.program).await?,
                warnings: compiled.warnings,
            });
        }
        // Settings and secrets are found wrong before anything changes.
        let courier = self.courier(&compiled.program)?;
        let before = self.current.courier();
        let current = Arc::clone(&self.current);
        let at_change = Box::new(move |linked: &Arc<Program>| {
            drop(current.put(courier.under(Arc::clone(linked))));
        });
        let journeys = self.handle.deploy(compiled.program, at_change).await?;
        before.close().await;
        *running = hash;
        tracing::info!(journeys = journeys.len(), "daemon.reloaded");
        Ok(Reloaded {
            changed: true,
            running: true,
            journeys,
            warnings: compiled.warnings,
        })
    }

    async fn compile(&self) -> Result<Compiled, ReloadError> {
        let source = self.source.clone().ok_or(ReloadError::NoSource)?;
        let compiled = tokio::task::spawn_blocking(move || (source.0)()).await;
        let compiled = compiled
            .unwrap_or_else(|error| Err(error.to_string()))
            .map_err(ReloadError::Problems)?;
        let running = self.handle.program();
        project::check(&running.ir().project, &compiled.program.project, None)?;
        Ok(compiled)
    }

    fn courier(&self, program: &ir::Program) -> Result<Courier, ReloadError> {
        Ok(Courier::new(Equipment {
            program: linked_alone(program)?,
            ..self.equipment.clone()
        })?)
    }
}

/// A program without the older ones that a store brings: enough to see whether its settings work.
pub(crate) fn linked_alone(program: &ir::Program) -> Result<Arc<Program>, LinkError> {
    Ok(Arc::new(Program::link(Arc::new(program.clone()), &[])?))
}
