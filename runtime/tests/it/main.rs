//! Stories about the daemon, one file per room: real files and real sockets on this machine, nothing beyond loopback,
//! no waiting for real time.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected should fail there and then"
)]

mod agreement;
mod ahead;
mod backlog;
mod busy;
mod clients;
mod daemon;
mod deliver_connector;
mod deliver_courier;
mod deliver_email;
mod deliver_hubspot;
mod deliver_networks;
mod deliver_smtp;
mod deliver_worker;
mod deploys;
mod described;
mod documents;
mod doubles;
mod import;
mod inbox;
mod intake;
mod journal;
mod kill;
mod layouts;
mod logs;
mod measures;
mod operate;
mod overload;
mod people;
mod plain;
mod process;
mod rankings;
mod real_disk;
mod real_logs;
mod recount;
mod safety;
mod second_opinion;
mod shop;
mod spool;
mod starting;
mod store;
mod store_agreement;
mod tls;
mod trouble;
mod whole_way;
mod worker;
