//! Edits since a text was looked at, so that what was found then can be shown where it stands now.

use journey_grammar::tree::Span;

use crate::sources::FileId;

/// How many edits are followed; what is older than that is not shown any more.
const MOST_EDITS: usize = 200;

/// A stretch of a file that was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edit {
    generation: u64,
    file: FileId,
    at: Span,
    inserted: u32,
}

/// The edits of a project, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Drift {
    edits: Vec<Edit>,
    /// What is older than this cannot be followed.
    since: u64,
}

impl Drift {
    /// Notes that `old` became `new` in this generation.
    pub(super) fn note(&mut self, generation: u64, file: FileId, old: &str, new: &str) {
        let before = common(old.bytes(), new.bytes());
        let rest = |text: &str| text.len() - before;
        let after = common(old.bytes().rev(), new.bytes().rev()).min(rest(old).min(rest(new)));
        self.edits.push(Edit {
            generation,
            file,
            at: Span::new(before as u32, (old.len() - after) as u32),
            inserted: (new.len() - after - before) as u32,
        });
        if self.edits.len() > MOST_EDITS {
            self.since = self.edits.remove(0).generation;
        }
    }

    /// Forgets what was before a generation.
    pub(super) fn forget(&mut self, generation: u64) {
        self.edits.retain(|edit| edit.generation > generation);
    }

    /// Whether a file is as it was in a generation.
    pub(super) fn is_unchanged(&self, generation: u64, file: FileId) -> bool {
        generation >= self.since
            && !self
                .edits
                .iter()
                .any(|it| it.file == file && it.generation > generation)
    }

    /// Where a span of a generation stands now; nothing when it was edited.
    pub(super) fn now(&self, generation: u64, file: FileId, span: Span) -> Option<Span> {
        if generation < self.since {
            return None;
        }
        let later = self
            .edits
            .iter()
            .filter(|it| it.file == file && it.generation > generation);
        let mut span = span;
        for edit in later {
            if span.end <= edit.at.start {
                continue;
            }
            if span.start < edit.at.end {
                return None;
            }
            let moved = |at: u32| at - edit.at.len() + edit.inserted;
            span = Span::new(moved(span.start), moved(span.end));
        }
        Some(span)
    }
}

/// How many bytes are the same from the beginning.
fn common(a: impl Iterator<Item = u8>, b: impl Iterator<Item = u8>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Sources;

    #[test]
    fn what_stands_after_an_edit_moves_with_it() {
        let file = Sources::default().add("a.journey", "");
        let mut drift = Drift::default();
        drift.note(2, file, "one two three", "one 2 three");
        let now = |start, end| drift.now(1, file, Span::new(start, end));
        assert_eq!(now(0, 3), Some(Span::new(0, 3)));
        assert_eq!(now(8, 13), Some(Span::new(6, 11)));
        assert_eq!(now(4, 7), None);
        assert_eq!(
            drift.now(2, file, Span::new(8, 9)),
            Some(Span::new(8, 9)),
            "it was looked at after the edit"
        );
    }
}
