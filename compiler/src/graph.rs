//! Journeys as pictures.
//!
//! Comes in: a compiled journey and its sentences. Goes out: a drawing as SVG or HTML, or the text of a diagram for
//! Mermaid or Graphviz. The layout is our own and needs no program besides this one: blocks are stacked, arms stand
//! side by side, so that nothing can overlap.

mod beside;
mod compare;
mod diagram;
mod draw;
mod icons;
mod layout;
mod measure;
mod page;
mod picture;
mod style;

pub(crate) use beside::beside;
pub(crate) use compare::compare;
pub(crate) use diagram::{dot, mermaid};
pub(crate) use draw::svg;
pub(crate) use page::{escape, html};
pub(crate) use picture::{Picture, Settings, picture};
pub(crate) use style::FONTS;
