//! The form of a mail: the template's Markdown and the values for its holes go in, HTML and plain text come out.
//!
//! Reading order: [`markdown`] (values never pass through the parser), `plain_text`, `layout` (the page around the HTML).
//! The daemon sends what comes out of here, and a preview shows the same.

mod footer;
mod layout;
pub mod markdown;
mod plain_text;

pub use footer::say_how_to_stop;
pub use layout::page;
pub use markdown::{Body, Fragment, Written};
