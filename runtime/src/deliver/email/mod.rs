//! E-mail: composing a message ([`mod@compose`]) and handing it to a server ([`smtp`]).

pub mod address;
pub mod compose;
pub mod smtp;
mod smtp_url;
mod stream;

pub use compose::{ComposeError, Composed, Letter, Stop, compose};
pub use journey_letters::Fragment;
pub use smtp::{Smtp, Timeouts};
pub use smtp_url::{Server, SmtpUrlError, Tls};
