//! Talking to the running daemon over the control socket in its data folder. Only the daemon's own user can open it, so
//! that no token is needed.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::intake::serve::CONTROL_SOCKET;
use crate::store::error::advice;

/// How long an answer may take: counting a large store again takes a while.
const PATIENCE: Duration = Duration::from_hours(1);

/// An answer of the daemon.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// Asks the daemon that runs on a data folder; `None` where none runs.
pub(super) fn ask(data: &Path, method: &str, path: &str) -> io::Result<Option<Answer>> {
    let socket = data.join(CONTROL_SOCKET);
    let mut stream = match UnixStream::connect(&socket) {
        Ok(stream) => stream,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            return Ok(None);
        }
        Err(error) => {
            let (socket, advice) = (socket.display(), advice(&error));
            let told = format!("{socket} cannot be reached: {error}{advice}");
            return Err(io::Error::new(error.kind(), told));
        }
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!("{method} {path} HTTP/1.0\r\nHost: journeyd\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok(Some(Answer {
        status: status.unwrap_or(0),
        body: body.to_owned(),
    }))
}

impl Answer {
    /// Whether a list in the answer has this in it.
    pub(super) fn names(&self, list: &str, what: &str) -> bool {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        let list = json.get(list).and_then(|it| it.as_array());
        list.is_some_and(|list| list.iter().any(|it| it == what))
    }

    /// What went wrong, in the daemon's words.
    pub(super) fn message(&self) -> String {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        let message = json.get("message").and_then(|it| it.as_str());
        message.map_or_else(|| format!("it answered {}", self.status), str::to_owned)
    }
}
