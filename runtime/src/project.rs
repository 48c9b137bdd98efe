//! Whose data it is: a data folder is worked on for one project, which is known by its name.

use journey_ir as ir;

use crate::process::{OpenError, last_program};
use crate::store::Read;

/// The program that decided last on this data; `None` where none has.
pub(crate) fn before(store: &mut impl Read) -> Result<Option<ir::Program>, OpenError> {
    match last_program(store) {
        Err(OpenError::NoProgram) => Ok(None),
        found => found.map(Some),
    }
}

/// The data is another project's.
#[derive(Debug, thiserror::Error)]
#[error(
    "this data belongs to the project `{before}`, and this is the project `{now}`. Give it a folder of its own with --data, \
     or, where the project was renamed, say so once: `journeyd run PROJECT --renamed-from {before}` (a project without \
     `[project] name` is called like its folder)"
)]
pub struct OtherProject {
    before: String,
    now: String,
}

/// Refuses the program of another project than the one that the data belongs to.
pub(crate) fn check(
    before: &ir::Project,
    now: &ir::Project,
    renamed_from: Option<&str>,
) -> Result<(), OtherProject> {
    if before.name == now.name || renamed_from == Some(before.name.as_str()) {
        return Ok(());
    }
    Err(OtherProject {
        before: before.name.clone(),
        now: now.name.clone(),
    })
}
