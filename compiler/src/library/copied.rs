//! What copying a ready journey comes to.

use crate::problem::{Problems, Text};
use crate::project::LoadedProject;

/// What copying a journey comes to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Copied {
    /// Files to write, new or changed: path in the project, and the whole text.
    pub(crate) files: Vec<(String, String)>,
    /// Names that the project declares itself, and which were left as they are.
    pub(crate) kept: Vec<String>,
    /// Files that are there already, and which were left as they are.
    pub(crate) there: Vec<String>,
    /// What was added to declarations of the project: `purchase.cart_id`.
    pub(crate) grown: Vec<String>,
    /// A journey of the project that has the name of one to copy; then nothing is copied.
    pub(crate) taken: Option<String>,
    /// The currency that amounts in won were changed to.
    pub(crate) currency: Option<String>,
    /// Tests that fail among the project's other journeys, which were made comments: title, and what they say.
    pub(crate) rested: Vec<(String, Text)>,
    /// Tests of the project itself that no longer hold beside the journey: title, and what happens instead. They stay as
    /// they are.
    pub(crate) upset: Vec<(String, Text)>,
    /// The project as it would be, and why it would not compile; then nothing is to be written.
    pub(crate) refused: Option<Box<(LoadedProject, Problems)>>,
}
