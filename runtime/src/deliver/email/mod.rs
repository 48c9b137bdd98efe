//! E-mail: composing a message ([`mod@compose`]) and handing it to a server ([`smtp`]).

pub mod address;
pub mod compose;
mod layout;
pub mod markdown;
mod plain_text;
pub mod smtp;
mod smtp_url;
mod stream;

pub use compose::{ComposeError, Composed, Letter, Stop, compose};
pub use markdown::Fragment;
pub use smtp::{Smtp, Timeouts};
pub use smtp_url::{Server, SmtpUrlError, Tls};
