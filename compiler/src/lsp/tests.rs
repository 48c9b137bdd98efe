//! Sessions of an editor with the server, through its real message loop.

mod answers;
mod changes;
mod diagnoses;
mod editor;
mod hostile;
mod positions;
mod renames;
