//! `journeyd reload`: the running daemon reads its project again.

use crate::cli::control;
use crate::cli::{Data, Exit, complain, say};
use crate::inspect::Table;
use crate::process::Becomes;
use crate::reload::Reloaded;

/// Let the running daemon compile its project again and go on with it
///
/// People inside a journey finish on the version they started on; whoever enters from now on takes the new one. A project
/// with mistakes is refused, with the compiler's report, and the running program goes on. Keys and the certificate are
/// read again too. `kill -HUP` does the same, and tells the log.
#[derive(Debug, clap::Args)]
pub(super) struct Reload {
    #[command(flatten)]
    data: Data,
    /// Only say who would be affected
    #[arg(long)]
    plan: bool,
}

impl Reload {
    pub(super) fn run(&self) -> Exit {
        let path = if self.plan {
            "/v1/reload?plan=true"
        } else {
            "/v1/reload"
        };
        let answer = match control::ask(&self.data.data, "POST", path) {
            Ok(Some(answer)) => answer,
            Ok(None) => {
                let data = self.data.data.display();
                complain(format_args!("no daemon runs on {data}"));
                return Exit::Failed;
            }
            Err(error) => {
                complain(error);
                return Exit::Failed;
            }
        };
        if answer.status == 409 {
            complain(format_args!(
                "nothing was changed; the running program goes on\n{}",
                answer.message()
            ));
            return Exit::Problems;
        }
        match serde_json::from_str(&answer.body) {
            Ok::<Reloaded, _>(reloaded) if answer.status == 200 => {
                super::report(&reloaded.warnings);
                say(told(&reloaded));
                Exit::Fine
            }
            _ => {
                complain(answer.message());
                Exit::Failed
            }
        }
    }
}

/// Who is affected, in words.
pub(super) fn told(reloaded: &Reloaded) -> String {
    if !reloaded.changed {
        let done = if reloaded.running {
            "keys and certificate were read again"
        } else {
            "nothing was read again but the project"
        };
        return format!("the program is the one that runs already; {done}\n");
    }
    let mut table = Table::new(&["Journey", "People inside", "What becomes of it"]);
    for fate in &reloaded.journeys {
        let becomes = match fate.becomes {
            Becomes::New => "new",
            Becomes::Changed => "changed: they finish on the version they started on",
            Becomes::Renamed => "renamed: they go on under the new name",
            Becomes::Removed => "removed: nobody enters, they finish",
            Becomes::Unchanged => "unchanged",
        };
        table.row([
            fate.journey.clone(),
            fate.people_inside.to_string(),
            becomes.to_owned(),
        ]);
    }
    let end = if reloaded.running {
        "it runs now"
    } else {
        "nothing was changed; this is what `journeyd reload` would do"
    };
    format!("{table}\n{end}\n")
}
