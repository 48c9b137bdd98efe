//! Stories about the daemon, one file per room.

mod process;
mod shop;
mod store;
