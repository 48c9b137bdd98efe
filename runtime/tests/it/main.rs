//! Stories about the daemon, one file per room.

mod clients;
mod daemon;
mod intake;
mod process;
mod shop;
mod store;
