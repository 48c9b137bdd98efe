//! `journeyd outbox`: messages, calls and tasks one by one, with what became of them.

use clap::builder::PossibleValuesParser;
use jiff::tz::TimeZone;

use crate::cli::{Data, Exit, complain, say};
use crate::inspect::{self, OutboxLine, Table, Wanted, local_time};
use crate::store::{Error, SqliteReader, Status};

/// How much of a key is shown: enough to tell one from all others.
const KEY_SHOWN: usize = 16;

/// Show messages, calls and tasks one by one, newest first: those that failed or of which it is not known whether they
/// went out
///
/// The log names effects by their key and tells no more of people; here stand whom it is for and what the provider said.
/// Works while the daemon runs.
#[derive(Debug, clap::Args)]
pub(super) struct Outbox {
    #[command(flatten)]
    data: Data,
    /// Only those of this status; more than one may be named
    #[arg(long, value_name = "STATUS", value_parser = PossibleValuesParser::new(Status::ALL.map(Status::word)))]
    status: Vec<String>,
    /// Only those whose key begins so, of whatever status
    #[arg(long, value_name = "KEY", conflicts_with = "status")]
    key: Option<String>,
    /// How many to show
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Outbox {
    pub(super) fn run(&self) -> Exit {
        let lines = match self.read() {
            Ok(lines) => lines,
            Err(error) => {
                complain(error);
                return Exit::Failed;
            }
        };
        if self.json {
            say(format_args!("{}\n", serde_json::json!(lines)));
        } else if lines.is_empty() && self.status.is_empty() && self.key.is_none() {
            say("nothing failed, and nothing is unclear; `--status` shows others\n");
        } else if lines.is_empty() {
            say("there is none\n");
        } else {
            say(table(&lines));
        }
        Exit::Fine
    }

    fn read(&self) -> Result<Vec<OutboxLine>, Error> {
        let named = |status: &Status| self.status.iter().any(|word| word == status.word());
        let statuses = if self.key.is_some() {
            Vec::new()
        } else if self.status.is_empty() {
            vec![Status::Failed, Status::Unclear]
        } else {
            Status::ALL.into_iter().filter(named).collect()
        };
        let wanted = Wanted {
            statuses,
            key: self.key.as_deref().unwrap_or_default().to_lowercase(),
            most: self.limit,
        };
        inspect::outbox(&mut SqliteReader::open(&self.data.data)?, &wanted)
    }
}

fn table(lines: &[OutboxLine]) -> Table {
    let head = [
        "Decided (UTC)",
        "Contact",
        "Journey",
        "What",
        "Status",
        "Tries",
        "Key",
        "Said",
    ];
    let mut table = Table::new(&head).numbers(&[5]);
    for line in lines {
        let next = line.due.map(|due| local_time(due, &TimeZone::UTC));
        table.row([
            local_time(line.at, &TimeZone::UTC),
            line.contact.clone(),
            line.journey.clone(),
            line.what.clone(),
            next.map_or(line.status.to_owned(), |due| {
                format!("{}, due {due}", line.status)
            }),
            line.attempts.to_string(),
            line.key.chars().take(KEY_SHOWN).collect(),
            line.outcome.clone().unwrap_or_default(),
        ]);
    }
    table
}
