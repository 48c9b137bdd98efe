//! What a change of the program does to each journey: an old and a new program go in, who stays on the old version comes
//! out.

use std::collections::BTreeMap;

use journey_ir as ir;
use serde::{Deserialize, Serialize};

use super::OpenError;
use crate::store::Read;

/// What becomes of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// It was not there before.
    New,
    /// People inside finish on the version they started on; whoever enters from now on takes the new one.
    Changed,
    /// It goes on under another name, with the people inside.
    Renamed,
    /// Nobody enters any more; people inside finish.
    Removed,
    /// Nothing.
    Unchanged,
}

/// One journey under a change of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// The journey.
    pub journey: String,
    /// What becomes of it.
    pub becomes: Becomes,
    /// How many people are inside, on the version that ran until now.
    pub people_inside: i64,
}

impl Fate {
    pub(super) fn log(&self) {
        let fate = match self.becomes {
            Becomes::Unchanged => return,
            Becomes::New => "new",
            Becomes::Changed => "changed: people inside finish on the version they started on",
            Becomes::Renamed => "renamed: people inside go on",
            Becomes::Removed => "removed: nobody enters, people inside finish",
        };
        let (journey, people_inside) = (&self.journey, self.people_inside);
        tracing::info!(%journey, people_inside, "deploy.journey {fate}");
    }
}

/// What becomes of each journey of either program, by name.
pub(super) fn fates(
    store: &mut impl Read,
    old: &ir::Program,
    new: &ir::Program,
) -> Result<Vec<Fate>, OpenError> {
    let mut inside: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (key, n) in store.tallies()? {
        if key.what == "inside" {
            let run = (key.journey.to_string(), key.version.to_string());
            *inside.entry(run).or_default() += n;
        }
    }
    let of_old = old.journeys.iter().map(|journey| {
        let name = new.now_called(&journey.name);
        let now = new.journeys.iter().find(|it| it.name == name);
        let becomes = match now {
            Some(now) if now.version == journey.version && name == journey.name => {
                Becomes::Unchanged
            }
            Some(now) if now.version == journey.version => Becomes::Renamed,
            Some(_) => Becomes::Changed,
            None => Becomes::Removed,
        };
        let run = (journey.name.clone(), journey.version.clone());
        Fate {
            journey: journey.name.clone(),
            becomes,
            people_inside: inside.get(&run).copied().unwrap_or_default(),
        }
    });
    let is_new = |name: &str| {
        let mut before = old.journeys.iter().map(|it| new.now_called(&it.name));
        before.all(|it| it != name)
    };
    let of_new = new.journeys.iter().filter(|journey| is_new(&journey.name));
    let of_new = of_new.map(|journey| Fate {
        journey: journey.name.clone(),
        becomes: Becomes::New,
        people_inside: 0,
    });
    let mut all: Vec<Fate> = of_old.chain(of_new).collect();
    all.sort_by(|one, other| one.journey.cmp(&other.journey));
    Ok(all)
}
