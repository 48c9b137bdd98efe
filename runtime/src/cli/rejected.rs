//! `journeyd rejected`: what was not accepted, and why.

use jiff::tz::TimeZone;

use crate::cli::{Data, Exit, complain, say};
use crate::inspect::{Table, local_time};
use crate::store::{Error, KeptRejected, Read as _, SqliteReader};

/// Show items that were not accepted, with the reasons, newest first
#[derive(Debug, clap::Args)]
pub(super) struct Rejected {
    #[command(flatten)]
    data: Data,
    /// How many to show
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Only those older than this number
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
    /// Show each item as it was sent
    #[arg(long)]
    payload: bool,
}

impl Rejected {
    pub(super) fn run(&self) -> Exit {
        let items = match self.read() {
            Ok(items) => items,
            Err(error) => {
                complain(error);
                return Exit::Failed;
            }
        };
        if items.is_empty() {
            say("nothing was rejected\n");
            return Exit::Fine;
        }
        let mut table = Table::new(&["Number", "When (UTC)", "Source", "Code", "Reason"]);
        for kept in &items {
            let item = &kept.rejected;
            table.row([
                kept.number.to_string(),
                local_time(item.at, &TimeZone::UTC),
                item.source.clone(),
                item.code.clone(),
                item.detail.clone(),
            ]);
            if self.payload {
                let empty = String::new;
                table.row([empty(), empty(), empty(), empty(), item.payload.clone()]);
            }
        }
        say(table);
        Exit::Fine
    }

    fn read(&self) -> Result<Vec<KeptRejected>, Error> {
        SqliteReader::open(&self.data.data)?.rejected(self.before, self.limit)
    }
}
