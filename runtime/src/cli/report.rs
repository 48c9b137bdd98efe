//! `journeyd report`: what was measured.

use clap::ValueEnum;

use crate::cli::{Data, Exit, complain, say};
use crate::inspect;
use crate::process::{self, OpenError};
use crate::store::SqliteReader;

/// Show what was measured: funnels, KPIs, journeys, lifecycles, audiences
///
/// Works while the daemon runs, and costs it nothing: it reads counters.
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    /// Only this; everything where it is left out
    #[arg(value_enum)]
    what: Option<Part>,
    #[command(flatten)]
    data: Data,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// What can be shown alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Funnels
    Funnel,
    /// KPIs
    Kpi,
    /// Journeys
    Journeys,
    /// Lifecycles
    Lifecycles,
    /// Audiences
    Audiences,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for people
    Table,
    /// JSON for programs
    Json,
}

impl Report {
    pub(super) fn run(&self) -> Exit {
        match self.read() {
            Ok(text) => {
                say(text);
                Exit::Fine
            }
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    fn read(&self) -> Result<String, OpenError> {
        let mut store = SqliteReader::open(&self.data.data)?;
        let program = process::last_program(&mut store)?;
        let journeys = inspect::journeys(&mut store)?;
        let mut report = inspect::report(&mut store, &program)?;
        let part = match self.what {
            None => None,
            Some(Part::Funnel) => Some("funnel"),
            Some(Part::Kpi) => Some("kpi"),
            Some(Part::Lifecycles) => Some("lifecycles"),
            Some(Part::Audiences) => Some("audiences"),
            Some(Part::Journeys) => Some("journeys"),
        };
        if let Some(part) = part {
            report = report.only(part);
        }
        let with_journeys = matches!(self.what, None | Some(Part::Journeys));
        Ok(match self.format {
            Format::Json => {
                let mut json = serde_json::json!(report);
                if with_journeys && let Some(object) = json.as_object_mut() {
                    object.insert("journeys".to_owned(), serde_json::json!(journeys.0));
                }
                format!("{json}\n")
            }
            Format::Table if with_journeys => format!("{report}{journeys}"),
            Format::Table => report.to_string(),
        })
    }
}
