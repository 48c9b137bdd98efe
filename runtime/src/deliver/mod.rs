//! Delivery.
pub mod attempt;
pub mod email;
mod tls;
pub mod unsubscribe;
