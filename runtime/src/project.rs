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
