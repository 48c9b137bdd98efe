//! What copying a ready journey comes to.

use super::samples::Samples;
use crate::problem::{Problems, Text};
use crate::project::LoadedProject;

/// A test of the project that no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upset {
    /// What it states.
    pub(crate) title: String,
    /// The file and line of the expectation: `tests/welcome.journey:12`.
    pub(crate) place: String,
    /// That line.
    pub(crate) line: String,
    /// What happens instead.
    pub(crate) instead: Text,
}

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
    /// Tests of the project itself that no longer hold beside the journey. They stay as they are.
    pub(crate) upset: Vec<Upset>,
    /// Warnings that the project did not have before: where, what, and what to do about it.
    pub(crate) warned: Vec<(String, Text, Option<Text>)>,
    /// Lines of messages that hold samples of what only the sender knows.
    pub(crate) samples: Vec<Samples>,
    /// The project as it would be, and why it would not compile; then nothing is to be written.
    pub(crate) refused: Option<Box<(LoadedProject, Problems)>>,
}
