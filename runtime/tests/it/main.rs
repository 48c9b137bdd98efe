//! The daemon's parts against real sockets on this machine: nothing beyond loopback, no waiting for real time.

mod deliver_connector;
mod deliver_courier;
mod deliver_email;
mod deliver_hubspot;
mod deliver_smtp;
mod deliver_worker;
mod doubles;
