//! NDJSON: each line one call as `POST /v1/batch` takes them, with the time at which it happened.

use std::io::{self, BufRead};
use std::sync::Arc;

use journey_engine::Program;

use super::lines::{LONGEST_LINE, Line, Lines};
use super::read::{BadRow, Reading, Source};
use crate::arrival::Arrival;
use crate::call::{Call, Plain};
use crate::timestamps;
use crate::translate::{Origin, Refused, Translator};

/// The source under which message ids of imported calls are remembered. Files overlap; a call in two of them is one.
const SOURCE: &str = "import";
/// How many bytes of a bad line are kept.
const SHOWN: usize = 2_000;

/// The calls of a file.
#[derive(Debug)]
pub struct Calls<R> {
    lines: Lines<R>,
    translator: Translator,
    /// The stream broke off: there is nothing more to read.
    over: bool,
}

impl<R: BufRead> Calls<R> {
    /// The calls of a file, for a project.
    pub fn new(input: R, program: &Arc<Program>) -> Self {
        Self {
            lines: Lines::new(input),
            translator: Translator::new(Arc::clone(program)),
            over: false,
        }
    }

    /// Counts lines from where the stream stands in its file.
    #[must_use]
    pub fn after(mut self, lines: u64) -> Self {
        self.lines = self.lines.after(lines);
        self
    }

    /// Takes the next line from the file; `None` at its end.
    fn advance(&mut self) -> Option<io::Result<(u64, Line)>> {
        if self.over {
            return None;
        }
        let line = self.lines.next_line();
        self.over = line.is_err();
        line.transpose()
    }

    fn call(&self, line: u64, bytes: &[u8]) -> Reading {
        match self.translated(bytes) {
            Ok((arrivals, problems)) => Reading::Taken {
                arrivals,
                bad: problems
                    .into_iter()
                    .map(|refused| bad(line, refused.code, refused.detail, bytes))
                    .collect(),
            },
            Err(refused) => Reading::Bad(bad(line, refused.code, refused.detail, bytes)),
        }
    }

    fn translated(&self, bytes: &[u8]) -> Result<(Vec<Arrival>, Vec<Refused>), Refused> {
        let call: Call<'_> = serde_json::from_slice(bytes).map_err(|error| {
            Refused::new(
                "not_json",
                format!("the line is not a JSON object: {error}"),
            )
        })?;
        let call = without_sending(call);
        let kind = call.kind.as_ref().and_then(Plain::text).unwrap_or("track");
        let at = timestamps::read("timestamp", call.timestamp.as_ref())
            .map_err(|error| Refused::new("bad_timestamp", error.to_string()))?
            .ok_or_else(|| {
                Refused::new(
                    "missing_timestamp",
                    "a call from the past needs `timestamp`: when it happened",
                )
            })?;
        let origin = Origin {
            source: SOURCE,
            received_at: at,
            sent_at: None,
        };
        let translated = self.translator.item(kind, &call, origin)?;
        Ok((translated.arrivals, translated.problems))
    }
}

/// In a file the moment of sending says nothing about clocks any more: `timestamp` is when it happened.
fn without_sending(mut call: Call<'_>) -> Call<'_> {
    call.sent_at = None;
    let original = call.original_timestamp.take();
    call.timestamp = call.timestamp.or(original);
    call
}

impl<R: BufRead> Source for Calls<R> {
    fn next(&mut self, _program: &Program) -> Option<Reading> {
        Some(match self.advance()? {
            Ok((line, Line::Text(bytes))) => self.call(line, &bytes),
            Ok((line, Line::TooLong)) => {
                let reason = format!("the line is longer than {LONGEST_LINE} bytes");
                Reading::Bad(bad(line, "too_large", reason, &[]))
            }
            Err(error) => {
                let reason = format!("the file cannot be read from here on: {error}");
                Reading::Bad(bad(self.lines.number() + 1, "file_broken", reason, &[]))
            }
        })
    }

    fn skip(&mut self) -> bool {
        self.advance().is_some()
    }
}

fn bad(line: u64, code: &'static str, reason: String, bytes: &[u8]) -> BadRow {
    let shown = bytes.get(..bytes.len().min(SHOWN)).unwrap_or_default();
    BadRow {
        line,
        code,
        reason,
        text: String::from_utf8_lossy(shown).into_owned(),
    }
}
